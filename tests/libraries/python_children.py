# requires:
"""The ways to start the interpreter, each with a module of its own."""
import os
import shutil
import subprocess
import sys


def tool(*arguments):
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True).stdout


def finish(pid):
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


print(tool("-m", "calendar", "2020", "2"))
print(finish(os.posix_spawn(sys.executable, [sys.executable, "-m", "tabnanny", __file__], os.environ)))
print(os.spawnl(os.P_WAIT, sys.executable, "python", "-m", "py_compile", os.devnull))
print(os.waitstatus_to_exitcode(os.system(f"{sys.executable} -m pyclbr {__file__} > /dev/null")))
print(subprocess.check_output([shutil.which("python3"), "-m", "quopri", os.devnull]))
child = os.fork()
if child == 0:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.execl(sys.executable, "python", "-m", "symtable", __file__)
print(finish(child))
