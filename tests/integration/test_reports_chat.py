"""述职 on the phone: part by part, left and resumed, handed in, sent back to the part that is meant."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
import pytest

from bot.conversation import Flow
from handlers.chat.reports import REPORT_FLOW
from services.filings.filing_sheets import Move
from services.filings.filings import file_paper, move_filing
from services.runtime import Runtime
from tests.integration.chatting import Phone
from tests.integration.reviewing import MEMBER, NOW, OFFICE, REPORT, SECRETARIES, make_cycle, phone_of

WRITER = SECRETARIES[0]
ABOUT = f"secretary:{WRITER}"


@contextmanager
def deployed(flow: Flow, version: str) -> Iterator[None]:
    """As if a release with another version of the flow had been deployed: what stands on desks is of the one before."""
    before = flow.version
    object.__setattr__(flow, "version", version)
    yield
    object.__setattr__(flow, "version", before)


async def write_all(phone: Phone) -> str:
    """Every part that must be written, in order; the last answer is the overview."""
    said = await phone.say("述职")
    for name, (words,) in REPORT.items():
        assert f"【{name}】" in said
        said = await phone.say(words)
    return said


@pytest.mark.fact("S4-04", "S4-10", "S4-12", "S4-13", "S4-14")
async def test_a_whole_report_by_phone(rt: Runtime, sql: asyncpg.Connection) -> None:
    await make_cycle()
    phone = await phone_of(rt, WRITER)
    first = await phone.say("述职")
    assert "述职报告 1/11" in first
    assert "五个讲清楚：亲力亲为抓党建；" in first
    assert (
        "四个防止：成绩浓墨重彩、问题轻描淡写；只讲面上、不讲个人；只讲下面问题、不讲自身问题；讲工作多、讲责任少。"
        in first
    )
    overview = await write_all(phone)
    assert "11. 专项要求和政治建设 可以不写" in overview
    assert "提交" in overview
    asked = await phone.say("提交")
    assert "转到「预审」" in asked
    assert "数字" not in asked
    done = await phone.say("确认")
    assert "已提交" in done
    assert await phone.repeat() == done
    assert dict(await sql.fetchrow("SELECT state, made_by FROM filings")) == {"state": "预审", "made_by": WRITER}
    assert "现在是「预审」" in await phone.say("述职")


async def test_every_answer_is_kept_at_once_and_outlives_redis_and_a_new_version(
    rt: Runtime, sql: asyncpg.Connection
) -> None:
    await make_cycle()
    phone = await phone_of(rt, WRITER)
    await phone.say("述职")
    await phone.say("集中学习 12 次")
    await rt.redis.flushall()
    assert "2/11" in await phone.say("述职")
    await phone.speak("我与 8 名支委谈话")
    with deployed(REPORT_FLOW, "2"):
        said = await phone.say("主题党日 12 次")
        assert "内容更新过了" in said
        assert "3/11" in said
    parts = await sql.fetchval("SELECT parts FROM filings")
    assert "集中学习 12 次" in parts
    assert "我与 8 名支委谈话" in parts


async def test_who_cancels_hears_that_what_is_written_stays_and_it_does(rt: Runtime) -> None:
    await make_cycle()
    phone = await phone_of(rt, WRITER)
    await phone.say("述职")
    await phone.say("集中学习 12 次")
    kept = "写好的各部分都已存下，回复 述职 接着写。"
    helped = await phone.say("帮助")
    assert kept in helped
    assert "没有提交的不留" not in helped
    assert await phone.say("取消") == f"已取消「述职」。{kept}"
    await rt.redis.flushall()
    assert "2/11" in await phone.say("述职")
    await phone.say("目录")
    assert "集中学习 12 次" in await phone.say("看全文")


async def test_jumping_adding_and_writing_anew(rt: Runtime, sql: asyncpg.Connection) -> None:
    await make_cycle()
    phone = await phone_of(rt, WRITER)
    await phone.say("述职")
    assert "6. 存在问题 还没有写" in await phone.say("目录")
    assert "【存在问题】" in await phone.say("6")
    assert "7/11" in await phone.say("深入不够")
    assert "深入不够" in await phone.say("补充")
    await phone.say("谈心不多")
    await phone.say("目录")
    shown = await phone.say("存在问题")
    assert "深入不够；谈心不多" in shown
    assert "会替换" in await phone.say("重写")
    await phone.say("联系群众少")
    await phone.say("目录")
    assert "【正面典型案例】（1—2 个，一条消息写一个）" in await phone.say("9")
    await phone.say("案例一")
    await phone.say("补充")
    await phone.say("案例二")
    await phone.say("目录")
    await phone.say("9")
    assert "最多 2 个" in await phone.say("案例三")
    parts = json.loads(await sql.fetchval("SELECT parts FROM filings"))
    assert parts == [["存在问题", ["联系群众少"]], ["正面典型案例", ["案例一", "案例二"]]]


async def test_an_incomplete_report_is_not_handed_in(rt: Runtime) -> None:
    await make_cycle()
    phone = await phone_of(rt, WRITER)
    await write_all(phone)
    other = await phone_of(rt, SECRETARIES[1])
    await other.say("述职")
    await other.say("集中学习")
    await other.say("目录")
    names = [name for name in REPORT if name != "学习贯彻"]
    said = await other.say("提交")
    assert f"还不能提交，还没有写：{'、'.join(names)}。" in said


@pytest.mark.fact("S4-12", "S4-15")
async def test_a_report_without_figures_or_with_few_problems_is_asked_about_and_not_kept_back(rt: Runtime) -> None:
    await make_cycle()
    phone = await phone_of(rt, WRITER)
    said = await phone.say("述职")
    for name in REPORT:
        assert f"【{name}】" in said
        said = await phone.say("不够" if name == "存在问题" else "工作做得很扎实很深入很到位")
    asked = await phone.say("提交")
    assert "用具体事例和数据说话" in asked
    assert "成绩浓墨重彩、问题轻描淡写”？" in asked
    assert "已提交" in await phone.say("确认")


@pytest.mark.fact("S4-33", "S4-34c")
async def test_last_years_promises_are_shown_where_they_are_answered(rt: Runtime) -> None:
    before = await make_cycle("2020")
    await file_paper(before.id, "report", ABOUT, REPORT, now=NOW, actor=WRITER)
    cycle = await make_cycle("2021")
    phone = await phone_of(rt, WRITER)
    await phone.say("述职")
    await phone.say("目录")
    said = await phone.say("5")
    assert "【上年度整改承诺】\n1. 每季度到窗口听意见 1 次" in said
    assert cycle.year == "2021"


@pytest.mark.fact("S4-16")
async def test_a_returned_report_opens_at_the_part_that_is_meant(rt: Runtime, sql: asyncpg.Connection) -> None:
    await make_cycle()
    phone = await phone_of(rt, WRITER)
    await write_all(phone)
    await phone.say("提交")
    await phone.say("确认")
    back = Move("退回", reason="查找问题不到位", part="存在问题", note="请讲自身的问题")
    await move_filing(await sql.fetchval("SELECT id FROM filings"), back, now=NOW, actor=OFFICE)
    said = await phone.say("述职")
    assert "【存在问题】" in said
    assert "退回意见：「存在问题」查找问题不到位，请讲自身的问题" in said
    await phone.say("重写")
    await phone.say("我到窗口听意见只有 2 次")
    await phone.say("提交")
    assert "已提交" in await phone.say("确认")


async def test_who_has_no_report_to_write_is_told_so(rt: Runtime) -> None:
    await make_cycle()
    assert "没有要您写的述职报告" in await (await phone_of(rt, MEMBER)).say("述职")
    assert "还没有绑定" in await Phone(rt, "stranger").say("述职")
