"""Runs a program as its interpreter would, and writes at its end which files the process had to do with.

usage: python3 record.py OUT PROGRAM [MODULE]      imports nothing that is not built in, so as not to change what it records

A line a file: the module that it is of, or `(mapped)`, or `(opened)` for what Python code opened to read. With MODULE, then a line
`__all__` for each of its public names that it really has.
"""
import atexit
import sys

_out, _program, _module = (sys.argv[1:] + [""])[:3]
_opened = {}


def _hook(event, args):
    """Notes what is opened to read; `open` comes from io, os and the import system alike."""
    if event == "open" and isinstance(args[0], (str, bytes)) and not (args[2] or 0) & 1:  # O_WRONLY
        _opened[args[0]] = True


def _write(out=_out, open=open, sys=sys, opened=_opened, module=_module):
    opened = list(opened)
    lines = []
    for name, loaded in list(sys.modules.items()):
        spec = getattr(loaded, "__spec__", None)
        for path in {getattr(spec, "origin", None), getattr(loaded, "__file__", None)}:
            if isinstance(path, str) and path.startswith("/"):
                lines.append(f"{name}\t{path}\n")
    with open("/proc/self/maps") as maps:
        for path in sorted({line.split(None, 5)[5].strip() for line in maps if "/" in line}):
            if path.startswith("/") and "(deleted)" not in path:
                lines.append(f"(mapped)\t{path}\n")
    for path in opened:
        path = path.decode("utf-8", "surrogateescape") if isinstance(path, bytes) else path
        if "\n" not in path:
            lines.append(f"(opened)\t{path}\n")
    with open(out, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.writelines(lines)
        if module:
            file.writelines(f"__all__\t{name}\n" for name in _names(sys.modules.get(module)))


def _names(module):
    """The names of `__all__` that can be spelled as attributes, and are there."""
    try:
        return [name for name in getattr(module, "__all__", ()) if isinstance(name, str) and name.isidentifier() and _has(module, name)]
    except TypeError:
        return []


def _has(module, name):
    try:
        getattr(module, name)
    except BaseException:  # whatever a module that loads lazily may raise
        return False
    return True


atexit.register(_write)
sys.argv = [_program]
sys.path[0] = _program.rpartition("/")[0]
with open(_program, encoding="utf-8") as _file:
    _code = compile(_file.read(), _program, "exec")
# A module of its own: a star import may bring a name that this one uses (`str`, of locale).
_recorder, _main = sys.modules["__main__"], type(sys)("__main__")
_main.__file__, _main.__builtins__ = _program, __builtins__
sys.modules["__main__"] = _main
sys.addaudithook(_hook)
exec(_code, _main.__dict__)
