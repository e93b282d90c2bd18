# requires: werkzeug
"""The development server and its debugger."""
import threading
import urllib.error
import urllib.request

from werkzeug.debug import DebuggedApplication
from werkzeug.serving import make_server
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response


@Request.application
def app(request):
    if request.path == "/boom":
        raise ValueError("boom")
    return Response("ok")


server = make_server("127.0.0.1", 0, app, threaded=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(urllib.request.urlopen(f"http://127.0.0.1:{server.port}/").read().decode())
try:
    urllib.request.urlopen(f"http://127.0.0.1:{server.port}/boom")
except urllib.error.HTTPError as error:
    print(error.code)
server.shutdown()
answer = Client(DebuggedApplication(app, evalex=True)).get("/boom")
print(answer.status_code, "ValueError" in answer.text)
