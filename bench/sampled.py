"""`zhiping serve` with a sampler in it: every 2 ms, what the process is doing or waiting for.

python -m bench.sampled FILE    writes FILE at the end: [[time.monotonic(), "runs in" | "waits for", where, share of the look], …]
"""

import asyncio
import json
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from app.__main__ import main as zhiping

IDLE = "the next message"
_EVERY_S = 0.002

# The innermost file of a stack that is listed here names the place; the standard library counts for its caller.
_PLACES = {
    "/redis/": "Redis",
    "/asyncpg/": "PostgreSQL",
    "/tortoise/": "ORM",
    "/nacl/": "crypto",
    "/cryptography/": "crypto",
    "/bot/crypto.py": "crypto",
    "/bot/names.py": "crypto",
    "/services/ballots/seals.py": "crypto",
    "/bot/messages.py": "XML",
    "/bot/replies.py": "XML",
    "/bot/": "conversation engine",
    "/handlers/": "flows and services",
    "/services/": "flows and services",
    "/models/": "flows and services",
    "/aiohttp/": "aiohttp",
    "/yarl/": "aiohttp",
    "/multidict/": "aiohttp",
}
_SERVERS = {"Redis": "Redis", "PostgreSQL": "PostgreSQL", "ORM": "PostgreSQL"}


class Sampler:
    """Looks at the main thread whenever the timer signals."""

    def __init__(self) -> None:
        self.samples: list[tuple[float, str, str, float]] = []

    def start(self) -> None:
        """From the main thread."""
        signal.signal(signal.SIGALRM, self._look)
        signal.setitimer(signal.ITIMER_REAL, _EVERY_S, _EVERY_S)

    def stop(self) -> None:
        """No look after this."""
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _look(self, _signal: int, frame: FrameType | None) -> None:
        at = time.monotonic()
        if frame is not None and frame.f_code.co_filename.endswith("/selectors.py"):
            waits = _waits() or [IDLE]
            self.samples += [(at, "waits for", where, 1 / len(waits)) for where in waits]
        else:
            self.samples.append((at, "runs in", _place(_files(frame)) or "event loop", 1.0))


def _waits() -> list[str]:
    """For which server each message in hand waits. None waits while the loop is still being made."""
    try:
        tasks = asyncio.all_tasks()
    except RuntimeError:
        return []
    places = [_place(reversed(list(_awaited(task.get_coro())))) for task in tasks]
    return [_SERVERS[place] for place in places if place in _SERVERS]


def _files(frame: FrameType | None) -> Iterator[str]:
    while frame is not None:
        yield frame.f_code.co_filename
        frame = frame.f_back


def _awaited(coroutine: Any) -> Iterator[str]:
    """The files of a suspended coroutine and of all that it awaits, outermost first."""
    while coroutine is not None:
        code = getattr(coroutine, "cr_code", None) or getattr(coroutine, "gi_code", None)
        if code is not None:
            yield code.co_filename
        coroutine = getattr(coroutine, "cr_await", None) or getattr(coroutine, "gi_yieldfrom", None)


def _place(files: Iterator[str]) -> str | None:
    return next((place for file in files for mark, place in _PLACES.items() if mark in file), None)


def main() -> int:
    """Serve until SIGTERM, then write what was seen."""
    sampler = Sampler()
    sampler.start()
    code = zhiping(["serve"])
    sampler.stop()
    Path(sys.argv[1]).write_text(json.dumps(sampler.samples))
    return code


if __name__ == "__main__":
    sys.exit(main())
