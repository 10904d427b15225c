"""The worker's part of bench.reminders, in a process of its own so that its memory can be told: plan a day, or send it.

python -m bench.reminded plan|bare|send    (the settings in the environment); prints one line of JSON.
"""

import asyncio
import json
import os
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from uuid import uuid4

from app.resources import open_runtime
from bench.year import NOW
from config.settings import load_settings
from models.notices import Notice, insert_many
from models.people import Person
from services.reminders import deliveries, planner
from services.runtime import Runtime

_BATCH = 1000


async def plan(rt: Runtime) -> int:
    """What the worker does at nine in the morning."""
    return await planner.plan_due(rt, NOW)


async def bare(rt: Runtime) -> int:
    """The least that anybody could do: read everybody, and write a row for each, with nothing thought of."""
    after, count = 0, 0
    while people := await Person.filter(id__gt=after).order_by("id").limit(_BATCH).only("id"):
        rows = [
            Notice(
                id=uuid4(),
                kind="bare",
                person_id=one.id,
                slot="1",
                text="您有 1 件事要办" * 10,
                due_at=NOW,
                state="sent",
            )
            for one in people
        ]
        await insert_many(rows)
        after, count = people[-1].id, count + len(rows)
    return count


async def send(rt: Runtime) -> int:
    """Tick after tick as the scheduler does, at the pace of the settings, until nothing is left."""
    total = 0
    while taken := await _tick(rt):
        total += taken
    return total


async def _tick(rt: Runtime) -> int:
    began = time.monotonic()
    taken = await deliveries.send_due(rt, NOW)
    await asyncio.sleep(max(0, deliveries.TICK_SECONDS - (time.monotonic() - began)) if taken else 0)
    return taken


_WORK: dict[str, Callable[[Runtime], Awaitable[int]]] = {"plan": plan, "bare": bare, "send": send}


async def _run(name: str) -> dict[str, float]:
    async with open_runtime(load_settings(os.environ)) as rt:
        began = time.monotonic()
        count = await _WORK[name](rt)
        seconds = time.monotonic() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"count": count, "seconds": seconds, "megabytes": peak}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_run(sys.argv[1]))))
