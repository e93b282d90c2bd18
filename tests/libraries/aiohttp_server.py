# requires: aiohttp
import asyncio

from aiohttp import ClientSession, web


async def hello(request):
    return web.json_response({"hello": request.match_info["name"]})


async def echo(request):
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        await socket.send_str(message.data.upper())
    return socket


async def main():
    app = web.Application()
    app.add_routes([web.get("/{name}", hello), web.get("/ws/echo", echo)])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    async with ClientSession() as session:
        async with session.get(f"http://127.0.0.1:{port}/world") as answer:
            print(answer.status, await answer.json())
        async with session.ws_connect(f"http://127.0.0.1:{port}/ws/echo") as socket:
            await socket.send_str("abc")
            print((await socket.receive()).data)
    await runner.cleanup()


asyncio.run(main())
