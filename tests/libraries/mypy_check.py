# requires: mypy
import pathlib

from mypy import api

pathlib.Path("/tmp/t.py").write_text("import json, typing\ndef f(x: int) -> str:\n    return x\nreveal_type(json.dumps({}))\n")
out, err, status = api.run(["--cache-dir=/tmp/c", "--no-error-summary", "/tmp/t.py"])
print(status, out, err)
