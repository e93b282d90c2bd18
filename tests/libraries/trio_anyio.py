# requires: trio anyio
import anyio
import trio


async def main():
    send, receive = trio.open_memory_channel(1)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(send.send, "x")
        print(await receive.receive(), await trio.to_thread.run_sync(abs, -2))
    with trio.move_on_after(0.01) as scope:
        await trio.sleep_forever()
    print(scope.cancelled_caught)


async def both():
    async with anyio.create_task_group() as group:
        group.start_soon(anyio.sleep, 0)
    return await anyio.to_thread.run_sync(abs, -1), (await anyio.run_process(["echo", "a"])).stdout


trio.run(main)
print(anyio.run(both, backend="trio"), anyio.run(both, backend="asyncio"))
