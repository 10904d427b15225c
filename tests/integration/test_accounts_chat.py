"""绑定 in the chat: from a stranger's first word to 绑定成功, and everything that can come between."""

import hashlib
from datetime import timedelta

import asyncpg
import pytest

from handlers.chat.accounts import PRIVACY
from services.meetings.meetings import scene_of
from services.people.accounts import CONSENT, find_person
from services.people.handouts import issue_codes
from services.polls.polls import open_poll
from services.runtime import Runtime
from tests.integration.chatting import Phone, bound_phone
from tests.integration.stored import everything_in, is_in
from tests.integration.world import NOW, hold, make_hall, name_of

WRONG = "AAAA-AAAA"
NUMBER = "2001"


@pytest.fixture
async def scene(rt: Runtime) -> str:
    return scene_of(await hold(make_hall()))


async def code_of(rt: Runtime, staff_no: str = NUMBER) -> str:
    issued = await issue_codes(rt.settings, org=None, renew=False, now=NOW, actor="test")
    return next(one.code for one in issued if one.staff_no == staff_no)


async def test_a_stranger_binds_in_three_messages(rt: Runtime, scene: str, sql: asyncpg.Connection) -> None:
    phone = Phone(rt, "o-1")
    assert "绑定" in await phone.follow()
    asked = await phone.say("绑定")
    assert "姓名" in asked
    assert "隐私" in asked
    assert "绑定码" in await phone.say(name_of(NUMBER))
    done = await phone.say((await code_of(rt)).lower())
    assert "绑定成功" in done
    assert "第一党支部" in done
    assert await sql.fetchval("SELECT consent FROM accounts") == CONSENT
    assert "已经绑定为" in await phone.say("绑定")
    assert await sql.fetchval("SELECT count(*) FROM drafts") == 0


async def test_a_scan_binds_first_and_then_checks_in_with_one_answer(rt: Runtime, scene: str) -> None:
    phone = Phone(rt, "o-1")
    assert "姓名" in await phone.scan(scene)
    await phone.say(name_of(NUMBER))
    done = await phone.say(await code_of(rt))
    assert "绑定成功" in done
    assert "签到成功" in done
    assert await phone.repeat() == done
    assert "签到成功" in await phone.scan(scene)


async def test_a_scan_while_the_vote_is_open_offers_the_vote_first_to_who_may(rt: Runtime) -> None:
    meeting = await hold(make_hall())
    await open_poll(rt, meeting.id, now=NOW, actor="command")
    phone = Phone(rt, "o-1")
    await phone.scan(scene_of(meeting))
    await phone.say(name_of(NUMBER))
    done = await phone.say(await code_of(rt))
    assert "您是「党员代表」" in done
    assert done.index(">1 投票<") < done.index(">2 任务<")
    assert "投票前请先看" in await phone.tap("1 投票")
    repeated = await phone.say("看不懂")
    assert "投票前请先看" not in repeated
    assert "第 1/3 题" in repeated
    again = await (other := await bound_phone(rt, "2002", NOW)).scan(scene_of(meeting))
    assert "您是「党员代表」" in again
    assert "投票前请先看" in await other.tap("1 投票")
    assert "投票<" not in await (await bound_phone(rt, make_hall().host, NOW)).scan(scene_of(meeting))


async def test_a_scan_of_a_meeting_that_is_not_there_still_binds(rt: Runtime, scene: str) -> None:
    phone = Phone(rt, "o-1")
    await phone.scan("m.nothing")
    await phone.say(name_of(NUMBER))
    assert "绑定成功" in await phone.say(await code_of(rt))


async def test_the_last_message_again_after_redis_has_forgotten_it(rt: Runtime, scene: str) -> None:
    phone = Phone(rt, "o-1")
    await phone.say("绑定")
    await phone.say(name_of(NUMBER))
    await phone.say(await code_of(rt))
    await rt.redis.flushall()
    assert "系统出错" not in await phone.repeat()
    assert (await find_person("o-1")) is not None


async def test_a_wrong_code_is_asked_for_again_and_the_third_ends_it(rt: Runtime, scene: str) -> None:
    phone = Phone(rt, "o-1")
    await phone.say("绑定")
    await phone.say(name_of(NUMBER))
    assert "还可以试 2 次" in await phone.say(WRONG)
    assert "还可以试 1 次" in await phone.say(WRONG)
    assert "09:15" in await phone.say(WRONG)
    assert "09:15" in await phone.say("绑定")
    phone.now += timedelta(minutes=15)
    assert "姓名" in await phone.say("绑定")


