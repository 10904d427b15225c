"""What must be true after every schedule, whatever happened in it."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any

import asyncpg
import redis.asyncio

from bot.inbox import SEAL_MS
from sandbox.phones import Phone
from tests.e2e.hall import is_counted
from tests.faults.theatre import StagedMeeting

CLEANED_S = 30
FETCHED_S = 180
"""A worker that is killed while it fetches keeps what it took for its lease of two minutes."""


async def find_voted(database_url: str, meeting_id: int) -> set[str]:
    """Staff numbers of those on a meeting's roll who have voted."""
    rows = await _fetch(
        database_url,
        "SELECT staff_no FROM roll_entries roll JOIN people ON people.id = person_id JOIN polls ON polls.id = poll_id"
        " WHERE meeting_id = $1 AND has_voted",
        meeting_id,
    )
    return {row["staff_no"] for row in rows}


async def assert_counted_once(meeting: StagedMeeting, voted: set[str]) -> None:
    """Acknowledged = counted exactly once: the result is the plain recount, and every subject has one vote of each voter."""
    await meeting.assert_recount(voted)
    rows = await _fetch(
        meeting.stage.environment["DATABASE_URL"],
        "SELECT subject_no, sum(count)::int AS votes FROM ballot_counts JOIN polls ON polls.id = poll_id"
        " WHERE meeting_id = $1 GROUP BY subject_no",
        meeting.id,
    )
    assert [row["votes"] for row in rows] == [len(voted)] * (len(meeting.hall.reporters) if voted else 0), rows


async def assert_told_the_truth(phones: dict[str, Phone], read: dict[str, int], voted: set[str]) -> None:
    """Nobody who was told that the vote is in is missing, and nobody was told that it is not whose vote was counted."""
    for number, phone in phones.items():
        said = [one.text for one in await phone.messages(read[number]) if one.sender == "account"]
        if any(is_counted(text) for text in said):
            assert number in voted, f"{number} was told 已计入"
        if any("没有计入" in text and "第一次提交" not in text for text in said):
            assert number not in voted, f"{number} was told 没有计入"


async def assert_nothing_linkable(meeting: StagedMeeting) -> None:
    """No sealed ballot, no key, one xmin for the whole roll and no trace of who cast what; the desks are gone."""
    url = meeting.stage.environment["DATABASE_URL"]
    poll = await _cleaned(url, meeting.id)
    assert poll["public_key"] is poll["wrapped_secret"] is poll["wrapped_desk"] is None
    assert await _fetch(url, "SELECT id FROM sealed_ballots") == []
    roll = await _fetch(url, "SELECT xmin::text AS xmin, cast_key FROM roll_entries WHERE poll_id = $1", poll["id"])
    assert len({row["xmin"] for row in roll}) == 1
    assert {row["cast_key"] for row in roll} == {None}
    async with redis.asyncio.from_url(meeting.stage.environment["REDIS_URL"]) as client:
        # A step that was under way at the close may come after it. Its key is gone, and so is it in half an hour at most.
        left = [key async for key in client.scan_iter(f"zp:*:seal:{poll['id']}")]
        assert all([0 < await client.ttl(key) <= SEAL_MS // 1000 for key in left]), left


async def assert_photos_arrived(database_url: str, files: Path) -> None:
    """What did not fit on the full disk is fetched once there is room again; a file is whole or not there."""
    async with asyncio.timeout(FETCHED_S):
        while {row["state"] for row in await _fetch(database_url, "SELECT state FROM media_items")} - {"stored"}:
            await asyncio.sleep(0.1)
    stored = {path.name: path.read_bytes() for path in files.rglob("*") if path.is_file()}
    assert {name: hashlib.sha256(content).hexdigest() for name, content in stored.items()} == {
        name: name for name in stored
    }
    wanted = {row["sha256"] for row in await _fetch(database_url, "SELECT sha256 FROM media_items")}
    assert wanted == set(stored)


def assert_logs_are_discreet(logs: str, people: list[Phone]) -> None:
    """Nothing went wrong that nobody thought of, and no log tells who, or what was said."""
    assert "callback_failed" not in logs
    for phone in people:
        assert not any(text in logs for text in (phone.openid, phone.name, phone.note) if text), phone.name
    assert not any(word in logs for word in ("较好", "弃权", "会场太小"))


async def _cleaned(url: str, meeting_id: int) -> dict[str, Any]:
    """The poll once it is cleaned up; where the closing process was killed, by the worker."""
    async with asyncio.timeout(CLEANED_S):
        while True:
            (poll,) = await _fetch(url, "SELECT * FROM polls WHERE meeting_id = $1", meeting_id)
            if poll["cleaned_at"] is not None:
                return poll
            await asyncio.sleep(0.1)


async def _fetch(url: str, query: str, *values: object) -> list[dict[str, Any]]:
    """Ask the database; while it is being restarted, once more."""
    async with asyncio.timeout(CLEANED_S):
        while True:
            try:
                return await _ask(url, query, *values)
            except (asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError, OSError):
                await asyncio.sleep(0.1)


async def _ask(url: str, query: str, *values: object) -> list[dict[str, Any]]:
    connection = await asyncpg.connect(url)
    try:
        return [dict(row) for row in await connection.fetch(query, *values)]
    finally:
        await connection.close()
