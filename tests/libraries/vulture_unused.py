# requires: vulture
import pathlib
import subprocess

source = pathlib.Path("/tmp/m.py")
source.write_text("import collections, argparse, logging\ndef unused():\n    return 1\nclass A(argparse.Action):\n    def __call__(self): pass\nprint(logging)\n")
run = subprocess.run(["vulture", str(source)], capture_output=True, text=True)
print(run.returncode, run.stdout, run.stderr)
