# requires: cython
import pathlib
import subprocess

pathlib.Path("/tmp/m.pyx").write_text("def f(int a): return a + 1\ncdef class A:\n    cdef public int x\n")
run = subprocess.run(["cython", "-3", "m.pyx"], cwd="/tmp", capture_output=True, text=True)
print(run.returncode, run.stderr, pathlib.Path("/tmp/m.c").stat().st_size > 1000)
