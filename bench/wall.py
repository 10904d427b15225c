"""The big screen, as the hall sees it: its events until the result stands on it."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import aiohttp

Watching = asyncio.Task[tuple[float, dict[str, Any]]]


@dataclass(frozen=True)
class Shown:
    """After a close: seconds from the host's last word to the result on the screen and to the answer on the phone; both of them."""

    on_screen_s: float
    answered_s: float
    answer: bytes
    result: dict[str, Any]


async def watch(address: str) -> tuple[float, dict[str, Any]]:
    """Follow the events of a screen; when the first board with a result came (time of the loop), and that result."""
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as http,
        http.get(f"{address}/events", raise_for_status=True) as events,
    ):
        async for line in events.content:
            if line.startswith(b"data: {") and (result := json.loads(line.removeprefix(b"data: ")).get("result")):
                return asyncio.get_running_loop().time(), result
    raise RuntimeError("the screen's line was cut")
