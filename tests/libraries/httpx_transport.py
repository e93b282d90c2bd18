# requires: httpx[http2]
import httpx


def handle(request):
    return httpx.Response(200, json={"path": request.url.path, "query": dict(request.url.params)})


with httpx.Client(transport=httpx.MockTransport(handle), http2=True) as client:
    print(client.get("https://example.org/a", params={"b": "1"}).json())
    print(client.post("https://example.org/ü", data={"x": "y"}).json())
print(httpx.URL("https://müller.de/ä?x=1").raw_path, httpx.URL("https://müller.de").raw_host)
print(httpx.codes.NOT_FOUND.name, httpx.create_ssl_context().check_hostname)
