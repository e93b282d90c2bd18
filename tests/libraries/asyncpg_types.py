# requires: asyncpg
import asyncio

import asyncpg


async def main():
    try:
        await asyncpg.connect(host="127.0.0.1", port=1, timeout=2)
    except OSError as error:
        print(type(error).__name__)


asyncio.run(main())
print(asyncpg.Record.__name__, asyncpg.Range(1, 5), asyncpg.exceptions.UniqueViolationError.sqlstate, asyncpg.Box((1, 1), (0, 0)))
