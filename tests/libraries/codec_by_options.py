# requires:
"""Options of a file that come from a document."""
import json
import os
import tempfile

options = json.loads('{"mode": "r", "encoding": "windows-1251"}')
handle, path = tempfile.mkstemp()
os.write(handle, b"\xcf\xf0\xe8\xe2\xe5\xf2\n")
os.close(handle)
with open(path, **options) as lines:
    print(ascii(lines.read()))
os.unlink(path)
