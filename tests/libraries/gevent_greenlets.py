# requires: gevent requests
from gevent import monkey

monkey.patch_all()
import gevent  # noqa: E402
import requests  # noqa: E402
from gevent.pool import Pool  # noqa: E402
from gevent.pywsgi import WSGIServer  # noqa: E402


def app(environ, start):
    start("200 OK", [("Content-Type", "text/plain")])
    return [environ["PATH_INFO"].encode()]


server = WSGIServer(("127.0.0.1", 0), app, log=None)
server.start()
print(Pool(2).map(lambda p: requests.get(f"http://127.0.0.1:{server.server_port}/{p}").text, "ab"))
print(gevent.spawn(abs, -1).get(), gevent.config.resolver is not None, type(gevent.get_hub().loop).__module__)
