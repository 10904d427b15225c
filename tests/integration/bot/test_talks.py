"""Conversations over the real door and the real Redis: places kept, words understood, secrets nowhere to be read."""

import json
import logging
from dataclasses import replace
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from tests.integration.bot.hall import FORM, VOTE, World, serve
from tests.integration.bot.phone import Phone, envelope

LATER = "还没有办完，回复 继续"


async def test_a_form_from_word_to_done(phone: Phone, world: World) -> None:
    assert "请写内容" in await phone.say("登记")
    assert "选一个" in await phone.say("投票")  # free text: words do not interrupt
    assert "确认提交？投票" in await phone.tap("1 好")
    assert await phone.say("确认") == "收到：投票（[1, 2]）"
    assert world.ran["form"] == 1
    assert world.callers[0].openid == phone.openid
    assert phone.openid not in world.callers[0].key
    assert world.drafts == {}


async def test_a_message_costs_one_script_in_and_one_out(phone: Phone, redis: Redis) -> None:
    await phone.say("投票")
    await redis.config_resetstat()
    await phone.say("1")
    await phone.say("2")
    stats = await redis.info("commandstats")
    assert stats["cmdstat_evalsha"]["calls"] == 4
    assert stats["cmdstat_hset"]["calls"] <= 10  # inside the scripts
    assert not stats.keys() & {"cmdstat_eval", "cmdstat_sadd", "cmdstat_script|load", "cmdstat_smembers"}


async def test_an_interruption_never_loses_the_place(phone: Phone, world: World) -> None:
    await phone.say("投票")
    await phone.say("较好")
    assert LATER in await phone.say("数")
    assert await phone.deliver(phone.event("SCAN", EventKey="unknown")) is None
    assert "回到「投票」" in await phone.say("1")  # a stray number is no vote
    assert "乙书记" in phone.heard
    await phone.say("差")
    assert LATER in await phone.say("数")
    assert "丙书记" in await phone.say("继续")
    await phone.say("好")
    assert "甲书记：较好，乙书记：差，丙书记：好" in phone.heard
    assert "已计入" in await phone.say("确认")
    assert world.cast == [{"q0": "较好", "q1": "差", "q2": "好", "confirm": "确认"}]


async def test_flows_wait_for_each_other(phone: Phone) -> None:
    await phone.say("投票")
    await phone.say("好")
    assert "请写内容" in await phone.say("登记")
    await phone.say("某事")
    await phone.say("1")
    said = await phone.say("确认")
    assert "收到：某事" in said
    assert "「投票」" in said
    assert LATER in said
    assert "乙书记" in await phone.say("继续")


async def test_a_menu_key_interrupts_even_free_text(phone: Phone, world: World) -> None:
    await phone.say("登记")
    assert LATER in await phone.send(phone.event("CLICK", EventKey="数"))
    assert "选一个" in await phone.say("我的内容")  # not a known word, so it is the answer
    await phone.send(phone.event("CLICK", EventKey="登记"))
    assert "选一个" in phone.heard


async def test_a_photo_in_between(phone: Phone, world: World) -> None:
    await phone.say("投票")
    assert "照片收到" in await phone.send(envelope(phone.openid, "image", {"MediaId": "m", "MsgId": 7}))
    assert LATER in phone.heard
    assert "甲书记" in await phone.say("继续")
    assert "没有这个选项" in await phone.send(envelope(phone.openid, "voice", {"MediaId": "m", "MsgId": 8}))


async def test_the_flow_of_a_scan_gets_the_scene(phone: Phone) -> None:
    assert await phone.send(phone.event("SCAN", EventKey="m.closed")) == "会议已结束。"
    assert "请写内容" in await phone.send(phone.event("subscribe", EventKey="qrscene_m.1", Ticket="t"))


async def test_events_without_a_route_are_silent(phone: Phone, world: World) -> None:
    await phone.say("投票")
    for name in ("LOCATION", "VIEW", "never_heard_of"):
        assert await phone.deliver(phone.event(name, EventKey="")) is None
    assert await phone.deliver(phone.event("unsubscribe")) is None
    assert world.ran["unsubscribe"] == 1
    assert "乙书记" in await phone.say("好")


async def test_help_lists_words_that_numbers_and_taps_choose(phone: Phone) -> None:
    assert "没有看懂" in await phone.say("随便说说")
    assert "请写内容" in await phone.say("1")
    await phone.say("取消")
    await phone.say("帮助")
    assert "甲书记" in await phone.tap("2 投票：投票")


