"""One phone sends thousands of messages at once: it waits for itself, the others are answered."""

import asyncio
import re
import time
from pathlib import Path

import aiohttp

from sandbox.phones import Phone
from tests.e2e.stage import open_stage
from tests.ports import free_port

FLOOD = 1500
OTHERS = 20
BUDGET_S = 5.0


async def counter(port: str, name: str) -> float:
    """A counter of the web process."""
    async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{port}/metrics") as response:
        found = re.search(rf"^{name}_total (\S+)$", await response.text(), re.MULTILINE)
        return float(found[1]) if found else 0.0


async def ask(phone: Phone) -> float:
    """Five questions, each answered; the longest wait in seconds."""
    longest = 0.0
    for _ in range(5):
        started = time.monotonic()
        saw = await phone.text("帮助")
        assert "投诉建议" in saw.text, saw
        longest = max(longest, time.monotonic() - started)
    return longest


async def test_a_flood_slows_only_its_sender(settings_values: dict[str, str], tmp_path: Path) -> None:
    port = str(free_port())
    async with open_stage({**settings_values}, tmp_path) as stage:
        stage.kill("serve")
        stage.start("serve", "serve", METRICS_PORT=port)
        await stage.ready()
        flooder, *others = [await stage.sandbox.phone(f"{n}", following=True) for n in range(OTHERS + 1)]
        for start in range(0, FLOOD, 100):
            await asyncio.gather(*(flooder.text("帮助", wait=False) for _ in range(start, start + 100)))
        waits = await asyncio.gather(*(ask(phone) for phone in others))
        assert max(waits) < BUDGET_S
        assert await counter(port, "zhiping_callback_flooded") > 0
        assert "投诉建议" in (await flooder.text("帮助")).text
