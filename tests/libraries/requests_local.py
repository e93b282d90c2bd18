# requires: requests
import http.server
import threading

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.end_headers()
        self.wfile.write('{"grüße": [1, 2]}'.encode())

    def log_message(self, *args):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
session = requests.Session()
session.mount("http://", HTTPAdapter(max_retries=Retry(2)))
answer = session.get(f"http://127.0.0.1:{server.server_port}/x", params={"a": "ä"}, timeout=5)
print(answer.status_code, answer.json(), answer.encoding)
try:
    requests.get("http://localhost:1/", timeout=2)
except requests.exceptions.ConnectionError as error:
    print(type(error).__name__)
print(requests.utils.default_headers()["Accept"], len(requests.certs.where()) > 0)
