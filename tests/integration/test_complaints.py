"""投诉建议: from anybody, kept once, with what belongs to it."""

import json
import re

import asyncpg
import pytest

from app.complaint_commands import run_list
from services.handouts import issue_codes
from services.runtime import Runtime
from tests.integration.chatting import Phone
from tests.integration.world import NOW, hold, make_hall, name_of


async def test_a_stranger_complains_and_is_not_named(rt: Runtime, sql: asyncpg.Connection) -> None:
    phone = Phone(rt, "o-1")
    assert "不会记下您是谁" in await phone.say("投诉建议")
    assert "会议室太冷" in await phone.say("会议室太冷")
    done = await phone.say("确认")
    assert re.search(r"编号 20220118-\d+", done)
    row = await sql.fetchrow("SELECT text, person_id FROM complaints")
    assert dict(row) == {"text": "会议室太冷", "person_id": None}
    assert await sql.fetchval("SELECT count(*) FROM drafts") == 0


async def test_the_same_confirmation_again_keeps_one_complaint(rt: Runtime, sql: asyncpg.Connection) -> None:
    phone = Phone(rt, "o-1")
    await phone.say("投诉建议")
    await phone.say("会议室太冷")
    done = await phone.say("确认")
    assert await phone.repeat() == done
    await phone.say("确认")
    assert await sql.fetchval("SELECT count(*) FROM complaints") == 1


async def test_a_draft_outlives_redis(rt: Runtime, sql: asyncpg.Connection) -> None:
    phone = Phone(rt, "o-1")
    await phone.say("投诉建议")
    await phone.say("会议室太冷")
    await rt.redis.flushall()
    assert "会议室太冷" in await phone.say("继续")
    assert "编号" in await phone.say("确认")
    assert await sql.fetchval("SELECT text FROM complaints") == "会议室太冷"


async def test_a_photo_goes_with_it_only_if_they_like(rt: Runtime, sql: asyncpg.Connection) -> None:
    phone = Phone(rt, "o-1")
    await phone.say("投诉建议")
    await phone.say("会议室太冷")
    assert "照片" in await phone.say("附一张照片")
    assert "已附一张照片" in await phone.show("media-1")
    await phone.say("确认")
    row = await sql.fetchrow(
        "SELECT m.media_id, m.kind, c.text FROM media_items m JOIN complaints c ON c.id = complaint_id"
    )
    assert tuple(row) == ("media-1", "image", "会议室太冷")


async def test_minds_may_be_changed_about_the_photo(rt: Runtime, sql: asyncpg.Connection) -> None:
    phone = Phone(rt, "o-1")
    await phone.say("投诉建议")
    await phone.say("会议室太冷")
    await phone.say("附一张照片")
    assert "不附照片" in await phone.say("不附")
    await phone.say("确认")
    assert await sql.fetchval("SELECT count(*) FROM media_items") == 0
    assert await sql.fetchval("SELECT count(*) FROM complaints") == 1


async def test_a_voice_counts_as_what_was_understood(rt: Runtime, sql: asyncpg.Connection) -> None:
    phone = Phone(rt, "o-1")
    await phone.say("投诉建议")
    assert "没能转成文字" in await phone.speak("")
    assert "照片可以在下一步附上" in await phone.show("media-1")
    assert "会议室太冷" in await phone.speak("会议室太冷。")


async def test_too_much_text_is_told_with_its_length(rt: Runtime) -> None:
    phone = Phone(rt, "o-1")
    await phone.say("投诉建议")
    assert "内容有 1001 字，最多 1000 字" in await phone.say("冷" * 1001)
    assert "共 1000 字" in await phone.say("冷" * 1000)


async def test_who_is_bound_is_told_so_and_named(rt: Runtime, sql: asyncpg.Connection) -> None:
    await hold(make_hall())
    issued = await issue_codes(rt.settings, org="0102", renew=False, now=NOW, actor="test")
    phone = Phone(rt, "o-1")
    await phone.say("绑定")
    await phone.say(issued[0].name)
    await phone.say(issued[0].code)
    assert name_of(issued[0].staff_no) in await phone.say("投诉建议")
    await phone.say("会议室太冷")
    await phone.say("确认")
    assert (
        await sql.fetchval("SELECT staff_no FROM complaints JOIN people ON people.id = person_id") == issued[0].staff_no
    )


async def test_markup_in_a_complaint_is_harmless_when_shown(rt: Runtime, sql: asyncpg.Connection) -> None:
    phone = Phone(rt, "o-1")
    await phone.say("投诉建议")
    text = '<a href="weixin://bizmsgmenu?msgmenucontent=x&msgmenuid=1">点我</a>'
    assert text not in await phone.say(text)
    await phone.say("确认")
    assert await sql.fetchval("SELECT text FROM complaints") == text


async def test_the_office_lists_them_newest_first_and_no_text_steers_its_terminal(
    rt: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    phone = Phone(rt, "o-1")
    for text in ("第一条", "第二\u009b2J条"):
        await phone.say("投诉建议")
        await phone.say(text)
        await phone.say("确认")
    assert await run_list(as_json=False) == 0
    printed = capsys.readouterr().out
    assert printed.index("第二 2J条") < printed.index("第一条")
    assert "\u009b" not in printed
    await run_list(as_json=True)
    assert [row["staff_no"] for row in json.loads(capsys.readouterr().out)] == [None, None]
