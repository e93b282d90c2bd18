"""Lists modules, and runs programs that import them, in the tree that it is started in.

usage: python3 drive.py REQUEST ANSWER      both JSON; see `main` for their keys
"""
import importlib.machinery
import json
import keyword
import os
import subprocess
import sys
import sysconfig

PROGRAM = "/app/p.py"  # a name that means nothing: words of commands count as names
RECORD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "record.py")
SUFFIXES = sorted(importlib.machinery.all_suffixes(), key=len, reverse=True)
NOT_PUBLIC = {"test", "tests", "conftest"}
NOT_IN_IMAGE = ("/proc/", "/sys/", "/dev/", "/tmp/", "/app/")
SECONDS = 30


def module_name(parts):
    """The module that a file of these parts (below a folder of sys.path) is, or None."""
    suffix = next((s for s in SUFFIXES if parts[-1].endswith(s)), None)
    if suffix is None:
        return None
    names = [*parts[:-1], parts[-1][: -len(suffix)]]
    if names[-1] == "__init__":
        names.pop()
    good = names and all(n.isidentifier() and not keyword.iskeyword(n) and not n.startswith("__") for n in names)
    return ".".join(names) if good else None


def library():
    """Every module of the standard library but its own tests in the package `test`: folders, and what is built in."""
    top = sysconfig.get_path("stdlib")
    found = {name for name in sys.builtin_module_names if name != "__main__"}
    for folder in (top, os.path.join(top, "lib-dynload")):
        for inside, folders, files in os.walk(folder):
            below = os.path.relpath(inside, folder).split(os.sep) if inside != folder else []
            leave_out = {"site-packages", "dist-packages", "lib-dynload", "test", "__pycache__"} if not below else {"__pycache__"}
            folders[:] = [f for f in folders if f not in leave_out and f.isidentifier()]
            found.update(filter(None, (module_name([*below, file]) for file in files)))
    return sorted(found)


def distribution(name):
    """The version of an installed distribution, and the public modules that its list of files holds."""
    import importlib.metadata

    found = importlib.metadata.distribution(name)
    names = {module_name(file.parts) for file in found.files or [] if ".." not in file.parts and ".dist-info" not in str(file)}
    public = {n for n in names if n and not any(part.startswith("_") or part in NOT_PUBLIC for part in n.split("."))}
    return found.version, sorted(public)


def source_of(module, mode, names):
    if mode == "star":
        return f"from {module} import *\n"
    return f"import {module}\n" + "".join(f"{module}.{name}\n" for name in names if mode == "names")


def places(path):
    """The file that a path means, and every symlink on the way to it."""
    found, done, left = [], "", [p for p in path.split("/") if p]
    while left and len(found) < 40:
        done = os.path.normpath(f"{done}/{left.pop(0)}")
        if os.path.islink(done):
            found.append(done)
            target = os.readlink(done)
            left = [p for p in target.split("/") if p] + left
            done = "" if target.startswith("/") else os.path.dirname(done)
    return [*found, done]


def counts(path):
    """Whether a path that was recorded is a file that an image has to keep."""
    if not path.startswith("/") or path.startswith(NOT_IN_IMAGE) or not os.path.isfile(path):
        return False
    folder, name = os.path.split(path)
    if os.path.basename(folder) == "__pycache__":
        source = os.path.join(os.path.dirname(folder), name.split(".", 1)[0] + ".py")
        return not os.path.exists(source)
    return True


def run(source, out, module=""):
    """Runs one program. Returns why it failed (None if it did not), the files it had to do with, the names of `__all__`."""
    with open(PROGRAM, "w") as file:
        file.write(source)
    if os.path.exists(out):
        os.unlink(out)
    try:
        done = subprocess.run([sys.executable, RECORD, out, PROGRAM, module], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, timeout=SECONDS, errors="replace", cwd="/")
    except subprocess.TimeoutExpired:
        return f"does not end within {SECONDS} s", [], []
    if done.returncode or not os.path.exists(out):
        said = [line for line in done.stderr.splitlines() if line.strip()]
        return (said[-1][:200] if said and done.returncode > 0 else f"ends with status {done.returncode}"), [], []
    files, names = set(), []
    with open(out, encoding="utf-8", errors="surrogateescape") as lines:
        for line in lines:
            kind, _, value = line.rstrip("\n").partition("\t")
            if kind == "__all__":
                names.append(value)
            elif counts(os.path.join("/", value)):
                files.update(places(os.path.join("/", value)))
    return None, sorted(files), names


def programs(wanted, out):
    """The programs of each wanted module and mode, as Python itself runs them."""
    for module, modes in wanted:
        why, files, names = (None, [], [])
        if modes != ["star"]:
            why, files, names = run(source_of(module, "import", []), out, module)
        for mode in modes:
            source, of_mode, reason = source_of(module, mode, names), files, why
            if mode == "names" and not names and not why:
                continue  # it would be the program that only imports
            if mode != "import" and not why:
                reason, of_mode, _ = run(source, out)
            yield {"module": module, "mode": mode, "source": source, "fails": reason, "files": of_mode}


def main(request, answer):
    """`{"list": NAME or null}` → version and modules; `{"run": [[MODULE, [MODE...]]...]}` → a list of programs."""
    with open(request) as file:
        asked = json.load(file)
    if "run" in asked:
        os.makedirs(os.path.dirname(PROGRAM), exist_ok=True)
        said = list(programs(asked["run"], answer + ".files"))
    elif asked["list"] is None:
        said = [".".join(map(str, sys.version_info[:3])), library()]
    else:
        said = distribution(asked["list"])
    with open(answer, "w") as file:
        json.dump(said, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
