"""What happens to a record between its draft and its review: late scans, two phones, people who have left, reviewers of their own."""

from dataclasses import replace
from datetime import date

import asyncpg
import pytest

from config.refusals import Refusal
from models.media import MediaItem
from models.people import Person
from models.photos import OTHER_DAY, PhotoQuestion
from services.people.roster import import_roster
from services.records.musters import arrive, make_muster, scene_of
from services.records.record_media import add_late_photo, keep_media
from services.records.record_reviews import list_records_to_review, review_record
from services.records.records import RecordContent, change_record, keep_record
from services.runtime import Runtime
from tests.integration.cycles import DEPUTY, MEMBER, NOW, OFFICE, PEOPLE, SECRETARY, phone_of, roster
from tests.integration.world import name_of

TODAY = NOW.date()
CHECKS = dict.fromkeys(("theme", "substance", "order", "archive"), True)
CONTENT = RecordContent("theme_day", date(2020, 12, 18), "学习党章", "会议室", checks=CHECKS)
ABSENT = (
    "SELECT p.staff_no, a.word FROM attendances a JOIN people p ON p.id = a.person_id WHERE NOT is_present ORDER BY 1"
)


@pytest.fixture
async def branch(rt: Runtime) -> int:
    await import_roster(roster(), now=NOW, actor="test")
    return (await Person.get(staff_no=SECRETARY)).organisation_id


async def id_of(staff_no: str) -> int:
    return (await Person.get(staff_no=staff_no)).id


async def absent_in(sql: asyncpg.Connection) -> list[tuple[str, str]]:
    return [tuple(row) for row in await sql.fetch(ABSENT)]


async def test_who_scans_while_the_secretary_still_writes_was_there(
    rt: Runtime, branch: int, sql: asyncpg.Connection
) -> None:
    secretary, member = await phone_of(rt, SECRETARY), await phone_of(rt, MEMBER)
    muster = await make_muster("k1", branch, "theme_day", actor=SECRETARY, now=NOW)
    await secretary.scan(scene_of(muster))
    await secretary.say("主题党日")
    assert "未扫码" in await secretary.say("学习党章")
    assert "已记您到场" in await member.scan(scene_of(muster))
    assert "实到 2/5" in await secretary.say("确认")
    assert MEMBER not in [number for number, _ in await absent_in(sql)]


async def test_a_scan_stays_when_a_correction_was_begun_before_it(
    rt: Runtime, branch: int, sql: asyncpg.Connection
) -> None:
    muster = await make_muster("k1", branch, "theme_day", actor=SECRETARY, now=NOW)
    absent = {await id_of(MEMBER): "未扫码", await id_of("1004"): "请假"}
    content = replace(CONTENT, held_on=TODAY, absent=absent, muster=muster.id)
    record = await keep_record("k2", branch, content, actor=SECRETARY, now=NOW)
    await arrive(muster.code, await id_of(MEMBER), NOW)
    await change_record(record.id, 1, replace(content, topic="学习条例"), actor=SECRETARY, now=NOW)
    assert await absent_in(sql) == [("1004", "请假")]


async def test_a_code_of_today_says_nothing_of_an_earlier_day(
    rt: Runtime, branch: int, sql: asyncpg.Connection
) -> None:
    secretary = await phone_of(rt, SECRETARY)
    muster = await make_muster("k1", branch, "theme_day", actor=SECRETARY, now=NOW)
    await secretary.scan(scene_of(muster))
    await secretary.say("主题党日")
    assert "应到 5，实到 5，全到" in await secretary.say("12月1日学习党章")
    await secretary.say("确认")
    assert await sql.fetchval("SELECT record_id FROM musters") is None


