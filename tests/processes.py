"""Processes of the product that a test started."""

import asyncio
import signal
from pathlib import Path


async def hears_sigterm(pid: int) -> None:
    """Wait until a process handles SIGTERM; one that is still starting would simply be ended by it. For one that ended: at once."""
    async with asyncio.timeout(60):
        while not _handles(pid, signal.SIGTERM):
            await asyncio.sleep(0.03)


def _handles(pid: int, number: signal.Signals) -> bool:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except FileNotFoundError:
        return True
    state = dict(line.split(":", 1) for line in lines)
    # A process that ended and was not yet waited for has no handlers any more.
    return "Z" in state["State"].split() or bool(int(state["SigCgt"], 16) >> (number - 1) & 1)