async def test_a_wrong_name_can_be_mended_with_one_step_back(rt: Runtime, scene: str) -> None:
    phone = Phone(rt, "o-1")
    await phone.say("绑定")
    await phone.say("写错了的姓名")
    await phone.say(await code_of(rt))
    assert "姓名" in await phone.say("上一步")
    await phone.say(name_of(NUMBER))
    assert "绑定成功" in await phone.say(await code_of(rt))


async def test_what_is_no_name_and_no_code_is_explained_and_not_counted(
    rt: Runtime, scene: str, sql: asyncpg.Connection
) -> None:
    phone = Phone(rt, "o-1")
    await phone.say("绑定")
    assert "请先回复您的姓名" in await phone.say("任务")
    assert "文字" in await phone.show("photo-1")
    assert "与名册上的一致" in await phone.say("很" * 65)
    assert '<a href="x"' not in await phone.say('<a href="x">王</a>')
    for text in ("绑定码在哪里", "????", "任务"):
        assert "没有算作一次尝试" in await phone.say(text)
    assert await sql.fetchval("SELECT count(*) FROM binding_failures") == 0
    assert "已取消" in await phone.say("取消")


async def test_unfollowing_forgets_who_it_was_and_says_nothing(rt: Runtime, scene: str) -> None:
    phone = Phone(rt, "o-1")
    await phone.say("绑定")
    await phone.say(name_of(NUMBER))
    await phone.say(await code_of(rt))
    assert await phone.unfollow() == ""
    assert await find_person("o-1") is None


async def test_whoever_is_not_bound_is_led_to_binding_whatever_they_type(rt: Runtime, scene: str) -> None:
    phone = Phone(rt, "o-1")
    for text in (name_of(NUMBER), await code_of(rt), "你好", "取消"):
        said = await phone.say(text)
        assert "1 绑定：" in said
        assert "任务" not in said
    assert "姓名" in await phone.say("1")
    await phone.say(name_of(NUMBER))
    await phone.say(await code_of(rt))
    said = await phone.say("你好")
    assert "任务" in said
    assert "绑定" not in said


async def test_name_and_code_in_one_message_bind_once_the_notice_has_been_seen(
    rt: Runtime, scene: str, caplog: pytest.LogCaptureFixture
) -> None:
    phone, code = Phone(rt, "o-1"), await code_of(rt)
    said = await phone.say(f"绑定 {name_of(NUMBER)} {code}")
    assert PRIVACY in said
    assert "刚才发的没有保存" in said
    assert await find_person("o-1") is None
    kept = await everything_in(rt.redis)
    assert is_in("绑定", kept)
    for form in (code, code.lower()):
        assert not is_in(form, kept)
        assert form not in said + caplog.text
    assert "绑定成功" in await phone.say(f"绑定 {name_of(NUMBER)} {code}")
    assert "已经绑定为" in await phone.say(f"绑定 {name_of(NUMBER)} {code}")


@pytest.mark.parametrize("form", ["{name} {code}", "{name}{code}", "绑定{name}，{code}"])
async def test_both_may_be_told_at_once_where_one_is_asked_for(rt: Runtime, scene: str, form: str) -> None:
    phone, text = Phone(rt, "o-1"), form.format(name=name_of(NUMBER), code=(await code_of(rt)).lower())
    await phone.say("绑定")
    assert "姓名和绑定码对不上" in await phone.say(f"{name_of(NUMBER)} {WRONG}")
    assert "绑定成功" in await phone.say(text)


async def test_a_code_without_a_name_is_not_said_back(rt: Runtime, scene: str) -> None:
    phone, code = Phone(rt, "o-1"), await code_of(rt)
    await phone.say("绑定")
    said = await phone.say(f"绑定 {code}")
    assert "请回复您的姓名" in said
    assert code.lower() not in said.lower()


def test_a_changed_privacy_notice_has_a_new_version() -> None:
    versions = {"2026-01": "7f7f9a387afccb93"}
    assert hashlib.sha256(PRIVACY.encode()).hexdigest()[:16] == versions[CONSENT]


async def test_a_code_is_never_taken_for_a_name(rt: Runtime, redis_url: str) -> None:
    phone = Phone(rt, "o-code")
    await phone.say("绑定")
    for text in ("GHJK-MNPQ", "我的绑定码 GHJK-MNPQ"):
        assert "请回复您的姓名；和绑定码一起发也行" in await phone.say(text)
    kept = [await rt.redis.dump(key) for key in await rt.redis.keys("*")]
    assert not any(b"MNPQ" in (one or b"") for one in kept)
