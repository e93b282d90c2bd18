# requires: gunicorn flask
import os
import signal
import subprocess
import sys
import time
import urllib.request

with open("/tmp/wsgi.py", "w") as file:
    file.write("from flask import Flask\napp = Flask('x')\napp.add_url_rule('/', 'i', lambda: 'served')\n")
for worker in ("sync", "gthread"):
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-k", worker, "-b", "127.0.0.1:8099", "--chdir", "/tmp", "wsgi:app"],
        stderr=subprocess.DEVNULL)
    for _ in range(100):
        try:
            print(worker, urllib.request.urlopen("http://127.0.0.1:8099/").read())
            break
        except OSError:
            time.sleep(0.1)
    os.kill(process.pid, signal.SIGTERM)
    print(process.wait())
