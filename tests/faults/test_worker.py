"""A worker process killed in the middle of its work: nothing is lost, and nothing is done twice."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from config import clock
from models.accounts import Account
from models.organisations import Organisation
from models.people import Person
from sandbox.media import TINY_JPEG
from services.notices import notices
from services.records import media
from services.reminders import deliveries
from services.runtime import Runtime
from tests.faults.platform import Platform
from tests.integration.chatting import grant
from tests.processes import hears_sigterm

pytestmark = pytest.mark.usefixtures("platform")

SEND, GET = "/cgi-bin/message/custom/send", "/cgi-bin/media/get"
ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def worker(settings_values: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """A real worker process that is up; killed at the end where it still runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app", "work", cwd=ROOT, env={**os.environ, **settings_values}
    )
    try:
        await hears_sigterm(process.pid)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def plan_notices(rt: Runtime, platform: Platform, count: int) -> list[str]:
    """Notices to people with open windows, due now; their phones' ids."""
    now = clock.now()
    office = await Organisation.create(code="01", name="党委", kind="党委")
    phones = [platform.follower(str(i)) for i in range(count)]
    for i, phone in enumerate(phones):
        person = await Person.create(staff_no=str(i), name="张三", status="正式党员", organisation=office)
        await Account.create(openid=phone.openid, person=person, bound_at=now, consent="1")
        await grant(rt, phone.openid, "message", now)
        await notices.plan_notice("closed", person.id, "m1", "会议已结束", now)
    return [phone.id for phone in phones]


def received(platform: Platform, phone_ids: list[str]) -> list[int]:
    return [len(platform.world.people[phone_id].entries) for phone_id in phone_ids]


async def test_a_worker_killed_while_sending_sends_nothing_twice_and_loses_no_notice(
    rt: Runtime, platform: Platform, settings_values: dict[str, str], sql: asyncpg.Connection
) -> None:
    phones = await plan_notices(rt, platform, 3)
    platform.hold_path = SEND
    async with worker(settings_values) as process:
        await asyncio.wait_for(platform.held.wait(), 30)
        process.kill()
    platform.let_go()
    later = clock.now() + deliveries.LEASE
    while await deliveries.send_due(rt, later):
        pass
    states = {row["state"] for row in await sql.fetch("SELECT state FROM notices")}
    assert states <= {"unknown", "sent"}
    assert "unknown" in states
    assert max(received(platform, phones)) == 1
    for person in await Person.all():
        assert await notices.read_notices(person.id, later) == ["会议已结束"]


async def test_a_worker_killed_while_fetching_loses_nothing(
    rt: Runtime, platform: Platform, settings_values: dict[str, str], sql: asyncpg.Connection
) -> None:
    now = clock.now()
    for i in range(3):
        media_id = platform.world.media.add("image", "image/jpeg", TINY_JPEG + bytes([i])).id
        await media.expect_media("image", media_id, f"s{i}", None, now)
    platform.hold_path = GET
    async with worker(settings_values) as process:
        await asyncio.wait_for(platform.held.wait(), 30)
        process.kill()
    platform.let_go()
    assert await media.fetch_due(rt, now) == 0
    assert await media.fetch_due(rt, clock.now() + media.LEASE) == 3
    assert {row["state"] for row in await sql.fetch("SELECT state FROM media_items")} == {"stored"}


async def test_two_worker_processes_share_the_work_and_stop_cleanly(
    rt: Runtime, platform: Platform, settings_values: dict[str, str], sql: asyncpg.Connection
) -> None:
    with platform.world.journal.subscribed() as events:
        async with worker(settings_values) as first, worker(settings_values) as second:
            phones = await plan_notices(rt, platform, 60)
            for _ in phones:
                await asyncio.wait_for(next_message(events), 30)
            for process in (first, second):
                process.terminate()
                assert await asyncio.wait_for(process.wait(), 60) == 0
    assert received(platform, phones) == [1] * 60
    assert {row["state"] for row in await sql.fetch("SELECT state FROM notices")} == {"sent"}


async def next_message(events: "asyncio.Queue[dict[str, object] | None]") -> None:
    """Wait until a message has reached a phone."""
    while (event := await events.get()) is None or event["event"] != "message":
        pass


async def test_a_worker_that_is_told_to_stop_finishes_what_it_sends(
    rt: Runtime, platform: Platform, settings_values: dict[str, str], sql: asyncpg.Connection
) -> None:
    await plan_notices(rt, platform, 1)
    platform.hold_path = SEND
    async with worker(settings_values) as process:
        await asyncio.wait_for(platform.held.wait(), 30)
        process.terminate()
        platform.let_go()
        assert await asyncio.wait_for(process.wait(), 60) == 0
    assert await sql.fetchval("SELECT state FROM notices") == "sent"


async def test_the_lease_outlives_the_longest_call() -> None:
    assert timedelta(seconds=media.CUT_OFF_SECONDS) < media.LEASE
