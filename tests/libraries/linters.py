# requires: mypy flake8 isort bandit autopep8
import pathlib
import subprocess

source = pathlib.Path("/tmp/m.py")
source.write_text("import os,sys\ndef f(a: int) -> str:\n    return a\nassert eval('1')\n")
for command in ["mypy", "--no-incremental"], ["flake8"], ["isort", "--check"], ["bandit", "-q"], ["autopep8", "--diff"]:
    run = subprocess.run([*command, str(source)], capture_output=True, text=True, cwd="/tmp")
    print(command[0], run.returncode, len(run.stdout) > 0)
