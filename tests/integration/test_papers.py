"""Papers by chat, by command and in bulk: what the office writes, what stages call for, what is published after the meeting."""

import io
from argparse import Namespace
from datetime import date
from pathlib import Path

import asyncpg
import openpyxl
import pytest

from app.commands.filings import export, move, show, show_all, take_in
from app.commands.meeting_results import show_digests
from config.refusals import BadInput
from config.settings import load_settings
from models.cycles import Cycle
from models.filings import Filing
from services.cycles.cycles import create_cycle
from services.filings.filing_books import export_filings, import_filings
from services.filings.filing_sheets import Move
from services.filings.filings import file_paper, list_filings, move_filing, open_filing
from services.filings.report_digests import list_digests
from services.meetings.meetings import import_meeting
from services.polls.polls import close_poll, open_poll
from services.runtime import Runtime
from tests.integration import cycles as stars
from tests.integration.chatting import Phone
from tests.integration.reviewing import (
    LEADER,
    MEMBER,
    NOW,
    OFFICE,
    REPORT,
    SECRETARIES,
    make_cycle,
    phone_of,
)
from tests.integration.world import name_of

ABOUT = [f"secretary:{number}" for number in SECRETARIES]
OPINIONS = """
- subject: secretary:4001
  parts: {成绩: 抓党建有办法, 问题: 党员教育形式单一}
- subject: "4002"
  parts: {成绩: [窗口服务好, 党课讲得活], 问题: 深入群众不够}
"""


@pytest.mark.fact("S4-24", "S4-34b")
async def test_the_office_writes_a_supervision_record_and_an_opinion_in_the_chat(rt: Runtime) -> None:
    cycle = await make_cycle()
    office = await phone_of(rt, OFFICE)
    offered = await office.say("材料")
    for title in ("督查记录", "自查记录", "综合评价意见", "现场述职报告摘要"):
        assert title in offered
    assert "述职报告（" not in offered
    await office.say("督查记录（2021年度述职评议）")
    assert "平时情况" in await office.say(name_of(SECRETARIES[0]))
    await office.say("台账齐全，走访 3 次")
    await office.say("总体平稳")
    await office.say("提交")
    assert "现在是「已交」" in await office.say("确认")
    await office.say("材料")
    await office.say("综合评价意见（2021年度述职评议）")
    await office.say(name_of(SECRETARIES[0]))
    await office.say("抓党建有办法")
    assert "还不能提交，还没有写：问题。" in await say_all(office, "目录", "提交")
    await say_all(office, "问题", "形式单一", "提交")
    assert "现在是「机关党委会议研究」" in await office.say("确认")
    kept = [(one.paper.key, one.filing.about) for one in await list_filings(cycle.id)]
    assert kept == [("opinion", ""), ("supervision", "2021-12-20")]


async def say_all(phone: Phone, *texts: str) -> str:
    return [await phone.say(text) for text in texts][-1]


async def test_what_was_begun_is_offered_again(rt: Runtime) -> None:
    await make_cycle()
    office = await phone_of(rt, OFFICE)
    await say_all(office, "材料", "自查记录（2021年度述职评议）", "已逐条落实")
    await rt.redis.flushall()
    assert "自查记录（草稿）" in await office.say("材料")
    assert "补救措施" in await office.say("1")
    assert "没有要您写的材料" in await (await phone_of(rt, MEMBER)).say("材料")


@pytest.mark.fact("S0-33")
async def test_a_paper_that_can_only_be_the_own_branchs_is_begun_without_asking_whose(
    rt: Runtime, sql: asyncpg.Connection
) -> None:
    cycle = await stars.make_cycle()
    secretary = await stars.phone_of(rt, stars.SECRETARY)
    offered = await secretary.say("材料")
    assert "党支部评星定级情况登记表（" in offered
    said = await secretary.say("党支部评星定级情况登记表（2020年度评星定级）")
    assert "写谁的" not in said
    assert "第一党支部 党支部评星定级情况登记表 1/1" in said
    await secretary.say("取消")
    await say_all(secretary, "写新材料")
    asked = await secretary.say("党员星级评定情况登记表（2020年度评星定级）")
    assert "写谁的" in asked
    assert name_of(stars.MEMBER) in asked
    assert "第一党支部<" not in asked
    assert [row["subject"] for row in await sql.fetch(_SUBJECTS)] == ["branch:0101"]
    member = f"member:{stars.MEMBER}"
    with pytest.raises(BadInput, match="每个党支部一份"):
        await open_filing(cycle.id, "branch_register", member, now=stars.NOW, actor=stars.SECRETARY)


