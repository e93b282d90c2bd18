"""Runs a script as its interpreter would, and writes at its end which files the process has loaded.

usage: python3 record.py OUT SCRIPT      imports nothing that is not built in, so as not to change what it records
"""
import atexit
import sys

_out, _script = sys.argv[1:3]


def _write(out=_out, open=open, sys=sys):
    with open(out, "w") as file:
        for name, module in list(sys.modules.items()):
            spec = getattr(module, "__spec__", None)
            path = getattr(spec, "origin", None) or getattr(module, "__file__", None)
            if isinstance(path, str) and path.startswith("/"):
                file.write(f"{name}\t{path}\n")
        with open("/proc/self/maps") as maps:
            for path in sorted({line.split(None, 5)[5].strip() for line in maps if "/" in line}):
                if path.startswith("/") and "(deleted)" not in path:
                    file.write(f"(mapped)\t{path}\n")


atexit.register(_write)
sys.argv = [_script]
sys.path[0] = _script.rpartition("/")[0]
__file__ = _script
with open(_script, encoding="utf-8") as _file:
    _code = compile(_file.read(), _script, "exec")
exec(_code)
