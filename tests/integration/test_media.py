"""Media: noted with the message, fetched once by whichever worker comes, kept by content, given up after three days."""

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from models import media as tables
from sandbox.faults import ApiFault
from sandbox.media import TINY_JPEG
from services.records import media
from services.runtime import Runtime
from tests.faults.platform import Platform

pytestmark = pytest.mark.usefixtures("platform")

NOON = datetime(2022, 1, 18, 4, 0, 0, tzinfo=UTC)
GET = "/cgi-bin/media/get"


async def a_photo(platform: Platform, source_key: str = "s1", content: bytes = TINY_JPEG) -> str:
    """A photo on the platform that is expected; its media_id."""
    media_id = platform.world.media.add("image", "image/jpeg", content).id
    await media.expect_media("image", media_id, source_key, None, NOON)
    return media_id


async def rows(sql: asyncpg.Connection) -> list[asyncpg.Record]:
    return list(await sql.fetch("SELECT * FROM media_items ORDER BY source_key"))


async def test_a_photo_is_fetched_and_kept_by_its_content(
    rt: Runtime, platform: Platform, sql: asyncpg.Connection
) -> None:
    media_id = await a_photo(platform)
    await media.expect_media("image", media_id, "s1", None, NOON)
    await a_photo(platform, "s2")
    while await media.fetch_due(rt, NOON, limit=1):
        pass
    digest = hashlib.sha256(TINY_JPEG).hexdigest()
    kept = [(row["state"], row["sha256"], row["content_type"]) for row in await rows(sql)]
    assert kept == [("stored", digest, "image/jpeg")] * 2
    assert rt.files.read(digest) == TINY_JPEG


async def test_many_workers_at_once_fetch_each_item_once(
    rt: Runtime, platform: Platform, sql: asyncpg.Connection
) -> None:
    for i in range(24):
        await a_photo(platform, f"s{i}", TINY_JPEG + bytes([i]))
    taken = await asyncio.gather(*(media.fetch_due(rt, NOON, limit=5) for _ in range(6)))
    assert sum(taken) == 24
    assert {row["state"] for row in await rows(sql)} == {"stored"}
    assert platform.calls(GET) == 24


async def test_one_photo_sent_twice_at_once_is_stored(rt: Runtime, platform: Platform, sql: asyncpg.Connection) -> None:
    for i in range(6):
        await a_photo(platform, f"s{i}")
    for minutes in range(3):
        await media.fetch_due(rt, NOON + timedelta(minutes=minutes))
    assert {row["state"] for row in await rows(sql)} == {"stored"}


async def test_what_the_platform_no_longer_has_is_lost(
    rt: Runtime, platform: Platform, sql: asyncpg.Connection
) -> None:
    await media.expect_media("voice", "no-such-media", "s1", None, NOON)
    await media.fetch_due(rt, NOON)
    await media.fetch_due(rt, NOON + timedelta(days=1))
    assert [row["state"] for row in await rows(sql)] == ["lost"]
    assert platform.calls(GET) == 1


async def test_a_picture_that_cannot_be_cleaned_is_not_kept(
    rt: Runtime, platform: Platform, sql: asyncpg.Connection
) -> None:
    """What nobody can read may tell where it was taken, such as a phone's own format."""
    await a_photo(platform, content=b"\0\0\0\x18ftypheic\0\0\0\0mif1heic GPS 39.9 N")
    await media.fetch_due(rt, NOON)
    await media.fetch_due(rt, NOON + timedelta(days=1))
    assert [(row["state"], row["sha256"]) for row in await rows(sql)] == [("lost", None)]
    assert platform.calls(GET) == 1
    assert [one for one in rt.files.directory.rglob("*") if one.is_file()] == []


async def test_a_fault_is_tried_again_with_longer_pauses(
    rt: Runtime, platform: Platform, sql: asyncpg.Connection
) -> None:
    await a_photo(platform)
    platform.world.faults.add_api(ApiFault(path=GET, errcode=-1, times=3))
    now, pauses = NOON, []
    for _ in range(3):
        await media.fetch_due(rt, now)
        [row] = await rows(sql)
        assert row["state"] == "waiting"
        pauses.append(row["due_at"] - now)
        now = row["due_at"]
    assert pauses == [media.pause_after(1), media.pause_after(2), media.pause_after(3)]
    assert pauses[0] < pauses[1] < pauses[2]
    await media.fetch_due(rt, now)
    assert [row["state"] for row in await rows(sql)] == ["stored"]


async def test_after_three_days_it_is_given_up(rt: Runtime, platform: Platform, sql: asyncpg.Connection) -> None:
    await a_photo(platform)
    platform.world.faults.add_api(ApiFault(path=GET, errcode=-1, times=1000))
    now = NOON
    while (row := (await rows(sql))[0])["state"] == "waiting":
        now = max(now, row["due_at"])
        await media.fetch_due(rt, now)
    assert row["state"] == "lost"
    assert timedelta(days=3) <= now - NOON <= timedelta(days=3, hours=1)


async def test_a_file_beyond_the_cap_is_not_kept(rt: Runtime, platform: Platform, sql: asyncpg.Connection) -> None:
    await a_photo(platform, content=TINY_JPEG + bytes(media.MAX_BYTES))
    await media.fetch_due(rt, NOON)
    assert [row["state"] for row in await rows(sql)] == ["lost"]
    assert not list(rt.files.directory.rglob("*"))


async def test_an_item_taken_by_a_dead_worker_is_fetched_after_the_lease(
    rt: Runtime, platform: Platform, sql: asyncpg.Connection
) -> None:
    await a_photo(platform)
    assert len(await tables.claim_due(NOON, NOON + media.LEASE, 5)) == 1
    assert await media.fetch_due(rt, NOON + media.LEASE - timedelta(seconds=1)) == 0
    assert await media.fetch_due(rt, NOON + media.LEASE) == 1
    assert [row["state"] for row in await rows(sql)] == ["stored"]


async def test_a_full_disk_loses_nothing(rt: Runtime, platform: Platform, sql: asyncpg.Connection) -> None:
    await a_photo(platform)
    # A file where the directory should be: the store cannot write.
    rt.files.directory.parent.mkdir(parents=True, exist_ok=True)
    rt.files.directory.write_bytes(b"")
    await media.fetch_due(rt, NOON)
    assert [row["state"] for row in await rows(sql)] == ["waiting"]
    rt.files.directory.unlink()
    await media.fetch_due(rt, NOON + timedelta(minutes=1))
    assert [row["state"] for row in await rows(sql)] == ["stored"]


def test_pauses_double_and_stop_growing_at_an_hour() -> None:
    pauses = [media.pause_after(attempts) for attempts in (1, 2, 3, 9, 10, 500)]
    assert pauses[:3] == [timedelta(seconds=15), timedelta(seconds=30), timedelta(seconds=60)]
    assert pauses[3:] == [timedelta(hours=1)] * 3