@pytest.mark.parametrize("word", ["取消", "上一步", "继续", "确认"])
async def test_global_words_without_a_flow(phone: Phone, word: str) -> None:
    assert "现在没有正在办理的事项" in await phone.say(word)


async def test_a_refusal_of_load_or_handler_is_said(phone: Phone, redis: Redis, world: World) -> None:
    assert await phone.say("拒") == "现在不行，请明天再来。"
    stranger = Phone(phone.client, "nobody")
    assert await stranger.say("投票") == "请先绑定。"


async def test_a_refusal_of_done_loses_nothing(phone: Phone, world: World) -> None:
    for text in ("登记", "重要内容", "好"):
        await phone.say(text)
    world.refuse = "暂时不能提交。"
    assert (await phone.say("确认")).startswith("暂时不能提交。\n\n确认提交？重要内容")
    world.refuse, world.again = "", "text"
    assert "请再写一次" in await phone.say("确认")
    world.again = ""
    await phone.say("改过的内容")
    assert "收到：改过的内容" in await phone.say("确认")


async def test_a_refusal_for_good_ends_the_flow_and_drops_its_draft(phone: Phone, world: World) -> None:
    for text in ("登记", "重要内容", "好"):
        await phone.say(text)
    world.refuse, world.is_refused_for_good = "这件事现在由别人办理。", True
    assert await phone.say("确认") == "这件事现在由别人办理。"
    assert world.drafts == {}
    assert "现在没有正在办理的事项" in await phone.say("继续")


async def test_who_may_not_begin_any_more_keeps_no_draft(phone: Phone, redis: Redis, world: World) -> None:
    await phone.say("登记")
    await phone.say("重要内容")
    world.shut = "这件事现在由别人办理。"
    await redis.flushall()
    assert await phone.say("继续") == "这件事现在由别人办理。"
    assert world.drafts == {}
    assert "现在没有正在办理的事项" in await phone.say("继续")


async def test_done_may_lead_to_another_flow(phone: Phone) -> None:
    for text in ("登记", "转投票", "好"):
        await phone.say(text)
    assert "甲书记" in await phone.say("确认")


async def test_what_is_done_stays_done_where_the_next_flow_refuses_to_begin(phone: Phone, world: World) -> None:
    stranger = Phone(phone.client, "nobody")
    for text in ("登记", "转投票", "好"):
        await stranger.say(text)
    assert await stranger.say("确认") == "请先绑定。"
    assert "现在没有正在办理的事项" in await stranger.say("继续")
    assert world.ran["form"] == 1


async def test_a_changed_flow_restarts_politely(phone: Phone, redis: Redis, world: World) -> None:
    await phone.say("投票")
    await phone.say("好")
    async with serve(redis, world, vote=replace(VOTE, version="2")) as client:
        phone.client = client
        said = await phone.say("差")
        assert "更新过了" in said
        assert "甲书记" in said
        assert "乙书记" in await phone.say("差")


async def test_old_links_name_the_flow_that_they_belonged_to(phone: Phone, redis: Redis) -> None:
    await phone.say("投票")
    links = dict(phone.links)
    await redis.flushall()
    said = await phone.tap("1 好")
    assert "这道题已经结束：「投票」" in said
    assert "甲书记" in await phone.tap("1 再办「投票」")
    phone.links = links
    assert "前面的选项" in await phone.tap("1 好")


async def test_progress_expires(phone: Phone, world: World) -> None:
    await phone.say("投票")
    world.shift = timedelta(minutes=31)
    assert "「投票」的进度已经清除" in await phone.say("好")
    assert "甲书记" in await phone.say("投票")


async def test_who_taps_a_ballot_that_the_close_has_cleared_is_not_told_it_is_done(phone: Phone, world: World) -> None:
    await phone.say("投票")
    world.desk_keys.pop("p1")
    said = await phone.tap("1 好")
    assert "「投票」的进度已经清除" in said
    assert "办完" not in said


async def test_state_survives_days(phone: Phone, world: World) -> None:
    await phone.say("登记")
    world.shift = timedelta(days=2)
    assert "选一个" in await phone.say("两天后的内容")


async def test_a_flush_loses_no_draft(phone: Phone, redis: Redis) -> None:
    await phone.say("登记")
    await phone.say("很长的内容")
    await redis.flushall()
    assert "继续上次" in await phone.say("继续")
    await redis.flushall()
    said = await phone.say("登记")
    assert "继续上次" in said
    assert "选一个" in said
    await phone.say("好")
    assert "确认提交？很长的内容" in phone.heard


