"""What somebody learns who takes everything: database with xmin and ctid, Redis, logs (T1, T2, T9)."""

import asyncio
import random
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import redis.asyncio
from nacl.exceptions import CryptoError

from app.embedded import Postgres
from config.settings import load_settings
from services.ballots.seals import open_ballot, unwrap_secret
from tests.e2e.hall import WORDS, LiveMeeting, answer, enter, set_up
from tests.e2e.stage import open_stage
from tests.integration.world import make_hall, name_of

HALL = make_hall(leaders=6, delegates=14, masses=6, reporters=3)
# 好 alone stands in 您好 as well.
_TELLING = ("较好", "一般", "差", "弃权")
# Where an option word may stand: the form, before and after, and the counts.
_OPTION_TABLES = {"meetings", "polls", "ballot_counts"}


async def dump_database(url: str) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, with xmin and ctid."""
    connection = await asyncpg.connect(url)
    try:
        names = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        query = 'SELECT xmin::text AS xmin, ctid::text AS ctid, * FROM "{}" ORDER BY ctid'
        return {
            row["tablename"]: [dict(one) for one in await connection.fetch(query.format(row["tablename"]))]
            for row in names
        }
    finally:
        await connection.close()


async def dump_redis(url: str) -> bytes:
    """Every key with its value."""
    async with redis.asyncio.from_url(url) as client:
        parts = []
        async for key in client.scan_iter():
            kind = (await client.type(key)).decode()
            read = {"string": client.get, "hash": client.hgetall, "set": client.smembers}[kind]
            parts.append(key + b" " + repr(await read(key)).encode() + b"\n")
        return b"".join(parts)


def in_redis(dump: bytes, text: str) -> bool:
    """Whether a text stands in a Redis dump, raw or as repr or JSON escapes it."""
    raw = text.encode()
    escaped = text.encode("unicode_escape")
    return any(form in dump for form in (raw, repr(raw)[2:-1].encode(), escaped, repr(escaped)[2:-1].encode()))


@pytest.fixture
def loud(settings_values: dict[str, str]) -> dict[str, str]:
    """The most talkative logs there are."""
    return {**settings_values, "LOG_LEVEL": "debug"}


async def test_everything_taken_during_and_after_the_vote(
    loud: dict[str, str], postgres: Postgres | None, tmp_path: Path
) -> None:
    async with open_stage(loud, tmp_path) as stage:
        meeting = await set_up(stage, HALL, tmp_path)
        order = list(meeting.phones)
        await asyncio.gather(*(enter(meeting, number) for number in order))
        await stage.run("meeting", "open", str(meeting.id))
        waverer = order.pop()
        for number in order:
            await meeting.vote(number, random.Random(number))
        # One is in the middle of the ballot when everything is taken.
        await meeting.phones[waverer].text("投票")
        await answer(meeting.phones[waverer], "差", "word")

        during = await dump_database(loud["DATABASE_URL"])
        kept = await dump_redis(loud["REDIS_URL"])
        assert_sealed(during, kept, meeting)
        assert_key_holder_can_look(loud, during, meeting, order)

        await stage.run("meeting", "close", str(meeting.id))
        gone = await meeting.phones[waverer].text("好")
        assert "进度已经清除" in gone.text
        after = await dump_database(loud["DATABASE_URL"])
        kept = await dump_redis(loud["REDIS_URL"])
        assert_nothing_left(loud, after, kept, order)
        await meeting.assert_recount()
        await stage.stop()
        stage.processes.clear()
        server_log = (postgres.directory / "log").read_text() if postgres else ""
        assert_logs_tell_nothing(stage.all_logs() + server_log, meeting, loud)


def assert_sealed(during: dict[str, list[dict[str, Any]]], kept: bytes, meeting: LiveMeeting) -> None:
    """During the vote, without BALLOT_KEY: boxes of one length, and no option word beside a person."""
    boxes = during["sealed_ballots"]
    assert len(boxes) == len(meeting.counted)
    assert len({len(row["box"]) for row in boxes}) == 1
    assert len({row["box"] for row in boxes}) == len(boxes)
    for table, rows in during.items():
        if table not in _OPTION_TABLES:
            assert not any(word in str(row) for row in rows for word in WORDS), table
    assert "drafts" in during
    assert during["drafts"] == []
    for word in _TELLING:
        assert not in_redis(kept, word), word
    for phone in meeting.phones.values():
        assert not in_redis(kept, phone.openid)
    # No time, no order: only a random key, the poll and the box.
    assert set(boxes[0]) == {"xmin", "ctid", "id", "poll_id", "box"}
    assert {row["id"].version for row in boxes} == {4}
    assert not any(column.endswith("_at") for column in during["roll_entries"][0])


def assert_key_holder_can_look(
    values: dict[str, str], during: dict[str, list[dict[str, Any]]], meeting: LiveMeeting, order: list[str]
) -> None:
    """What the statement admits: with BALLOT_KEY and the database of that time, xmin links every ballot. Without the key, not."""
    (poll,) = during["polls"]
    staff_no = {row["id"]: row["staff_no"] for row in during["people"]}
    voter = {row["xmin"]: staff_no[row["person_id"]] for row in during["roll_entries"] if row["has_voted"]}
    secret = unwrap_secret(load_settings(values).ballot_key, poll["id"], poll["wrapped_secret"])
    assert secret is not None
    found = {
        voter[row["xmin"]]: [WORDS[choice] for choice in open_ballot(secret, row["box"])[1]]
        for row in during["sealed_ballots"]
    }
    assert found == meeting.counted
    assert unwrap_secret((b"x" * 32,), poll["id"], poll["wrapped_secret"]) is None
    with pytest.raises(CryptoError):
        open_ballot(b"x" * 32, during["sealed_ballots"][0]["box"])


def assert_nothing_left(
    values: dict[str, str], after: dict[str, list[dict[str, Any]]], kept: bytes, order: list[str]
) -> None:
    """After the close, even with every key: no ballot, no key, one xmin for the whole roll, its order not that of voting."""
    assert after["sealed_ballots"] == []
    (poll,) = after["polls"]
    assert poll["public_key"] is poll["wrapped_secret"] is poll["wrapped_desk"] is None
    roll = after["roll_entries"]
    assert len({row["xmin"] for row in roll}) == 1
    assert {row["cast_key"] for row in roll} == {None}
    staff_no = {row["id"]: row["staff_no"] for row in after["people"]}
    assert [staff_no[row["person_id"]] for row in roll if row["has_voted"]] != order
    voted_xmin = {row["xmin"] for row in roll}
    for table, rows in after.items():
        if table not in _OPTION_TABLES:
            assert not any(word in str(row) for row in rows for word in WORDS), table
    # Counts bear nothing that is different from voter to voter.
    assert set(after["ballot_counts"][0]) == {
        "xmin",
        "ctid",
        "id",
        "poll_id",
        "subject_no",
        "class_no",
        "item_no",
        "option",
        "count",
    }
    assert {row["xmin"] for row in after["ballot_counts"]} == voted_xmin
    assert b":seal:" not in kept
    for word in _TELLING:
        assert not in_redis(kept, word)


def assert_logs_tell_nothing(logs: str, meeting: LiveMeeting, values: dict[str, str]) -> None:
    """No openid, name, binding code, choice, poll, secret in any log; the logs are not empty either."""
    assert '"action"' in logs
    secrets = ("WECHAT_TOKEN", "WECHAT_AES_KEY", "WECHAT_APP_SECRET", "BALLOT_KEY", "SESSION_KEY")
    assert not any(values[name] in logs for name in secrets)
    for phone in [meeting.host, *meeting.phones.values()]:
        for text in (phone.openid, phone.name, phone.note, phone.note.replace("-", "")):
            assert text not in logs
    for word in ("较好", "弃权", "cast_ballot", "roll_entries", "投票", name_of(HALL.reporters[0])):
        assert word not in logs, word


async def test_vacuum_leaves_no_page_of_ballots(settings_values: dict[str, str], tmp_path: Path) -> None:
    async with open_stage(settings_values, tmp_path) as stage:
        meeting = await set_up(stage, HALL, tmp_path)
        voters = list(meeting.phones)[:10]
        await asyncio.gather(*(enter(meeting, number) for number in voters))
        await stage.run("meeting", "open", str(meeting.id))
        await asyncio.gather(*(meeting.vote(number, random.Random(number)) for number in voters))
        connection = await asyncpg.connect(settings_values["DATABASE_URL"])
        assert await connection.fetchval("SELECT pg_relation_size('sealed_ballots')") > 0
        await stage.run("meeting", "close", str(meeting.id))
        assert await connection.fetchval("SELECT pg_relation_size('sealed_ballots')") == 0
        assert await connection.fetchval("SELECT cleaned_at FROM polls") is not None
        await connection.close()
