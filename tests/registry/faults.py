"""A proxy in front of a registry that fails as it is told to, and a token server. Standard library alone.

usage: faults.py UPSTREAM PORT CONTROL_DIR

Every request is passed on to http://UPSTREAM, unless the file CONTROL_DIR/fault says otherwise. It holds lines of
    METHOD PATH-PART TIMES FAULT [ARGUMENT]
of which the first that fits and has times left counts. Faults: `status 503`, `cut 1000` (the connection ends after so many bytes of the
body), `delay 2` (seconds), `flip` (one byte of the body), `short` (the body lacks a byte and says so), `redirect HOST:PORT` (to another proxy,
which is to see no login), `unauthorized` (401 once, without a challenge), `limit 1` (429 with Retry-After).
If CONTROL_DIR/login exists, it holds `NAME:PASSWORD`: a token of /token is needed, which holds for CONTROL_DIR/lasts requests.
What comes is written to CONTROL_DIR/log: method, path, and whether there was an Authorization header.
"""

import base64
import http.client
import http.server
import json
import pathlib
import secrets
import sys
import threading
import time
import urllib.parse

UPSTREAM, PORT, CONTROL = sys.argv[1], int(sys.argv[2]), pathlib.Path(sys.argv[3])
LOCK = threading.Lock()
TOKENS = {}
USED = {}


def read(name):
    path = CONTROL / name
    return path.read_text().strip() if path.exists() else None


def fault_for(method, path):
    with LOCK:
        text = read("fault") or ""
        for number, line in enumerate(text.splitlines()):
            words = line.split()
            if not words or words[0] not in (method, "*") or words[1] not in path:
                continue
            key = f"{text}#{number}"
            if USED.get(key, 0) >= int(words[2]):
                continue
            USED[key] = USED.get(key, 0) + 1
            return words[3:]
    return []


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, headers=(), body=b""):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def token(self, query):
        login = read("login")
        basic = "Basic " + base64.b64encode(login.encode()).decode() if login else None
        if self.headers.get("Authorization") != basic:
            return self.answer(401, [], b"{}")
        token = secrets.token_hex(16)
        TOKENS[token] = [0, "push" in "".join(urllib.parse.parse_qs(query).get("scope", []))]
        self.answer(200, [("Content-Type", "application/json")], json.dumps({"token": token}).encode())

    def allowed(self):
        if read("login") is None:
            return True
        kind, _, token = (self.headers.get("Authorization") or "").partition(" ")
        entry = TOKENS.get(token) if kind == "Bearer" else None
        if entry is None:
            return False
        entry[0] += 1
        may = entry[1] or self.command in ("GET", "HEAD")
        return may and entry[0] <= int(read("lasts") or 10**9)

    def serve(self):
        # A request on an open connection whose body was not read would be taken for the next one.
        length = int(self.headers.get("Content-Length") or 0)
        path, _, query = self.path.partition("?")
        shown = "login" if self.headers.get("Authorization") else "nobody"
        with LOCK, open(CONTROL / "log", "a") as log:
            log.write(f"{self.command} {path} {shown}\n")
        if path == "/token":
            return self.token(query)
        if not self.allowed():
            self.rfile.read(length)
            realm = f'Bearer realm="http://127.0.0.1:{PORT}/token",service="tests"'
            return self.answer(401, [("WWW-Authenticate", realm)], b"{}")
        fault = fault_for(self.command, path)
        kind, argument = (fault + ["", ""])[:2]
        if kind == "delay":
            time.sleep(float(argument))
        if kind in ("status", "unauthorized", "limit", "redirect"):
            self.rfile.read(length)
            headers = []
            if kind == "limit":
                headers = [("Retry-After", argument)]
            if kind == "redirect":
                headers = [("Location", f"http://{argument}{self.path}")]
            status = {"status": argument, "unauthorized": 401, "limit": 429, "redirect": 307}[kind]
            return self.answer(int(status), headers)
        self.forward(length, kind, argument)

    def forward(self, length, kind, argument):
        upstream = http.client.HTTPConnection(UPSTREAM)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("authorization", "connection")}
        if kind == "cut" and length:
            # Only a part of what is uploaded gets there.
            part = self.rfile.read(min(int(argument), length))
            headers.pop("Content-Length", None)
            upstream.putrequest(self.command, self.path, skip_host=True)
            for name, value in headers.items():
                upstream.putheader(name, value)
            upstream.putheader("Content-Length", str(len(part)))
            upstream.endheaders(part)
            upstream.getresponse().read()
            self.close_connection = True
            self.connection.shutdown(2)
            return
        upstream.request(self.command, self.path, body=Part(self.rfile, length) if length else None, headers=headers)
        response = upstream.getresponse()
        size = int(response.headers.get("Content-Length") or 0)
        self.send_response(response.status)
        for name, value in response.headers.items():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        if response.status != 204:
            self.send_header("Content-Length", str(size - (kind == "short")))
        self.end_headers()
        if self.command == "HEAD":
            return
        left = int(argument) if kind == "cut" else size - (kind == "short")
        flip = kind == "flip"
        while left > 0 and (piece := response.read(min(left, 1 << 16))):
            if flip:
                middle = len(piece) // 2
                piece, flip = piece[:middle] + bytes([piece[middle] ^ 1]) + piece[middle + 1 :], False
            self.wfile.write(piece)
            left -= len(piece)
        if kind == "cut":
            self.close_connection = True
            self.wfile.flush()
            self.connection.shutdown(2)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = serve


class Part:
    """What is left of a request's body."""

    def __init__(self, file, length):
        self.file, self.left = file, length

    def read(self, size=-1):
        size = self.left if size < 0 else min(size, self.left)
        piece = self.file.read(size)
        self.left -= len(piece)
        return piece


http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
