"""Runs the table of jobs until told to stop. APScheduler only ticks; the database decides who runs a tick (design §7)."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from prometheus_client import Counter, Histogram

from config import clock
from config.clock import SHANGHAI
from scheduler.jobs import JOBS, Job
from services.reminders import jobs
from services.runtime import Runtime

# A job that is due once a day is looked at this often too, so that a dead worker's claim is taken over in time.
LONGEST_LOOK = 30
GRACE_SECONDS = 5.0
CLOCK_LOOK_SECONDS = 1.0

RUNS = Counter("zhiping_job_runs_total", "Runs of scheduled jobs by this worker", ["job", "outcome"])
SECONDS = Histogram("zhiping_job_seconds", "How long runs of scheduled jobs took", ["job"])

# A tick that comes late on a busy loop is still a tick.
_HABITS = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}

log = logging.getLogger(__name__)
Clock = Callable[[], datetime]


class Every(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Again after a while. What was missed is missed: an interval of APScheduler's own would, after a clock was set forward,
    first list every instant in between, fifteen million of them for a year of two-second jobs.
    """

    def __init__(self, seconds: int) -> None:
        self._interval = timedelta(seconds=seconds)

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """Always one that is still to come."""
        following = (previous or now) + self._interval
        return following if following > now else now + self._interval


async def tick(rt: Runtime, job: Job, now: Clock = clock.now) -> bool:
    """Run the job if its present tick is ours; whether it was run to its end.

    A fault is logged with a reference and goes no further; its tick stays unfinished and is run again after the lease.
    """
    try:
        claimed_at = now()
        scheduled_for = await jobs.claim_tick(job.name, job.every, claimed_at)
        if scheduled_for is None:
            return False
        await _run(rt, job, claimed_at)
        await jobs.finish_tick(job.name, scheduled_for, claimed_at, now())
    except Exception:
        reference = uuid4().hex[:8]
        log.exception("job failed", extra={"action": "job_failed", "job": job.name, "ref": reference})
        RUNS.labels(job.name, "failed").inc()
        return False
    RUNS.labels(job.name, "done").inc()
    return True


async def _run(rt: Runtime, job: Job, now: datetime) -> None:
    started = time.monotonic()
    await job.run(rt, now)
    SECONDS.labels(job.name).observe(time.monotonic() - started)


async def run(
    rt: Runtime,
    stop: asyncio.Event,
    *,
    table: Sequence[Job] = JOBS,
    now: Clock = clock.now,
    grace_seconds: float = GRACE_SECONDS,
) -> None:
    """Work until `stop` is set; what runs then has `grace_seconds` to finish, and is cancelled after that."""
    running: set[asyncio.Task[object]] = set()
    scheduler = AsyncIOScheduler(timezone=SHANGHAI, job_defaults=_HABITS)
    for job in table:
        scheduler.add_job(
            partial(_watched, running, rt, job, now),
            Every(min(job.every, LONGEST_LOOK)),
            id=job.name,
            next_run_time=clock.now(),
        )
    scheduler.start()
    watching = asyncio.create_task(_watch_clock(scheduler))
    log.info("worker started", extra={"action": "worker_started", "jobs": [job.name for job in table]})
    try:
        await stop.wait()
    finally:
        watching.cancel()
        scheduler.pause()
        await _finish(running, grace_seconds)
        scheduler.shutdown()
        # APScheduler 3 shuts down in a callback of the loop.
        await asyncio.sleep(0)
    log.info("worker stopped", extra={"action": "worker_stopped"})


async def _watch_clock(scheduler: AsyncIOScheduler) -> None:
    """After a clock was set back APScheduler would wait until it has caught up, and nothing would be closed until then."""
    while True:
        await asyncio.sleep(CLOCK_LOOK_SECONDS)
        for job in scheduler.get_jobs():
            if job.next_run_time > clock.now() + timedelta(seconds=LONGEST_LOOK):
                job.modify(next_run_time=clock.now())


async def _watched(running: set[asyncio.Task[object]], rt: Runtime, job: Job, now: Clock) -> None:
    """A tick that `run` can wait for."""
    task = asyncio.current_task()
    assert task is not None
    running.add(task)
    try:
        await tick(rt, job, now)
    except asyncio.CancelledError:
        # The task ends here anyway; whatever the job had claimed becomes free when its lease ends.
        log.warning("job cut off", extra={"action": "job_cut_off", "job": job.name})
    finally:
        running.discard(task)


async def _finish(running: set[asyncio.Task[object]], grace_seconds: float) -> None:
    """Wait for the running jobs; cancel those that take too long and wait for them too."""
    if not running:
        return
    _, late = await asyncio.wait(set(running), timeout=grace_seconds)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
