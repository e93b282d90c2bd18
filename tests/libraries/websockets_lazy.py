# requires: websockets
import asyncio

import websockets


async def main():
    async def echo(connection):
        async for message in connection:
            await connection.send(message.upper())

    async with websockets.serve(echo, "127.0.0.1", 8765), websockets.connect("ws://127.0.0.1:8765") as client:
        await client.send("hi")
        print(await client.recv())


asyncio.run(main())
