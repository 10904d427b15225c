"""投诉建议: from anybody, kept once, with what belongs to it."""

import asyncio
import json
import re
from argparse import Namespace
from datetime import timedelta

import asyncpg
import pytest

from app.commands.complaints import show_all
from config.refusals import Refusal
from models.accounts import Account
from models.people import Person, Post
from services.people.handouts import issue_codes
from services.reminders.agenda import list_agenda
from services.requests.complaints import answer_complaint, get_complaint
from services.runtime import Runtime
from tests.integration.chatting import Phone
from tests.integration.world import NOW, Hall, hold, make_hall, name_of


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
    assert await show_all(rt.settings, Namespace(as_json=False)) == 0
    printed = capsys.readouterr().out
    assert printed.index("第二 2J条") < printed.index("第一条")
    assert "\u009b" not in printed
    await show_all(rt.settings, Namespace(as_json=True))
    assert [row["staff_no"] for row in json.loads(capsys.readouterr().out)] == [None, None]


async def bound(rt: Runtime, number: str) -> Phone:
    person = await Person.get(staff_no=number)
    await Account.create(openid=f"o-{number}", person=person, bound_at=NOW, consent="test")
    return Phone(rt, f"o-{number}")


async def complain(phone: Phone, text: str = "会议室太冷") -> str:
    """Submit it; the number that was told."""
    for word in ("投诉建议", text):
        await phone.say(word)
    found = re.search(r"编号 ([0-9-]+)", await phone.say("确认"))
    assert found
    return found[1]


async def officer(hall: Hall) -> str:
    """The host becomes the organisation department."""
    person = await Person.get(staff_no=hall.host)
    await Post.create(title="组织部", person=person, organisation_id=person.organisation_id)
    return hall.host


async def test_a_named_complaint_is_answered_and_the_answer_comes_back(rt: Runtime) -> None:
    hall = make_hall()
    await hold(hall)
    office = await bound(rt, await officer(hall))
    member, other = await bound(rt, "2001"), await bound(rt, "2002")
    number = await complain(member)
    assert re.fullmatch(r"20220118-[0-9]+", number)
    assert "还没有答复" in await member.say(f"投诉 {number}")
    words = [due.word for due in await list_agenda(NOW, [(await Person.get(staff_no=hall.host)).id])]
    assert "答复投诉" in words
    assert "会议室太冷" in await office.say("答复投诉")
    await office.say("已经调高温度")
    assert "已答复。会在微信里通知本人。" in await office.say("确认")
    told = await member.say("任务")
    assert f"您的投诉建议已答复，回复 投诉 {number} 随时可看。答复：已经调高温度" in told
    assert "已经调高温度" in await member.say(f"投诉 {number}")
    assert "已经调高温度" in await member.say(f"投诉{number}")
    assert "只有本人能看" in await other.say(f"投诉 {number}")
    assert "没有等您答复" in await office.say("答复投诉")


async def test_whoever_answers_hears_that_the_sender_has_no_phone_any_more(rt: Runtime) -> None:
    hall = make_hall()
    await hold(hall)
    office, member = await bound(rt, await officer(hall)), await bound(rt, "2001")
    await complain(member)
    await member.unfollow()
    await office.say("答复投诉")
    await office.say("已经调高温度")
    assert "已答复。本人还没有绑定手机，请您另行告知。" in await office.say("确认")


async def test_an_anonymous_answer_is_for_whoever_knows_the_whole_number(rt: Runtime, sql: asyncpg.Connection) -> None:
    hall = make_hall()
    await hold(hall)
    await officer(hall)
    stranger = Phone(rt, "o-1")
    number = await complain(stranger)
    reference, _, check = number.rpartition("-")
    assert len(check) == 8
    found = await get_complaint(number)
    assert (await get_complaint(reference)).id == found.id
    await answer_complaint(found.id, answer="已经修好", now=NOW, actor=hall.host)
    assert "已经修好" in await stranger.say(f"投诉 {number}")
    assert "已经修好" in await Phone(rt, "o-2").say(f"投诉建议 {number}")
    for wrong in (reference, f"{reference}-{(int(check) + 1) % 10**8:08d}", "20220119-1"):
        assert "没有这个编号" in await stranger.say(f"投诉 {wrong}")
    assert await sql.fetchval("SELECT count(*) FROM notices WHERE kind = 'complaint'") == 0


async def test_two_officers_at_once_give_one_answer(rt: Runtime, sql: asyncpg.Connection) -> None:
    hall = make_hall()
    await hold(hall)
    await officer(hall)
    found = await get_complaint(await complain(await bound(rt, "2001")))
    done = await asyncio.gather(
        *(answer_complaint(found.id, answer=text, now=NOW, actor=hall.host) for text in ("甲", "乙", "丙")),
        return_exceptions=True,
    )
    assert [one.code for one in done if isinstance(one, Refusal)] == ["answered"] * 2
    assert await sql.fetchval("SELECT count(*) FROM notices WHERE kind = 'complaint'") == 1
    with pytest.raises(Refusal, match="not_entitled"):
        await answer_complaint(found.id, answer="丁", now=NOW, actor="2002")


async def test_a_phone_may_complain_five_times_a_day(rt: Runtime, sql: asyncpg.Connection) -> None:
    phone = Phone(rt, "o-1")
    for number in range(5):
        await complain(phone, f"第{number}件事")
    assert "每天最多提 5 条" in await phone.say("投诉建议")
    assert await sql.fetchval("SELECT count(*) FROM complaints") == 5
    await complain(Phone(rt, "o-2"))
    phone.now = NOW + timedelta(days=1)
    await complain(phone)


async def test_nothing_that_is_kept_tells_whose_an_anonymous_complaint_is(rt: Runtime) -> None:
    await complain(Phone(rt, "o-anon"))
    names = [name.decode() async for name in rt.redis.scan_iter("zp:complaints:*")]
    assert len(names) == 1
    assert "o-anon" not in names[0]
    assert 0 < await rt.redis.ttl(names[0]) <= 86400