async def test_two_phones_that_change_only_who_was_missing_do_not_overwrite_each_other(
    rt: Runtime, branch: int, sql: asyncpg.Connection
) -> None:
    record = await keep_record("k1", branch, CONTENT, actor=SECRETARY, now=NOW)
    first = replace(CONTENT, absent={await id_of(MEMBER): "请假"})
    second = replace(CONTENT, absent={await id_of("1004"): "出差"})
    for _ in range(2):
        await change_record(record.id, 1, first, actor=SECRETARY, now=NOW)
    with pytest.raises(Refusal, match="changed_meanwhile"):
        await change_record(record.id, 1, second, actor=DEPUTY, now=NOW)
    assert await absent_in(sql) == [(MEMBER, "请假")]


async def test_who_was_expected_then_is_expected_still_when_the_record_is_corrected_after_people_moved(
    rt: Runtime, branch: int, sql: asyncpg.Connection
) -> None:
    secretary = await phone_of(rt, SECRETARY)
    await secretary.say("主题党日")
    await secretary.say(f"学习党章，{name_of(MEMBER)}请假")
    assert "实到 4/5" in await secretary.say("确认")
    number = await sql.fetchval("SELECT id FROM records")
    moved = tuple(("1003", "0102", *one[2:]) if one[0] == MEMBER else one for one in PEOPLE)
    await import_roster(roster((*moved, ("1010", "0101", "正式党员", ""))), now=NOW, actor="test")
    shown = await secretary.say(f"改记录{number}")
    assert f"应到 5，实到 4，缺席：{name_of(MEMBER)}（请假）" in shown
    await secretary.say("改主题")
    await secretary.say("学习条例")
    assert "实到 4/5" in await secretary.say("确认")
    assert await absent_in(sql) == [(MEMBER, "请假")]
    assert await sql.fetchval("SELECT topic FROM records") == "学习条例"


async def test_photos_after_a_reminder_talk_are_not_put_into_it(
    rt: Runtime, branch: int, sql: asyncpg.Connection
) -> None:
    secretary = await phone_of(rt, SECRETARY)
    for text in ("谈话提醒", f"和{name_of(MEMBER)}谈了迟到的事", "遵纪守法", "确认"):
        await secretary.say(text)
    assert "谈话提醒" not in await secretary.show("m1")
    assert await sql.fetchval("SELECT count(*) FROM media_items WHERE record_id IS NOT NULL") == 0


async def test_nobody_reviews_what_they_had_a_hand_in_or_what_their_own_branch_keeps(rt: Runtime, branch: int) -> None:
    both = tuple((*one[:3], "委员,考核组") if one[0] == DEPUTY else one for one in PEOPLE)
    await import_roster(roster(both), now=NOW, actor="test")
    record = await keep_record("k1", branch, CONTENT, actor=SECRETARY, now=NOW)
    assert await list_records_to_review(DEPUTY) == []
    with pytest.raises(Refusal, match="own_record"):
        await review_record(record.id, 1, accept=True, reason="", actor=DEPUTY, now=NOW)
    assert [one.id for one in await list_records_to_review(OFFICE)] == [record.id]


async def test_a_photo_is_not_taken_out_of_what_was_accepted_with_it(
    rt: Runtime, branch: int, sql: asyncpg.Connection
) -> None:
    key = await keep_media(rt.settings, "image", "m1", await id_of(SECRETARY), NOW)
    record = await keep_record("k1", branch, replace(CONTENT, media=(key,)), actor=SECRETARY, now=NOW)
    photo = await MediaItem.get(source_key=key)
    asked = PhotoQuestion(source_key="q", kind=OTHER_DAY, record_id=record.id, media_id=photo.id, asked_at=NOW)
    asked.detail = {"taken_on": "2020-01-01"}
    await asked.save()
    phone = await phone_of(rt, SECRETARY)
    await phone.say("照片说明")
    await review_record(record.id, 1, accept=True, reason="", actor=OFFICE, now=NOW)
    assert "不能再拿掉" in await phone.say("发错了，拿掉这张")
    assert await sql.fetchval("SELECT count(*) FROM media_items WHERE record_id IS NOT NULL") == 1
    with pytest.raises(Refusal, match="reviewed"):
        await add_late_photo(rt.settings, "m2", record.id, await Person.get(staff_no=SECRETARY), NOW)
