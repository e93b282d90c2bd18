# requires:
"""A log in the encoding that its settings say."""
import json
import logging.config
import os
import tempfile

settings = json.loads('{"encoding": "shift_jis"}')
handle, path = tempfile.mkstemp()
os.close(handle)
handlers = {"file": {"class": "logging.FileHandler", "filename": path, "encoding": settings["encoding"]}}
logging.config.dictConfig({"version": 1, "handlers": handlers, "root": {"handlers": ["file"]}})
logging.warning("\u3042")
logging.shutdown()
with open(path, "rb") as log:
    print(log.read())
os.unlink(path)
