"""Sends fuzzed callbacks to a real web process, and looks at what they did to it: they should have done nothing."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import redis.asyncio
from yarl import URL

from sandbox.settings import from_environment
from tests.e2e.stage import Stage
from tests.faults.fuzz import Case, Fields, Forge, cases

CONNECTIONS = 8
LONGEST_S = 20.0
GROWTH_MB = 16
"""By which a process may grow once it is warm, whatever the number of requests."""


async def record(stage: Stage) -> list[Fields]:
    """What the platform sends while somebody tries everything a phone can do."""
    phone = await stage.sandbox.phone("路人")
    await phone.follow("m.nothing")
    for word in ("投票", "帮助", "主持", "签到", "任务", "简报"):
        await phone.text(word)
    await asyncio.gather(phone.image(), phone.voice("你好"), phone.video(), phone.location("会场"), phone.link("题目"))
    await phone.event("CLICK", {"EventKey": "任务"})
    await phone.event("TEMPLATESENDJOBFINISH", {"MsgID": 1, "Status": "success"})
    await phone.event(
        "scancode_waitmsg", {"EventKey": "签到", "ScanCodeInfo": {"ScanType": "qrcode", "ScanResult": "1"}}
    )
    await phone.unsupported()
    await phone.unfollow()
    return [dict(line["sent"]) for line in await stage.sandbox.log() if line["kind"] == "callback"]


async def shell(stage: Stage, recorded: list[Fields], count: int, start: int) -> Counter[int]:
    """Send `count` cases; statuses by number. Raises AssertionError for an answer that should not be."""
    port = stage.environment["PORT"]
    forge = Forge(from_environment(stage.environment), int(time.time()))  # noqa: TID251 - the platform's clock
    todo, statuses = cases(forge, recorded, count, start), Counter[int]()
    timeout = aiohttp.ClientTimeout(total=LONGEST_S)
    async with aiohttp.ClientSession(timeout=timeout) as http:
        await asyncio.gather(
            *(_fire(http, f"http://127.0.0.1:{port}/wechat", todo, statuses) for _ in range(CONNECTIONS))
        )
    assert stage.processes["serve"].poll() is None, "the process is gone"
    return statuses


async def _fire(http: aiohttp.ClientSession, url: str, todo: Iterator[Case], statuses: Counter[int]) -> None:
    for case in todo:
        try:
            async with http.request(case.method, URL(url).with_query(case.query), data=case.body) as response:
                await response.read()
                statuses[response.status] += 1
                status = response.status
        except aiohttp.ClientOSError:  # too long a body is not read to its end
            assert len(case.body) > 64 * 1024, case
            statuses[413] += 1
            continue
        assert status < 500, (status, case)
        assert case.trusted or status >= 400, (status, case)


async def rows_of(database_url: str) -> dict[str, int]:
    """Rows by table."""
    connection = await asyncpg.connect(database_url)
    try:
        names = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {one[0]: await connection.fetchval(f'SELECT count(*) FROM "{one[0]}"') for one in names}
    finally:
        await connection.close()


async def lasting_keys(redis_url: str) -> list[Any]:
    """Keys of Redis that never expire."""
    async with redis.asyncio.from_url(redis_url) as client:
        keys = [key async for key in client.scan_iter(count=1000)]
        async with client.pipeline(transaction=False) as pipe:
            for key in keys:
                pipe.ttl(key)
            return [key for key, ttl in zip(keys, await pipe.execute(), strict=True) if ttl == -1]


def megabytes(stage: Stage) -> float:
    """What the web process has in memory now."""
    lines = Path(f"/proc/{stage.processes['serve'].pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024
