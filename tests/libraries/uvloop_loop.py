# requires: uvloop
import asyncio

import uvloop


async def main():
    server = await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    print(await reader.read(), type(asyncio.get_running_loop()).__module__)
    process = await asyncio.create_subprocess_exec("echo", "hi", stdout=-1)
    print((await process.communicate())[0])
    print(await asyncio.get_running_loop().getaddrinfo("127.0.0.1", 80, proto=6))


uvloop.run(main())
