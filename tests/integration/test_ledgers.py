"""The office's ledgers and commands: what they say equals a recount; workbooks out and back in; weak organisations; coverage."""

import asyncio
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import asyncpg
import openpyxl
import pytest

from app.commands.duties import DUTY_COMMANDS
from app.commands.follow_ups import FOLLOW_UP_COMMANDS
from app.commands.rectifications import RECTIFICATION_COMMANDS
from config.clock import SHANGHAI, now
from config.refusals import BadInput, Refusal
from models.audit import AuditEntry
from models.cycles import Cycle
from models.organisations import Organisation
from models.rectifications import RectificationItem
from services.cycles.inputs import InputRow
from services.ratings.entries import enter_inputs
from services.rectifications.ledgers import export_ledgers
from services.rectifications.rectification_plans import Plan
from services.rectifications.rectification_sheets import COLUMNS, SHEET, import_items
from services.rectifications.rectification_steps import report_done, verify_item
from services.rectifications.rectifications import Act, open_item, plan_item
from services.rectifications.weak_organisations import Mark, clear_weak, mark_weak
from services.reminders.overdue import list_overdue
from services.runtime import Runtime
from tests.integration.commanding import run_line
from tests.integration.cycles import LEADER, MEMBER, NOW, OFFICE, SECRETARY, TEAM, make_cycle
from tests.integration.rectified import bound, item_of, low_branch, publish

MEET = """
title: 2020年度达标考评
scheme: meet-standard
year: "2020"
organisation: "0001"
subjects: {branch: [党支部]}
settings: {pass_mark: "60"}
"""
LINES = {
    f"{group} {line.name}": line
    for group, lines in (("r", RECTIFICATION_COMMANDS), ("f", FOLLOW_UP_COMMANDS), ("d", DUTY_COMMANDS))
    for line in lines
}


def act(actor: str, key: str) -> Act:
    return Act(actor, NOW, key)


async def assessed() -> Cycle:
    """Two branches of three meet the standard."""
    cycle = await make_cycle(MEET)
    slots = [*(f"common.{n}" for n in range(1, 16)), *(f"individual.{n}" for n in range(1, 6))]
    points = {"branch:0101": "2", "branch:0102": "5", "branch:0103": "3"}
    rows = [InputRow(key, f"indicators.{slot}", value) for key, value in points.items() for slot in slots]
    await enter_inputs(cycle.id, rows, actor=OFFICE, now=NOW)
    await publish(cycle)
    return cycle


def rows_of(content: bytes, sheet: str) -> list[tuple[object, ...]]:
    """The rows below headings and clauses."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [row for row in book[sheet].iter_rows(min_row=3, values_only=True) if any(row)]


def filled(rows: Sequence[Sequence[object]], columns: Sequence[str] = COLUMNS) -> bytes:
    """A workbook as the office fills it in."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = SHEET
    for row in (columns, *rows):
        sheet.append(list(row))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.mark.fact("S0-24")
async def test_the_ledgers_equal_a_recount(rt: Runtime, sql: asyncpg.Connection) -> None:
    cycle = await assessed()
    item = await item_of("0101")
    await plan_item(item.id, Plan("补课", SECRETARY, date(2020, 12, 25), "党群工作处"), act(SECRETARY, "k1"))
    content = await export_ledgers(cycle, date(2021, 1, 10))
    met, unmet = rows_of(content, "达标党支部台账"), rows_of(content, "未达标党支部台账")
    assert [(row[0], row[2], row[3]) for row in met] == [("branch:0102", "达标", 0), ("branch:0103", "达标", 0)]
    assert [(row[0], row[2], row[3]) for row in unmet] == [("branch:0101", "不达标", 1)]
    assert len(met) + len(unmet) == await sql.fetchval(
        "SELECT count(*) FROM run_subjects WHERE run_id = (SELECT run_id FROM publications)"
    )
    (problem,) = rows_of(content, "问题清单")
    assert problem[0] == "考核反馈"
    (duty,) = rows_of(content, "责任清单")
    assert duty[1:] == ("补课", "测一零零一", "党群工作处", "2020-12-25", "整改中")
    assert len(rows_of(content, "超期事项")) == 1
    assert rows_of(await export_ledgers(cycle, date(2020, 12, 25)), "超期事项") == []
    await report_done(item.id, "", act(SECRETARY, "k2"))
    await verify_item(item.id, act(OFFICE, "k3"))
    (after,) = rows_of(await export_ledgers(cycle, date(2021, 1, 10)), "未达标党支部台账")
    assert after[3] == 0


