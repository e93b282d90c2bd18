# requires: starlette httpx jinja2
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient


async def home(request):
    return JSONResponse({"q": dict(request.query_params)})


async def stream(request):
    async def parts():
        for i in range(3):
            yield f"{i},"

    return StreamingResponse(parts(), media_type="text/plain")


async def socket(ws):
    await ws.accept()
    await ws.send_text((await ws.receive_text())[::-1])
    await ws.close()


app = Starlette(
    routes=[Route("/", home), Route("/stream", stream), WebSocketRoute("/ws", socket)],
    middleware=[Middleware(GZipMiddleware)])
client = TestClient(app)
print(client.get("/?a=1").json(), client.get("/stream").text, client.get("/x").status_code)
with client.websocket_connect("/ws") as ws:
    ws.send_text("abc")
    print(ws.receive_text())