async def test_a_flow_about_something_is_gone_on_with_after_a_flush(phone: Phone, redis: Redis) -> None:
    await phone.send(phone.event("SCAN", EventKey="m.1", Ticket="t"))
    await phone.say("很长的内容")
    await redis.flushall()
    assert "选一个" in await phone.say("继续")
    await phone.say("好")
    assert "确认提交？很长的内容" in phone.heard


async def test_a_draft_that_cannot_be_gone_on_with_now_hides_no_older_one(
    phone: Phone, redis: Redis, world: World
) -> None:
    await phone.say("登记")
    await phone.say("很长的内容")
    await phone.send(phone.event("SCAN", EventKey="m.1", Ticket="t"))
    await phone.say("扫码后写的")
    await redis.flushall()
    world.nothing = "现在没有要登记的。"
    await phone.say("继续")
    await phone.say("好")
    assert "确认提交？很长的内容" in phone.heard
    await phone.say("确认")
    assert await phone.say("继续") == "现在没有要登记的。"
    world.nothing = ""
    await phone.say("继续")
    await phone.say("好")
    assert "确认提交？扫码后写的" in phone.heard


async def test_cancelling_drops_the_draft(phone: Phone, world: World) -> None:
    await phone.say("登记")
    await phone.say("内容")
    assert world.drafts
    assert "已取消「登记」" in await phone.say("取消")
    assert world.drafts == {}
    assert "请写内容" in await phone.say("登记")


async def test_long_answers_go_on_with_the_word(phone: Phone) -> None:
    parts = [await phone.say("长")]
    while "继续看下文" in parts[-1]:
        parts.append(await phone.say("继续"))
    assert len(parts) > 2
    assert [n for n in range(150) if not any(f"第{n:04}行" in part for part in parts)] == []
    assert "1 登记" in parts[-1]


async def test_a_bug_is_logged_once_without_its_text(phone: Phone, caplog: pytest.LogCaptureFixture) -> None:
    await phone.say("投票")
    await phone.say("好")
    caplog.clear()
    with caplog.at_level(logging.INFO):
        said = await phone.say("崩")
        failed = await phone.say("库")
    bug, database = [r for r in caplog.records if getattr(r, "action", "") == "message_failed"]
    assert f"编号 {bug.ref}" in said
    assert "投诉建议" in said
    assert (bug.error, bug.sqlstate) == ("ValueError", None)
    assert f"编号 {database.ref}" in failed
    assert (database.error, database.sqlstate) == ("RuntimeError", "23505")
    everything = json.dumps([r.__dict__ for r in caplog.records], default=str, ensure_ascii=False)
    assert phone.openid not in everything
    assert "较好" not in everything
    assert "乙书记" in await phone.say("继续")


async def test_flows_of_one_name_are_refused_at_start(redis: Redis, world: World) -> None:
    with pytest.raises(ValueError, match="one name"):
        async with serve(redis, world, vote=replace(FORM, version="9")):
            pass


async def test_an_interruption_puts_the_rest_aside(phone: Phone) -> None:
    await phone.say("投票")
    first = await phone.say("长")
    assert "继续看下文" in first
    assert "继续看下文" in await phone.say("继续")
    assert await phone.say("数")
    assert "甲书记" in await phone.say("继续")


async def test_what_nothing_answers_gets_one_sentence_and_the_ways_out(phone: Phone) -> None:
    for said in ("好", "随便说说", "取消"):
        answer = await phone.say(said)
        assert "登记：登记一件事" in answer
        assert "长文" not in answer  # not the whole list of words
    assert "登记" not in await Phone(phone.client, "nobody").say("好")


async def test_the_label_of_a_choice_may_be_typed(phone: Phone) -> None:
    await phone.say("没有这个词")
    assert "请写内容" in await phone.say("登记：登记一件事")


@pytest.mark.parametrize("line", ["1 登记：登记一件事", "1 登记", "1、登记"])
async def test_a_line_of_the_list_may_be_typed_as_it_is_shown(phone: Phone, line: str) -> None:
    await phone.say("帮助")
    assert "请写内容" in await phone.say(line)


async def test_a_number_with_another_lines_word_is_not_guessed(phone: Phone) -> None:
    await phone.say("帮助")
    assert "没有看懂" in await phone.say("1 投票")
