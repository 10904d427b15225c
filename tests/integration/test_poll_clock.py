"""The clock opens and closes polls as their files say; what it cannot do is told, and keeps it from nothing else."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import asyncpg
from redis.asyncio import Redis

from models.meetings import CLOSED, OPEN, MeetingClass
from models.notices import Notice
from models.polls import Poll, SealedBallot
from services.meetings.meetings import get_meeting, import_meeting
from services.people.roster import import_roster
from services.polls import polls
from services.polls.polls import cast_ballot, close_poll, open_poll
from services.runtime import Runtime
from tests.integration.refusing import refused
from tests.integration.voted import ballot_of
from tests.integration.world import NOW, hold, make_hall, meeting_of, people_by_number, roster_of, seat


async def test_the_clock_opens_and_closes_what_its_file_says(rt: Runtime) -> None:
    hall = make_hall()
    early = NOW - timedelta(hours=1)
    file = meeting_of(hall, extra="opens_at: 2022-01-18T10:00:00+08:00")
    await import_roster(roster_of(hall), now=early, actor="test")
    meeting = await import_meeting(file.encode(), now=early, actor="test")
    opens, closes = NOW + timedelta(hours=1), NOW + timedelta(hours=2, minutes=30)
    await polls.open_due(rt, opens - timedelta(seconds=1))
    assert (await get_meeting(meeting.id)).state == "draft"
    await polls.open_due(rt, opens)
    assert (await get_meeting(meeting.id)).state == OPEN
    await polls.close_due(rt, closes - timedelta(seconds=1))
    assert (await get_meeting(meeting.id)).state == OPEN
    await asyncio.gather(polls.close_due(rt, closes), polls.close_due(rt, closes))
    closed = await get_meeting(meeting.id)
    assert closed.state == CLOSED
    assert closed.published_at is not None


async def test_a_meeting_opened_after_its_end_waits_for_the_host_to_close_it(rt: Runtime) -> None:
    hall = make_hall()
    meeting = await hold(hall)
    late = NOW + timedelta(days=400)
    await open_poll(rt, meeting.id, now=late, actor="command")
    await polls.close_due(rt, late + timedelta(minutes=1))
    assert (await get_meeting(meeting.id)).state == OPEN


async def test_the_close_stands_when_redis_is_away_and_the_worker_cleans_up_later(
    rt: Runtime, sql: asyncpg.Connection
) -> None:
    meeting = await hold(make_hall())
    await open_poll(rt, meeting.id, now=NOW, actor="command")
    away = replace(rt, redis=Redis.from_url("unix:///nowhere/redis.sock"))
    await close_poll(away, meeting.id, now=NOW, actor="command")
    assert (await get_meeting(meeting.id)).state == CLOSED
    assert await sql.fetchval("SELECT cleaned_at FROM polls") is None
    await polls.close_due(rt, NOW)
    assert await sql.fetchval("SELECT cleaned_at FROM polls") == NOW


async def test_no_vote_after_the_end_though_no_worker_has_closed(rt: Runtime) -> None:
    hall = make_hall()
    meeting = await hold(hall)
    people = await people_by_number()
    first, second = (people[number] for number in hall.classes["党员代表"][:2])
    await seat(meeting, first, second)
    await open_poll(rt, meeting.id, now=NOW, actor="command")
    ballot = await ballot_of(first)
    key, end = bytes(ballot.poll.public_key or b""), meeting.closes_at
    just_before = end - timedelta(seconds=1)
    await cast_ballot(ballot.poll.id, first, ballot.class_no, key, [0, 0, 0], "a", now=just_before)
    await refused("closed", cast_ballot(ballot.poll.id, second, ballot.class_no, key, [0, 0, 0], "b", now=end))
    await cast_ballot(ballot.poll.id, first, ballot.class_no, key, [0, 0, 0], "a", now=end)  # its repeat


async def test_one_meeting_that_cannot_be_closed_keeps_the_clock_from_no_other(rt: Runtime) -> None:
    hall = make_hall()
    bad = await hold(hall)
    good = [await import_meeting(meeting_of(hall).encode(), now=NOW, actor="test") for _ in range(2)]
    for meeting in (bad, *good):
        await open_poll(rt, meeting.id, now=NOW, actor="command")
    poll = await Poll.get(meeting=bad)
    await SealedBallot.create(id=uuid4(), poll=poll, box=b"x" * 50)
    end = bad.closes_at
    await polls.close_due(rt, end)
    assert (await get_meeting(bad.id)).state == OPEN
    assert {(await get_meeting(meeting.id)).state for meeting in good} == {CLOSED}
    (notice,) = await Notice.filter(kind="not_closed_by_clock")
    assert "没有按时结束投票" in notice.text


async def test_a_clock_opening_that_was_refused_first_is_told_when_it_comes(rt: Runtime) -> None:
    hall = make_hall()
    early, opens = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
    await import_roster(roster_of(hall), now=early, actor="test")
    file = meeting_of(hall, extra="opens_at: 2022-01-18T10:00:00+08:00")
    meeting = await import_meeting(file.encode(), now=early, actor="test")
    masses = MeetingClass.filter(meeting=meeting, name="群众代表")
    await masses.update(orgs=[])
    await polls.open_due(rt, opens)
    assert (await get_meeting(meeting.id)).state == "draft"
    await masses.update(orgs=["0101"])
    await polls.open_due(rt, opens + timedelta(seconds=2))
    assert (await get_meeting(meeting.id)).state == OPEN
    assert {one.kind for one in await Notice.all()} == {"not_opened_by_clock", "opened_by_clock"}
