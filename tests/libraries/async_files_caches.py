# requires: aiofiles janus aiocache httptools anyio asgiref aiohttp-retry
import asyncio, aiofiles, aiofiles.os, janus, httptools
from aiocache import Cache, cached
from aiocache.serializers import JsonSerializer, PickleSerializer
from asgiref.sync import sync_to_async, async_to_sync
from asgiref.wsgi import WsgiToAsgi
async def main():
    async with aiofiles.open("/tmp/x", "w") as f: await f.write("a\nb\n")
    async with aiofiles.open("/tmp/x") as f: print([l async for l in f], (await aiofiles.os.stat("/tmp/x")).st_size)
    async with aiofiles.tempfile.NamedTemporaryFile("w") as f: await f.write("z")
    q = janus.Queue(); await asyncio.get_running_loop().run_in_executor(None, q.sync_q.put, 3); print(await q.async_q.get()); q.close(); await q.wait_closed()
    c = Cache(Cache.MEMORY, serializer=JsonSerializer()); await c.set("k", {"a": 1}); print(await c.get("k"))
    @cached(ttl=10, serializer=PickleSerializer())
    async def f(x): return x * 2
    print(await f(2), await f(2), await sync_to_async(lambda: 5)())
asyncio.run(main()); print(async_to_sync(asyncio.sleep)(0, 7))
class P:
    def on_url(self, u): print(u)
    def on_header(self, n, v): print(n, v)
    def on_message_complete(self): print("done")
httptools.HttpRequestParser(P()).feed_data(b"GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n"); print(httptools.parse_url(b"http://h:1/p?q").port)
