# requires:
"""A file in an encoding that is a setting, given by its place."""
import codecs
import json
import os
import tempfile

settings = json.loads('{"codec": "cp866"}')
handle, path = tempfile.mkstemp()
os.write(handle, b"\x8f\xe0\xa8\xa2\xa5\xe2\n")
os.close(handle)
with codecs.open(path, "r", settings["codec"]) as lines:
    print(ascii(lines.read()))
os.unlink(path)
