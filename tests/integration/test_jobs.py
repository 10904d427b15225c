"""Scheduled jobs: any number of workers, each tick once; a fault or a death loses no tick."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from models.accounts import BindingFailure
from models.drafts import Draft
from models.jobs import JobRun
from scheduler.jobs import Job
from scheduler.runner import run, tick
from services.reminders import jobs
from services.runtime import Runtime

NOON = datetime(2022, 1, 18, 4, 0, 0, tzinfo=UTC)


class Hands:
    """A clock as a value that tests move."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at


def counting(into: list[datetime]) -> Callable[[Runtime, datetime], Awaitable[None]]:
    async def work(rt: Runtime, now: datetime) -> None:
        into.append(now)

    return work


async def test_of_many_workers_exactly_one_gets_a_tick(db: str, sql: asyncpg.Connection) -> None:
    for step in range(5):
        now = NOON + timedelta(seconds=step * 2, milliseconds=700)
        claims = await asyncio.gather(*(jobs.claim_tick("close", 2, now) for _ in range(30)))
        assert [claim for claim in claims if claim] == [NOON + timedelta(seconds=step * 2)]
    assert await sql.fetchval("SELECT count(*) FROM job_runs") == 5


async def test_a_finished_tick_is_not_run_again_and_the_next_one_is(db: str) -> None:
    scheduled = await jobs.claim_tick("close", 2, NOON)
    assert scheduled is not None
    await jobs.finish_tick("close", scheduled, NOON, NOON)
    assert await jobs.claim_tick("close", 2, NOON + timedelta(seconds=1)) is None
    assert await jobs.claim_tick("close", 2, NOON + timedelta(seconds=2)) == NOON + timedelta(seconds=2)


async def test_the_claim_of_a_dead_worker_is_taken_over_after_the_lease_by_one(
    db: str, sql: asyncpg.Connection
) -> None:
    assert await jobs.claim_tick("purge", 86400, NOON)
    assert await jobs.claim_tick("purge", 86400, NOON + jobs.LEASE - timedelta(seconds=1)) is None
    later = NOON + jobs.LEASE
    claims = await asyncio.gather(*(jobs.claim_tick("purge", 86400, later) for _ in range(10)))
    scheduled = [claim for claim in claims if claim]
    assert len(scheduled) == 1
    # The one that was taken for dead comes back: the run is no longer its own to finish.
    await jobs.finish_tick("purge", scheduled[0], NOON, later)
    assert await sql.fetchval("SELECT done_at FROM job_runs") is None
    await jobs.finish_tick("purge", scheduled[0], later, later)
    assert await sql.fetchval("SELECT done_at FROM job_runs") == later


def test_the_grid_starts_at_midnight_in_shanghai() -> None:
    midnight = datetime(2022, 1, 17, 16, 0, tzinfo=UTC)
    assert jobs.scheduled_time(NOON, 86400) == midnight
    assert jobs.scheduled_time(midnight - timedelta(microseconds=1), 86400) == midnight - timedelta(days=1)
    assert jobs.scheduled_time(NOON + timedelta(seconds=59), 7) == NOON + timedelta(seconds=53)


async def test_a_failing_job_is_logged_with_a_reference_and_run_again_after_the_lease(
    rt: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[datetime] = []

    async def break_once(rt: Runtime, now: datetime) -> None:
        calls.append(now)
        if len(calls) == 1:
            raise RuntimeError("secret words of a message")

    hands, job = Hands(), Job("fragile", 86400, break_once)
    with caplog.at_level(logging.ERROR, "scheduler.runner"):
        assert not await tick(rt, job, hands)
    record: Any = caplog.records[0]
    assert (record.action, record.job, len(record.ref)) == ("job_failed", "fragile", 8)
    assert not await tick(rt, job, hands)
    hands.at += jobs.LEASE
    assert await tick(rt, job, hands)
    assert calls == [NOON, NOON + jobs.LEASE]


async def test_two_running_workers_share_the_ticks_and_stop_when_told(rt: Runtime, sql: asyncpg.Connection) -> None:
    hands, stop, runs = Hands(), asyncio.Event(), []
    advanced = asyncio.Event()

    async def work(rt: Runtime, now: datetime) -> None:
        runs.append(now)
        hands.at += timedelta(seconds=1)
        if len(runs) == 3:
            advanced.set()

    table = [Job("work", 1, work)]
    workers = [asyncio.create_task(run(rt, stop, table=table, now=hands)) for _ in range(2)]
    await asyncio.wait_for(advanced.wait(), 60)
    stop.set()
    await asyncio.wait_for(asyncio.gather(*workers), 60)
    assert len(runs) == len(set(runs)) == await sql.fetchval("SELECT count(*) FROM job_runs WHERE done_at IS NOT NULL")


async def test_a_stopping_worker_lets_the_running_job_finish(rt: Runtime, sql: asyncpg.Connection) -> None:
    stop, entered, leave = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(rt: Runtime, now: datetime) -> None:
        entered.set()
        await leave.wait()

    worker = asyncio.create_task(run(rt, stop, table=[Job("slow", 60, slow)], now=Hands()))
    await asyncio.wait_for(entered.wait(), 60)
    stop.set()
    leave.set()
    await asyncio.wait_for(worker, 60)
    assert await sql.fetchval("SELECT done_at FROM job_runs") == NOON


async def test_a_job_that_does_not_end_is_cut_off_and_its_tick_taken_over(rt: Runtime, sql: asyncpg.Connection) -> None:
    stop, entered = asyncio.Event(), asyncio.Event()

    async def endless(rt: Runtime, now: datetime) -> None:
        entered.set()
        await asyncio.Event().wait()

    table = [Job("endless", 60, endless)]
    worker = asyncio.create_task(run(rt, stop, table=table, now=Hands(), grace_seconds=0.05))
    await asyncio.wait_for(entered.wait(), 60)
    stop.set()
    await asyncio.wait_for(worker, 60)
    assert await sql.fetchval("SELECT done_at FROM job_runs") is None
    runs: list[datetime] = []
    hands = Hands()
    hands.at += jobs.LEASE - timedelta(seconds=1)
    assert not await tick(rt, Job("endless", 3600, counting(runs)), hands)
    hands.at += timedelta(seconds=1)
    assert await tick(rt, Job("endless", 3600, counting(runs)), hands)


async def test_housekeeping_deletes_what_is_old_and_nothing_else(rt: Runtime, sql: asyncpg.Connection) -> None:
    for age in (timedelta(hours=23), timedelta(hours=25)):
        await BindingFailure.create(openid_hash=uuid4().hex, name_hash=uuid4().hex, at=NOON - age)
    for days in (89, 91):
        await Draft.create(openid_hash=uuid4().hex, flow="投诉建议", session={}, updated_at=NOON - timedelta(days=days))
    for days in (1, 3):
        at = NOON - timedelta(days=days)
        await JobRun.create(job="purge", scheduled_for=at, claimed_at=at, done_at=at)
    for _ in range(2):
        await jobs.purge(rt, NOON)
        counts = [
            await sql.fetchval(f"SELECT count(*) FROM {table}") for table in ("binding_failures", "drafts", "job_runs")
        ]
        assert counts == [1, 1, 1]
