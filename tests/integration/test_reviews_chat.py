"""审核 on the phones of office and leaders: the whole life of a report, and of an opinion."""

import asyncpg
import pytest

from models.cycles import Cycle
from models.people import Person, Post
from services.entitlements import find_actor
from services.filings.filing_sheets import Move
from services.filings.filings import file_paper, list_steps, move_filing
from services.filings.reviews import list_waiting
from services.reminders.agenda import list_agenda
from services.runs.decisions import decide_grade
from services.runtime import Runtime
from tests.integration.reviewing import (
    LEADER,
    MEMBER,
    NOW,
    OFFICE,
    OFFICE_TWO,
    REPORT,
    SECRETARIES,
    make_cycle,
    phone_of,
)

WRITER = SECRETARIES[0]
ABOUT = f"secretary:{WRITER}"
OPINION = {"成绩": ["抓党建有办法"], "问题": ["党员教育形式单一"]}


async def handed_in() -> Cycle:
    cycle = await make_cycle()
    await file_paper(cycle.id, "report", ABOUT, REPORT, now=NOW, actor=WRITER)
    return cycle


@pytest.mark.fact("S4-13", "S4-16")
async def test_the_whole_life_of_a_report_by_phones(rt: Runtime, sql: asyncpg.Connection) -> None:
    await handed_in()
    office, leader = await phone_of(rt, OFFICE), await phone_of(rt, LEADER)
    writer = await phone_of(rt, WRITER)
    assert "没有等您审核的" in await leader.say("审核")
    seen = await office.say("审核")
    assert "存在问题" in seen
    assert "集中学习 12 次" in await office.say("看全文")
    assert "【存在问题】\n党员教育形式单一" in await office.say("存在问题")
    reasons = await office.say("退回")
    for reason in ("一味评功摆好", "夸大其词", "查找问题不到位", "分析原因不深刻", "研究解决问题不实"):
        assert reason in reasons
    await office.say("查找问题不到位")
    await office.say("存在问题")
    assert "请讲自身的问题" in await office.speak("请讲自身的问题")
    assert "会在微信里通知撰写人" in await office.say("确认")
    assert "退回修改" in await writer.say("任务")
    assert "【存在问题】" in await writer.say("述职")
    await writer.say("重写")
    await writer.say("我本人到窗口少，听意见只有 2 次")
    await writer.say("提交")
    assert "已提交" in await writer.say("确认")
    assert "退回过：存在问题，查找问题不到位，请讲自身的问题" in await office.say("审核")
    points = await office.say("审阅")
    assert "1. 亲力亲为抓党建" in points
    assert "5. 下一步思路打算" in points
    assert "没有讲清楚：研究谋划、督促落实、投入保障、重难点破解" in await office.say("2")
    assert "现在是「审阅」" in await office.say("确认")
    assert "预审意见：没有讲清楚 研究谋划、督促落实、投入保障、重难点破解。" in await leader.say("审核")
    await leader.say("通过")
    assert "现在是「通过」" in await leader.say("确认")
    states = [row["to_state"] for row in await sql.fetch("SELECT to_state FROM filing_steps ORDER BY id")]
    assert states == ["预审", "退回", "预审", "审阅", "通过"]
    assert "述职报告转到了「通过」" in await writer.say("任务")


async def test_a_report_goes_back_to_a_writer_without_a_phone(rt: Runtime) -> None:
    await handed_in()
    office = await phone_of(rt, OFFICE)
    for word in ("审核", "退回", "夸大其词", "整篇", "请写实"):
        await office.say(word)
    assert "现在是「退回」。撰写人还没有绑定手机，请您另行告知。" in await office.say("确认")


async def test_the_second_of_two_reviewers_is_told(rt: Runtime) -> None:
    await handed_in()
    phones = [await phone_of(rt, number) for number in (OFFICE, OFFICE_TWO)]
    for phone in phones:
        await phone.say("审核")
        await phone.say("审阅")
        await phone.say("都讲清楚了")
    assert "现在是「审阅」" in await phones[0].say("确认")
    assert "这一次没有生效" in await phones[1].say("确认")


async def test_only_what_waits_for_oneself_is_listed(rt: Runtime) -> None:
    cycle = await handed_in()
    await file_paper(cycle.id, "report", f"secretary:{SECRETARIES[1]}", REPORT, now=NOW, actor=SECRETARIES[1])
    await file_paper(cycle.id, "supervision", ABOUT, {"平时情况": ["好"], "研判意见": ["稳"]}, now=NOW, actor=OFFICE)
    assert "有 2 份材料" in await (await phone_of(rt, OFFICE)).say("审核")
    second = await phone_of(rt, OFFICE_TWO)
    assert "有 3 份材料" in await second.say("审核")
    assert "收下" in await second.say("3")
    assert "没有等您审核的" in await (await phone_of(rt, MEMBER)).say("审核")
    assert "没有看这份材料的权限" in await (await phone_of(rt, SECRETARIES[2])).say("审核1")