_SUBJECTS = "SELECT s.key AS subject FROM filings f JOIN cycle_subjects s ON s.id = f.subject_id"


async def test_each_of_the_five_steps_has_its_summary(rt: Runtime) -> None:
    await make_cycle()
    cycle = (await create_cycle(FILE_OF_STANDARD.encode(), now=NOW, actor="command")).cycle
    with pytest.raises(BadInput) as bad:
        await file_paper(cycle.id, "step_summary", None, {"正文": ["好"]}, now=NOW, actor=OFFICE)
    assert "self_check、full_review、cross_review、spot_check、consolidate" in bad.value.faults[0]
    for stage in ("self_check", "full_review", "cross_review", "spot_check", "consolidate"):
        await file_paper(cycle.id, "step_summary", None, {"正文": [stage]}, about=stage, now=NOW, actor=OFFICE)
    assert await Filing.filter(paper="step_summary").count() == 5


FILE_OF_STANDARD = """
title: 2021年度达标考评
scheme: meet-standard
year: "2021"
organisation: "0001"
subjects: {branch: [党支部]}
"""


@pytest.mark.fact("S0-34")
async def test_the_overall_report_is_filed_for_the_cycle_as_a_whole(rt: Runtime) -> None:
    await make_cycle()
    cycle = (await create_cycle(FILE_OF_STANDARD.encode(), now=NOW, actor="command")).cycle
    sheet = await file_paper(cycle.id, "overall_report", None, {"正文": ["三年行动见效"]}, now=NOW, actor=OFFICE)
    assert (sheet.paper.title, sheet.subject) == ("“组织体系建设三年行动”总体评估报告", None)


@pytest.mark.fact("S4-24")
async def test_many_opinions_come_by_one_file_all_or_none(rt: Runtime, tmp_path: Path) -> None:
    cycle = await make_cycle()
    broken = (
        OPINIONS + "- subject: secretary:4003\n  parts: {成绩: 好}\n- subject: nobody\n  parts: {成绩: 好, 问题: 无}\n"
    )
    with pytest.raises(BadInput) as bad:
        await import_filings(cycle.id, "opinion", broken.encode(), ".yaml", now=NOW, actor=OFFICE)
    assert bad.value.faults[0] == "第 3 份：「问题」还缺 1 项"
    assert bad.value.faults[1].startswith("第 4 份：考核名单里没有「nobody」")
    assert await Filing.all().count() == 0
    for _ in range(2):
        made = await import_filings(cycle.id, "opinion", OPINIONS.encode(), ".yaml", now=NOW, actor=OFFICE)
    assert [one.filing.state for one in made] == ["机关党委会议研究"] * 2
    book = openpyxl.load_workbook(io.BytesIO(await export_filings(cycle.id, "opinion")))
    rows = [row for row in book["材料"].iter_rows(values_only=True) if any(row)]
    assert rows[0] == ("编号", "名称", "状态", "成绩", "问题", "经过", "附件")
    assert rows[2][:5] == (
        "secretary:4002",
        name_of("4002"),
        "机关党委会议研究",
        "窗口服务好\n党课讲得活",
        "深入群众不够",
    )


async def test_a_workbook_that_was_taken_out_comes_back_in(rt: Runtime) -> None:
    cycle = await make_cycle()
    await import_filings(cycle.id, "opinion", OPINIONS.encode(), ".yaml", now=NOW, actor=OFFICE)
    content = await export_filings(cycle.id, "opinion")
    again = await import_filings(cycle.id, "opinion", content, ".xlsx", now=NOW, actor=OFFICE)
    assert [one.filing.filled["成绩"] for one in again] == [["抓党建有办法"], ["窗口服务好", "党课讲得活"]]


