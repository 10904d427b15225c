"""Questions about photos: near ones over branches and years, other days, bulks; first to the branch, then to the reviewer."""

import asyncio
from datetime import date, timedelta

import asyncpg
import pytest

from models import media as tables
from models.people import Person
from services.cycles.stages import set_stage, stage_days
from services.people.roster import import_roster
from services.records import media
from services.records.record_media import keep_media, media_key
from services.records.records import RecordContent, keep_record
from services.runtime import Runtime
from tests.faults.platform import Platform
from tests.integration.chatting import Phone
from tests.integration.cycles import NOW, OFFICE, OTHER_SECRETARY, SECRETARY, SUPERIOR, make_cycle, phone_of, roster
from tests.unit.services.photographs import PLACE, jpeg, scene, told

pytestmark = pytest.mark.usefixtures("platform")

CHECKS = dict.fromkeys(("theme", "substance", "order", "archive"), True)


async def record_by_phone(
    rt: Runtime, platform: Platform, phone: Phone, *photos: bytes, words: str = "学习党章"
) -> None:
    """A theme day with these photos, fetched."""
    await phone.say("主题党日")
    await phone.say(words)
    for content in photos:
        await phone.show(platform.world.media.add("image", "image/jpeg", content).id)
    assert "已记下" in await phone.say("确认")
    while await media.fetch_due(rt, phone.now):
        pass


async def test_a_near_photo_of_another_branch_years_ago_is_asked_about(
    rt: Runtime, platform: Platform, sql: asyncpg.Connection
) -> None:
    await import_roster(roster(), now=NOW, actor="test")
    first, second = await phone_of(rt, SECRETARY), await phone_of(rt, OTHER_SECRETARY)
    await record_by_phone(rt, platform, first, jpeg(scene(1)), jpeg(scene(2)))
    second.now += timedelta(days=800)
    await record_by_phone(rt, platform, second, jpeg(scene(9)), jpeg(scene(1).resize((320, 240)), 60))
    (row,) = await sql.fetch("SELECT q.kind, q.record_id, q.other_id FROM photo_questions q")
    assert tuple(row) == ("near", 2, 1)
    # The branch is asked first, and another branch is not named to it; nobody else hears of it.
    told_to = await sql.fetch("SELECT p.staff_no, n.text FROM notices n JOIN people p ON p.id = n.person_id")
    assert [one["staff_no"] for one in told_to] == [OTHER_SECRETARY]
    assert "另一个支部 2020年12月20日" in told_to[0]["text"]
    assert "第一党支部" not in told_to[0]["text"]
    superior = await phone_of(rt, SUPERIOR, now=second.now)
    await superior.say("审核记录")
    assert "核对" not in await superior.say(f"第二党支部 主题党日（{_day(second)}） 编号2")
    assert "请您说明一句" in await second.say("任务")
    asked = await second.say("照片说明")
    assert "很像" in asked
    assert "不是批评" in asked
    assert "已记下您的说明" in await second.say("和一支部联合开展的")
    assert "没有要您说明的" in await second.say("照片说明")
    await superior.say("取消")
    await superior.say("审核记录")
    seen = await superior.say(f"第二党支部 主题党日（{_day(second)}） 编号2")
    assert "支部说明：和一支部联合开展的" in seen


def _day(phone: Phone) -> str:
    day = phone.now.date()
    return f"{day.year}年{day.month}月{day.day}日"


async def test_the_same_photos_within_a_record_and_blank_ones_ask_nothing(
    rt: Runtime, platform: Platform, sql: asyncpg.Connection
) -> None:
    await import_roster(roster(), now=NOW, actor="test")
    phone = await phone_of(rt, SECRETARY)
    await record_by_phone(rt, platform, phone, jpeg(scene(1)), jpeg(scene(1), 50))
    await record_by_phone(rt, platform, phone, jpeg(scene(3)), words="学习条例")
    assert await sql.fetchval("SELECT count(*) FROM photo_questions") == 0


async def test_a_photo_of_another_day_is_asked_about_and_its_place_is_gone(
    rt: Runtime, platform: Platform, sql: asyncpg.Connection
) -> None:
    await import_roster(roster(), now=NOW, actor="test")
    phone = await phone_of(rt, SECRETARY)
    await record_by_phone(rt, platform, phone, jpeg(scene(1), exif=told("2020:03:02 09:00:00")))
    notice = await sql.fetchval("SELECT text FROM notices")
    assert "2020年3月2日" in notice
    assert "请问是什么情况" in notice
    digest = await sql.fetchval("SELECT sha256 FROM media_items")
    assert PLACE.encode() not in rt.files.read(digest)
    await phone.say("照片说明")
    assert "已把这张照片拿掉" in await phone.say("发错了，拿掉这张")
    assert await sql.fetchval("SELECT record_id FROM media_items") is None