MARCH = datetime(2020, 3, 2, 2, 0, tzinfo=UTC)


@pytest.mark.fact("S0-26", "S0-08")
async def test_what_nobody_has_planned_is_late_once_the_stage_of_the_plans_is_over(rt: Runtime) -> None:
    """The document wants the plans by 15 March: from then on the ledgers, 任务 and the list say so, until somebody has fixed a day."""
    cycle = await make_cycle(MEET)
    branch = (await Organisation.get(code="0101")).id
    opened = Act(OFFICE, MARCH, "o1")
    item = await open_item(opened, organisation_id=branch, source="会前督查", problem="台账不全", cycle_id=cycle.id)
    late = Act(OFFICE, MARCH + timedelta(days=30), "o2")
    after = await open_item(late, organisation_id=branch, source="会前督查", problem="党课少", cycle_id=cycle.id)
    phone = await bound(rt, SECRETARY, MARCH + timedelta(days=4))
    assert "台账不全（未定措施，已 4 天，应在3月15日前定）" in await phone.say("整改")
    assert "已列入 4 天" in await phone.say("任务")
    april = MARCH + timedelta(days=35)
    due = next(one for one in await list_overdue(april) if "台账不全" in one.text)
    assert (due.staff_no, due.by, due.days) == (SECRETARY, date(2020, 3, 15), 22)
    assert not [one for one in await list_overdue(april) if "党课少" in one.text]
    phone.now = april
    assert "其中 1 项已超过时限" in await phone.say("整改")
    content = await export_ledgers(cycle, april.date())
    rows = [(row[0], row[2], row[4], row[5]) for row in rows_of(content, "未定措施")]
    assert rows == [("第一党支部", "台账不全", 35, "2020-03-15"), ("第一党支部", "党课少", 5, "未规定")]
    await plan_item(item.id, Plan("补课", SECRETARY, date(2020, 5, 1), "党群工作处"), Act(SECRETARY, april, "p"))
    assert not [one for one in await list_overdue(april) if "台账不全" in one.text]
    rows = [(row[2], row[5]) for row in rows_of(await export_ledgers(cycle, april.date()), "未定措施")]
    assert rows == [(after.problem, "未规定")]