async def test_formulas_are_no_words_of_a_paper_and_numbers_are(rt: Runtime) -> None:
    cycle = await make_cycle()
    await import_filings(cycle.id, "opinion", OPINIONS.encode(), ".yaml", now=NOW, actor=OFFICE)
    book = openpyxl.load_workbook(io.BytesIO(await export_filings(cycle.id, "opinion")))
    sheet = book["材料"]
    sheet.append(["secretary:4003", None, None, '=D2&"好"', 0])
    with pytest.raises(BadInput) as bad:
        await import_filings(cycle.id, "opinion", _saved(book), ".xlsx", now=NOW, actor=OFFICE)
    assert bad.value.faults == ["「材料」第 5 行「成绩」：是公式，请复制后「选择性粘贴」为数值"]
    sheet["D5"] = date(2021, 12, 3)
    made = await import_filings(cycle.id, "opinion", _saved(book), ".xlsx", now=NOW, actor=OFFICE)
    assert made[-1].filing.filled == {"成绩": ["2021年12月3日"], "问题": ["0"]}


def _saved(book: openpyxl.Workbook) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.mark.fact("S4-25")
async def test_the_office_moves_opinions_on_by_command(
    rt: Runtime,
    settings_values: dict[str, str],
    sql: asyncpg.Connection,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    cycle = await make_cycle()
    file = tmp_path / "opinions.yaml"
    file.write_text(OPINIONS, encoding="utf-8")
    settings = load_settings(settings_values)
    await take_in(settings, Namespace(cycle=cycle.id, paper="opinion", file=file, by=OFFICE))
    assert "已交 2 份" in capsys.readouterr().out
    ids = [row["id"] for row in await sql.fetch("SELECT id FROM filings ORDER BY id")]
    asked = Namespace(ids=ids, to="中心党组审议", reason="", part="", note="", by=OFFICE)
    assert await move(settings, asked) == 0
    assert capsys.readouterr().out.count("中心党组审议") == 2
    await show_all(settings, Namespace(cycle=cycle.id, paper="", state="", as_json=False))
    assert "综合评价意见  中心党组审议" in capsys.readouterr().out
    await show(settings, Namespace(id=ids[0], by=OFFICE, as_json=False))
    shown = capsys.readouterr().out
    assert "【问题】\n党员教育形式单一" in shown
    assert "机关党委会议研究 → 中心党组审议（测九零零一）" in shown
    await export(settings, Namespace(cycle=cycle.id, paper="opinion", file=tmp_path / "out.xlsx"))
    assert (tmp_path / "out.xlsx").stat().st_size > 1000


MEETING = """
title: 述职评议会
scheme: report-review
starts_at: 2021-12-30T09:00:00+08:00
closes_at: 2021-12-30T11:30:00+08:00
hosts: ["9001"]
leaders: ["9101"]
classes:
  领导: {weight: "1", voters: ["9101", "9102", "9002", "5001", "5002"]}
reporters: [{staff_no: "4001", mode: 现场}, {staff_no: "4002", mode: 书面}, {staff_no: "4003", mode: 现场}]
form: {items: [总体评价], options: {好: "95", 较好: "85", 一般: "70", 差: "50"}, abstain: true}
min_class: 5
"""


async def pass_report(cycle: Cycle, number: str) -> None:
    sheet = await file_paper(cycle.id, "report", f"secretary:{number}", REPORT, now=NOW, actor=number)
    for to, actor in (("审阅", OFFICE), ("通过", LEADER)):
        await move_filing(sheet.filing.id, Move(to), now=NOW, actor=actor)


@pytest.mark.fact("S4-08", "S4-17")
async def test_after_the_meeting_the_reports_given_on_site_are_summed_up(
    rt: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    cycle = await make_cycle()
    for number in SECRETARIES[:2]:
        await pass_report(cycle, number)
    meeting = await import_meeting(MEETING.encode(), now=NOW, actor="test")
    await open_poll(rt, meeting.id, now=NOW, actor="test", accept_small=True)
    assert await list_digests(meeting.id) == []
    await close_poll(rt, meeting.id, now=NOW, actor="test")
    (digest,) = await list_digests(meeting.id)  # 4002 reported in writing, 4003's report is not passed
    assert digest.title == f"{name_of('4001')}述职报告摘要"
    assert "存在问题：党员教育形式单一，我本人到窗口听意见只有 2 次，深入不够" in digest.text
    assert "老周" not in digest.text
    await file_paper(cycle.id, "digest", ABOUT[0], {"正文": ["一年来三件实事。"]}, now=NOW, actor=OFFICE)
    assert [one.text for one in await list_digests(meeting.id)] == ["一年来三件实事。"]
    await show_digests(rt.settings, Namespace(id=meeting.id, as_json=False))
    assert capsys.readouterr().out == f"{name_of('4001')}述职报告摘要\n一年来三件实事。\n"