async def test_nobody_is_told_of_what_they_may_not_take(rt: Runtime, sql: asyncpg.Connection) -> None:
    """What somebody handed in is no work of theirs, however far it has come; the figure is that of the list."""
    cycle = await handed_in()
    office, leader = await Person.get(staff_no=OFFICE), await Person.get(staff_no=LEADER)
    second = await Person.get(staff_no=OFFICE_TWO)
    await file_paper(cycle.id, "supervision", ABOUT, {"平时情况": ["好"], "研判意见": ["稳"]}, now=NOW, actor=OFFICE)
    await Post.create(person=office, organisation_id=leader.organisation_id, title="领导")
    about = f"secretary:{SECRETARIES[1]}"
    mine = await file_paper(cycle.id, "report", about, REPORT, now=NOW, actor=SECRETARIES[1])
    await move_filing(mine.filing.id, Move("审阅"), now=NOW, actor=OFFICE)

    async def told(person: Person) -> dict[str, int]:
        dues = [due for due in await list_agenda(NOW, [person.id]) if due.word == "审核"]
        return {due.key.partition(f"{cycle.id}:")[2]: int(due.text.partition("」")[2].split(" 份")[0]) for due in dues}

    assert await told(office) == {"report:预审": 1}
    assert await told(leader) == {"report:审阅": 1}
    assert await told(second) == {"report:预审": 1, "supervision:已交": 1}
    for one in (office, leader, second):
        assert sum((await told(one)).values()) == len(await list_waiting(await find_actor(one.staff_no)))


@pytest.mark.fact("S4-24", "S4-25", "S4-27")
async def test_an_opinion_goes_through_its_six_states_and_the_person_reads_it(
    rt: Runtime, sql: asyncpg.Connection
) -> None:
    cycle = await make_cycle()
    await decide_grade(cycle.id, ABOUT, "较好", reason="党组研究", now=NOW, actor=LEADER)
    with pytest.raises(Exception, match="「问题」还缺 1 项"):
        await file_paper(cycle.id, "opinion", ABOUT, {"成绩": ["好"]}, now=NOW, actor=OFFICE)
    sheet = await file_paper(cycle.id, "opinion", ABOUT, OPINION, now=NOW, actor=OFFICE)
    office, leader = await phone_of(rt, OFFICE), await phone_of(rt, LEADER)
    assert "等次「较好」：年度考核不得确定为优秀（三(六)）" in await office.say("审核")
    for phone, state in (
        (office, "中心党组审议"),
        (leader, "向本人反馈"),
        (office, "通报"),
        (office, "写入年度考核评价意见"),
        (office, "归入本人档案"),
    ):
        await phone.say("审核")
        await phone.say(state)
        assert f"现在是「{state}」" in await phone.say("确认")
    steps = await list_steps(sheet.filing.id)
    assert [one.to_state for one in steps] == [
        "机关党委会议研究",
        "中心党组审议",
        "向本人反馈",
        "通报",
        "写入年度考核评价意见",
        "归入本人档案",
    ]
    assert [one.by for one in steps] == [OFFICE, OFFICE, LEADER, OFFICE, OFFICE, OFFICE]
    told = await (await phone_of(rt, WRITER)).say("任务")
    assert "成绩：抓党建有办法\n问题：党员教育形式单一\n等次：较好\n等次「较好」：年度考核不得确定为优秀" in told
    assert await sql.fetchval("SELECT count(*) FROM notices WHERE kind = 'filing'") == 1


@pytest.mark.fact("S4-25")
async def test_no_state_of_an_opinion_is_left_out(rt: Runtime) -> None:
    cycle = await make_cycle()
    sheet = await file_paper(cycle.id, "opinion", ABOUT, OPINION, now=NOW, actor=OFFICE)
    with pytest.raises(Exception, match="wrong_state"):
        await move_filing(sheet.filing.id, Move("向本人反馈"), now=NOW, actor=OFFICE)
    await move_filing(sheet.filing.id, Move("中心党组审议"), now=NOW, actor=OFFICE)
    with pytest.raises(Exception, match="not_entitled"):
        await move_filing(sheet.filing.id, Move("向本人反馈"), now=NOW, actor=OFFICE)


@pytest.mark.fact("S4-23")
async def test_opinions_and_grades_that_are_all_alike_are_warned_of(rt: Runtime) -> None:
    cycle = await make_cycle()
    for number in SECRETARIES[:2]:
        about = f"secretary:{number}"
        await decide_grade(cycle.id, about, "好", reason="党组研究", now=NOW, actor=LEADER)
        sheet = await file_paper(cycle.id, "opinion", about, OPINION, now=NOW, actor=OFFICE)
    said = await (await phone_of(rt, OFFICE)).say(f"审核{sheet.filing.id}")
    assert "2 个对象的等次都是「好」：" in said
    assert "2 份综合评价意见的文字完全一样：" in said
    assert "这是必要条件，不等于评为优秀" in said


@pytest.mark.fact("S4-04")
async def test_reports_are_owed_by_the_documents_day_until_they_are_handed_in_and_then_by_the_reviewer(
    rt: Runtime, sql: asyncpg.Connection
) -> None:
    cycle = await make_cycle()
    ids = {row["staff_no"]: row["id"] for row in await sql.fetch("SELECT id, staff_no FROM people")}
    owed = [due for due in await list_agenda(NOW, list(ids.values())) if due.word == "述职"]
    assert sorted(due.person_id for due in owed) == sorted(ids[number] for number in SECRETARIES)
    assert {str(due.by) for due in owed} == {"2021-12-31"}
    await file_paper(cycle.id, "report", ABOUT, REPORT, now=NOW, actor=WRITER)
    dues = await list_agenda(NOW, list(ids.values()))
    assert ids[WRITER] not in {due.person_id for due in dues if due.word == "述职"}
    waiting = {(due.person_id, due.text) for due in dues if due.word == "审核"}
    assert waiting == {(ids[one], "「2021年度述职评议」1 份述职报告等您办理（预审）") for one in (OFFICE, OFFICE_TWO)}