async def test_the_list_says_how_long_a_problem_waits_for_its_measures(
    rt: Runtime, settings_values: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    cycle = await make_cycle(MEET)
    branch = (await Organisation.get(code="0101")).id
    for problem, day in (("台账不全", MARCH), ("党课少", MARCH + timedelta(days=30))):
        opened = Act(OFFICE, day, problem)
        await open_item(opened, organisation_id=branch, source="会前督查", problem=problem, cycle_id=cycle.id)
    assert await run_line(LINES["r list"], settings_values, "--overdue") == 0
    shown = capsys.readouterr().out
    assert "第一党支部  台账不全  未定时限（未定措施，已 " in shown
    assert "，应在3月15日前定）" in shown
    assert "党课少" not in shown


@pytest.mark.fact("S0-27")
async def test_a_weak_organisation_has_a_unit_and_a_person_who_answer_for_it(rt: Runtime) -> None:
    cycle = await assessed()
    with pytest.raises(BadInput, match="责任单位"):
        await mark_weak("0101", Mark("组织生活停滞", "", SECRETARY, "派驻指导"), act(OFFICE, "k"))
    mark = Mark("组织生活停滞", "党群工作处", LEADER, "派驻指导员")
    with pytest.raises(Refusal):
        await mark_weak("0101", mark, act(SECRETARY, "k"))
    first = await mark_weak("0101", mark, act(OFFICE, "k1"))
    assert (await mark_weak("0101", mark, act(LEADER, "k2"))).id == first.id
    for lost in (replace(mark, measure="换届"), replace(mark, responsible=SECRETARY)):
        with pytest.raises(Refusal, match="marked"):
            await mark_weak("0101", lost, act(LEADER, "k2"))
    with pytest.raises(BadInput, match="「转化措施」有 501 字，最多 500 字"):
        await mark_weak("0102", replace(mark, measure="改" * 501), act(OFFICE, "k4"))
    title = "软弱涣散党组织专门台账"
    (row,) = rows_of(await export_ledgers(cycle, date(2021, 1, 1)), title)
    assert row == ("第一党支部", "组织生活停滞", "党群工作处", "测九零零三", "派驻指导员", "在册", None)
    for _ in range(2):
        await clear_weak("0101", "班子已调整，活动正常", act(OFFICE, "k3"))
    with pytest.raises(Refusal, match="not_marked"):
        await clear_weak("0102", "已转化", act(OFFICE, "k3"))
    (row,) = rows_of(await export_ledgers(cycle, date(2021, 1, 1)), title)
    assert row[5:] == ("已转化", "班子已调整，活动正常")


async def test_a_workbook_brings_problems_and_plans_once_and_whole(rt: Runtime) -> None:
    await low_branch()
    item = await item_of("0101")
    good = [
        (str(item.id), "0101", "考核反馈", "二星级", "每月学习", SECRETARY, "", "2021-01-31"),
        ("", "0102", "会前督查", "台账不全", "补齐台账", "2001", "", "2021-01-15"),
        ("", "0102", "上级点评", "党课少", "", "", "", ""),
    ]
    bad = [
        *good,
        ("", "0999", "会前督查", "x", "", "", "", ""),
        ("", "0102", "会前督查", "无时限", "改", "2001", "", ""),
    ]
    with pytest.raises(BadInput) as refused:
        await import_items(filled(bad), act(OFFICE, "i"))
    assert [fault.partition("：")[0] for fault in refused.value.faults] == [f"「{SHEET}」第 {n} 行" for n in (5, 6)]
    assert await RectificationItem.filter(organisation__code="0102").count() == 0
    brought = await import_items(filled(good), act(OFFICE, "i"))
    assert (brought.opened, brought.planned) == (2, 2)
    again = await import_items(filled(good), act(OFFICE, "i2"))
    assert (again.opened, again.planned, again.same, again.unlike) == (0, 0, 3, 0)
    later = await import_items(filled([(*good[1][:7], "2021-03-15"), good[2]]), act(OFFICE, "i3"))
    assert (later.planned, later.same, later.unlike) == (0, 2, 1)
    found = {one.problem: one for one in await RectificationItem.filter(organisation__code="0102")}
    assert found["台账不全"].due_on == date(2021, 1, 15)
    assert {one.state for one in found.values()} == {"working", "planning"}


async def test_the_same_problem_is_listed_once_however_often_and_by_whichever_door_it_comes(rt: Runtime) -> None:
    await make_cycle()
    branch = (await Organisation.get(code="0102")).id
    typed = await open_item(act(OFFICE, "chat"), organisation_id=branch, source="会前督查", problem="台账不全")
    rows: list[tuple[str, ...]] = [
        ("", "0102", "会前督查", "台账 不全。", "", "", "", ""),
        ("", "0102", "上级点评", "党课少", "", "", "", ""),
        ("", "0102", "上级点评", "党课少；", "", "", "", ""),
    ]
    await asyncio.gather(*(import_items(filled(rows), act(OFFICE, f"i{n}")) for n in range(3)))
    found = await RectificationItem.filter(organisation_id=branch).order_by("id")
    assert [one.problem for one in found] == ["台账不全", "党课少"]
    planned = [
        ("", "0102", "会前督查", "台账不全", "补齐台账", "2001", "", "2021-01-15"),
        ("", "0102", "上级点评", "党课少", "", "", "", ""),
    ]
    brought = await import_items(filled(planned), act(OFFICE, "p"))
    assert (brought.opened, brought.planned, brought.same) == (0, 1, 1)
    await typed.refresh_from_db()
    assert (typed.state, typed.measure) == ("working", "补齐台账")
    await report_done(typed.id, "", act("2001", "d"))
    await verify_item(typed.id, act(TEAM, "v"))
    assert (await import_items(filled(planned), act(OFFICE, "p2"))).same == 2
    assert await RectificationItem.filter(organisation_id=branch).count() == 2
    assert await AuditEntry.filter(action="open_rectification").count() == 2


async def test_one_problem_with_two_measures_in_one_workbook_is_asked_back(rt: Runtime) -> None:
    await make_cycle()
    rows = [
        ("", "0102", "会前督查", "台账不全", "补齐台账", "2001", "", "2021-01-15"),
        ("", "0102", "会前督查", "台账不全", "换人管台账", "2001", "", "2021-01-15"),
    ]
    with pytest.raises(BadInput) as refused:
        await import_items(filled(rows), act(OFFICE, "i"))
    assert refused.value.faults == [f"「{SHEET}」第 3 行：和第 2 行是同一个问题，措施却不同，请合成一行"]
    assert await RectificationItem.all().count() == 0


async def test_no_last_day_lies_where_nobody_could_count_on_from_it(rt: Runtime) -> None:
    await make_cycle()
    row = ("", "0102", "会前督查", "台账不全", "补齐台账", "2001", "")
    for day, say in (("9999-12-31", "整改时限太远，请写 10 年以内的日期"), ("1900-01-01", "不可能是整改时限")):
        with pytest.raises(BadInput) as refused:
            await import_items(filled([(*row, day)]), act(OFFICE, "i"))
        assert say in str(refused.value.faults)
    assert await RectificationItem.all().count() == 0


async def test_the_commands_of_the_office(
    rt: Runtime, settings_values: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cycle = await assessed()

    async def run(name: str, *arguments: str) -> str:
        assert await run_line(LINES[name], settings_values, *arguments) == 0
        return capsys.readouterr().out

    listed = json.loads(await run("r list", "--cycle", str(cycle.id), "--json"))
    assert [(one["organisation"], one["state"], one["fact"]) for one in listed] == [("0101", "planning", "S0-26")]
    assert "没有整改事项" in await run("r list", "--overdue")
    await run("r export", str(tmp_path / "ledgers.xlsx"), "--cycle", str(cycle.id))
    assert rows_of((tmp_path / "ledgers.xlsx").read_bytes(), SHEET)
    (tmp_path / "in.xlsx").write_bytes(filled([("", "0103", "会前督查", "没有活动", "", "", "", "")]))
    assert "新列入 1 项" in await run("r import", str(tmp_path / "in.xlsx"), "--by", OFFICE)
    marks = ("--reason", "停滞", "--unit", "组织部", "--responsible", LEADER, "--measure", "帮扶")
    assert "已列入" in await run("r weak", "0103", *marks, "--by", OFFICE)
    opened = await run("f open", "accountability", "0101", "--reason", "敷衍应付", "--by", OFFICE)
    assert "已登记问责" in opened
    number = opened.strip().rpartition(" ")[2].rstrip("。")
    today = str(now().astimezone(SHANGHAI).date())
    assert "已约谈" in await run("f record", number, "--on", today, "--outcome", "已约谈", "--by", OFFICE)
    bars = json.loads(await run("f list", "--cycle", str(cycle.id), "--json"))
    assert {(one["kind"], one["person"]) for one in bars} == {("no_awards", None), ("no_awards", SECRETARY)}
    assert "可以" in await run("f check", MEMBER, "--year", "2020")
    assert await run_line(LINES["f check"], settings_values, SECRETARY, "--year", "2020") == 1
    assert "不可以" in capsys.readouterr().out
    assert "没有往年命名的" in await run("f titles", str(cycle.id))
    assert "讲党课  0/1，还差 1" in await run("d list", str(cycle.id))
    assert "已完成 0/" in await run("d export", str(cycle.id), str(tmp_path / "duties.xlsx"))
    assert len(rows_of((tmp_path / "duties.xlsx").read_bytes(), "2020年履职情况")) > 5
