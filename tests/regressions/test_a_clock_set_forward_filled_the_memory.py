"""After a jump of years the worker listed every tick it had missed: minutes of silence, and gigabytes of instants."""

import asyncio
from datetime import datetime, timedelta

import pytest

from config import clock
from scheduler.jobs import Job
from scheduler.runner import run
from services.runtime import Runtime


async def test_jobs_go_on_when_the_clock_is_set_forward(rt: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    right, stop, ran = clock.now, asyncio.Event(), asyncio.Event()

    async def note(_: Runtime, __: datetime) -> None:
        ran.set()

    monkeypatch.setattr(clock, "now", lambda: right() - timedelta(days=3650))
    working = asyncio.create_task(run(rt, stop, table=(Job("note", 1, note),), now=right))
    await asyncio.sleep(0)  # it has started, by the wrong clock
    monkeypatch.undo()
    await asyncio.wait_for(ran.wait(), 60)
    stop.set()
    await working