async def test_near_photos_that_come_at_the_same_moment_are_seen(
    rt: Runtime, platform: Platform, sql: asyncpg.Connection
) -> None:
    await import_roster(roster(), now=NOW, actor="test")
    phones = [await phone_of(rt, SECRETARY), await phone_of(rt, OTHER_SECRETARY)]
    for phone, quality in zip(phones, (90, 50), strict=True):
        await phone.say("主题党日")
        await phone.say("学习党章")
        await phone.show(platform.world.media.add("image", "image/jpeg", jpeg(scene(1), quality)).id)
    workers = (media.fetch_due(rt, NOW + timedelta(seconds=n), limit=1) for n in range(4))
    await asyncio.gather(*(phone.say("确认") for phone in phones), *workers)
    while await media.fetch_due(rt, NOW + timedelta(minutes=1)):
        pass
    assert await sql.fetchval("SELECT count(*) FROM photo_questions WHERE kind = 'near'") == 1


async def test_a_worker_killed_while_fetching_loses_no_photo_and_asks_once(
    rt: Runtime, platform: Platform, sql: asyncpg.Connection
) -> None:
    await import_roster(roster(), now=NOW, actor="test")
    phone = await phone_of(rt, SECRETARY)
    await phone.say("主题党日")
    await phone.say("学习党章")
    await phone.show(platform.world.media.add("image", "image/jpeg", jpeg(scene(1), exif=told())).id)
    await phone.say("确认")
    platform.hold_path = "/cgi-bin/media/get"
    killed = asyncio.create_task(media.fetch_due(rt, NOW))
    await platform.held.wait()
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    platform.let_go()
    assert await media.fetch_due(rt, NOW + timedelta(seconds=1)) == 0
    assert await media.fetch_due(rt, NOW + media.LEASE) == 1
    assert await sql.fetchval("SELECT state FROM media_items") == "stored"
    assert await sql.fetchval("SELECT count(*) FROM photo_questions") == 1


async def test_many_late_records_before_a_deadline_are_seen_as_such_and_asked_about_once(
    rt: Runtime, sql: asyncpg.Connection
) -> None:
    cycle = await make_cycle()
    stage = next(iter(await stage_days(cycle)))
    due = NOW.date() + timedelta(days=3)
    await set_stage(cycle.id, stage, {"due": due}, reason="年底前办完", now=NOW, actor=OFFICE)
    await keep_late(5)
    rows = await sql.fetch("SELECT text FROM notices")
    assert len(rows) == 1
    assert "今天集中补记了 4 次较早的活动" in rows[0]["text"]
    assert "2020年12月23日 截止" in rows[0]["text"]
    assert "请问是什么情况" in rows[0]["text"]
    superior = await phone_of(rt, SUPERIOR)
    await superior.say("审核记录")
    assert await sql.fetchval("SELECT count(*) FROM photo_questions") == 1


async def keep_late(count: int) -> None:
    """So many theme days of long ago, kept one after the other."""
    branch = await _branch()
    for number in range(count):
        content = RecordContent("theme_day", date(2020, 3 + number, 5), f"学习{number}", checks=CHECKS)
        await keep_record(f"k{number}", branch, content, actor=SECRETARY, now=NOW + timedelta(minutes=number))


async def _branch() -> int:
    return (await Person.get(staff_no=SECRETARY)).organisation_id


async def test_records_kept_in_time_ask_nothing(rt: Runtime, sql: asyncpg.Connection) -> None:
    await import_roster(roster(), now=NOW, actor="test")
    branch = await _branch()
    for number in range(6):
        content = RecordContent("theme_day", date(2020, 12, 10 + number), f"学习{number}", checks=CHECKS)
        await keep_record(f"k{number}", branch, content, actor=SECRETARY, now=NOW)
    assert await sql.fetchval("SELECT count(*) FROM photo_questions") == 0


async def test_however_many_photos_there_are_near_ones_are_found_by_index(rt: Runtime, sql: asyncpg.Connection) -> None:
    await import_roster(roster(), now=NOW, actor="test")
    person = await sql.fetchval("SELECT id FROM people WHERE staff_no = $1", SECRETARY)
    await keep_media(rt.settings, "image", "m1", person, NOW)
    await sql.execute("SET enable_seqscan = off")
    plan = await sql.fetch(
        "EXPLAIN SELECT media_id FROM photo_prints p WHERE p.band_0 = ANY($1::int[]) OR p.band_1 = ANY($1::int[]) "
        "OR p.band_2 = ANY($1::int[]) OR p.band_3 = ANY($1::int[])",
        list(range(17)),
    )
    text = "\n".join(row[0] for row in plan)
    assert text.count("Bitmap Index Scan") == 4
    assert "Seq Scan" not in text
    item = await tables.MediaItem.get(source_key=media_key(rt.settings, "m1"))
    assert item.keeper_id == person
