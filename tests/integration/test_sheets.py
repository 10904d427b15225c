"""Workbooks of a stored run, out and back: differences by cell, a reason first, all or nothing, and nothing of small classes."""

import io
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from app.commands.sheets import SHEET_COMMANDS
from config.refusals import BadInput, Refusal
from models.cycles import Cycle
from services.cycles.cycles import create_cycle
from services.cycles.inputs import InputRow
from services.ratings.assignments import Task, assign
from services.ratings.entries import enter_inputs
from services.runs.runs import compute_run
from services.runtime import Runtime
from services.sheets.sheet_imports import Imported, ReasonNeeded, import_sheets
from services.sheets.sheet_templates import make_template
from services.sheets.sheets import export_run
from tests.e2e.terminal import plain_environment, zhiping
from tests.integration.commanding import run_line
from tests.integration.cycles import DEPUTY, FILE, LEADER, NOW, OFFICE, SECRETARY, TEAM, fill, make_cycle
from tests.integration.voted import held_with_a_small_class

LINES = {line.name: line for line in SHEET_COMMANDS}
BRANCHES, MEMBERS = "党支部评星定级情况登记表", "党员星级评定情况登记表"


@pytest.fixture
async def cycle(db: str) -> Cycle:
    made = await make_cycle()
    await fill(made)
    return made


async def exported(cycle: Cycle) -> openpyxl.Workbook:
    run = await compute_run(cycle.id, now=NOW, actor="command")
    return opened(await export_run(run.id))


def opened(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def saved(book: openpyxl.Workbook) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def cell(book: openpyxl.Workbook, title: str, key: str, heading: str) -> Any:
    sheet: Worksheet = book[title]
    column = next(one.column for one in sheet[1] if one.value == heading)
    row = next(row[0].row for row in sheet.iter_rows(min_row=3) for one in row if one.value == key)
    return sheet.cell(row, column)


async def take(book: openpyxl.Workbook, cycle: Cycle, reason: str = "", actor: str = OFFICE) -> Imported:
    return await import_sheets(saved(book), cycle.id, reason=reason, now=NOW, actor=actor)


async def standing(sql: asyncpg.Connection, key: str, slot: str) -> tuple[Any, str, str]:
    row = await sql.fetchrow(
        "SELECT content, source, reason FROM inputs JOIN cycle_subjects s ON s.id = subject_id"
        " WHERE key = $1 AND slot = $2 AND replaced_at IS NULL",
        key,
        slot,
    )
    assert row is not None
    return json.loads(row["content"]), row["source"], row["reason"]


async def faults(attempt: Any) -> list[str]:
    with pytest.raises(BadInput) as caught:
        await attempt
    return caught.value.faults


async def test_what_was_handed_out_comes_back_without_differences(cycle: Cycle) -> None:
    found = await take(await exported(cycle), cycle)
    assert found == Imported((), None)


async def test_a_changed_score_is_listed_first_and_entered_with_a_reason(cycle: Cycle, sql: asyncpg.Connection) -> None:
    book = await exported(cycle)
    changed = cell(book, BRANCHES, "branch:0101", "考核组量化打分")
    changed.value = 92.5
    with pytest.raises(ReasonNeeded) as caught:
        await take(book, cycle)
    assert f"「{BRANCHES}」{changed.coordinate}：91 → 92.5" in caught.value.say
    assert (await standing(sql, "branch:0101", "scores.team"))[0] == "91"
    found = await take(book, cycle, "按原始记录更正")
    assert found.entered is not None
    assert (found.entered.new, found.entered.changed) == (0, 1)
    assert await standing(sql, "branch:0101", "scores.team") == ("92.5", "workbook", "按原始记录更正")
    again = await take(book, cycle, "按原始记录更正")
    assert again.entered is not None
    assert (again.entered.changed, again.entered.same) == (0, 1)


async def test_every_fault_is_told_by_cell_and_nothing_is_entered(cycle: Cycle, sql: asyncpg.Connection) -> None:
    book = await exported(cycle)
    places = [
        (BRANCHES, "branch:0101", "考核组量化打分", 101),
        (BRANCHES, "branch:0101", "民主测评打分", "很好"),
        (MEMBERS, "member:1003", "支委会评价得分", "=80+5"),
    ]
    cells = [cell(book, title, key, heading) for title, key, heading, _ in places]
    for one, (_, _, _, value) in zip(cells, places, strict=True):
        one.value = value
    cell(book, BRANCHES, "branch:0102", "考核组量化打分").value = 90
    formula, *others = await faults(take(book, cycle, "更正"))
    assert f"{cells[2].coordinate}：是公式" in formula
    assert len(others) == 2
    cells[2].value = 85
    found = await faults(take(book, cycle, "更正"))
    assert [re.split("[:：]", one)[0] for one in found] == [
        f"「{BRANCHES}」{one.coordinate}" for one in (cells[1], cells[0])
    ]
    assert (await standing(sql, "branch:0102", "scores.team"))[0] == "95"


async def test_who_may_not_enter_a_score_does_not_enter_it_by_workbook(cycle: Cycle) -> None:
    book = await exported(cycle)
    cell(book, BRANCHES, "branch:0101", "考核组量化打分").value = 100
    assert "您不能录入这一项" in (await faults(take(book, cycle, "更正", actor=SECRETARY)))[0]
    assert (await take(book, cycle, "更正", actor=TEAM)).entered is not None


async def test_a_formula_that_became_a_number_is_told_and_never_taken(cycle: Cycle, sql: asyncpg.Connection) -> None:
    book = await exported(cycle)
    cell(book, BRANCHES, "branch:0101", "得分").value = 95
    cell(book, BRANCHES, "branch:0101", "档次").value = "五星级"
    book["设置"]["D5"].value = 0.4
    before = await sql.fetchval("SELECT count(*) FROM inputs")
    found = await take(book, cycle, "更正")
    assert found.entered is None
    assert [one.why for one in found.differences] == [
        "公式被改成了数值，没有采用",
        "公式被改成了数值，没有采用",
        "不是录入项，没有采用",
    ]
    assert await sql.fetchval("SELECT count(*) FROM inputs") == before


async def test_a_value_that_another_changed_since_is_not_overwritten(cycle: Cycle, sql: asyncpg.Connection) -> None:
    book = await exported(cycle)
    cell(book, BRANCHES, "branch:0101", "考核组量化打分").value = 92
    later = InputRow("branch:0101", "scores.team", "93", "复核")
    await enter_inputs(cycle.id, [later], actor=TEAM, now=NOW)
    (fault,) = await faults(take(book, cycle, "更正"))
    assert f"已由 {TEAM} 改为 93" in fault
    assert (await standing(sql, "branch:0101", "scores.team"))[0] == "93"


async def test_foreign_and_garbled_workbooks_get_one_sentence(cycle: Cycle) -> None:
    plain = openpyxl.Workbook()
    moved = await exported(cycle)
    moved[MEMBERS].delete_rows(4)
    torn = await exported(cycle)
    del torn[MEMBERS]
    other = await exported(cycle)
    cell(other, "说明", "输入", "内容").value = "0" * 64
    for book, say in ((plain, "不是支评导出"), (moved, "编号"), (torn, "缺少工作表"), (other, "不是支评导出")):
        (fault,) = await faults(take(book, cycle, "更正"))
        assert say in fault
    assert len(await faults(import_sheets(b"PK\x03\x04", cycle.id, reason="", now=NOW, actor=OFFICE))) == 1
    next_year = (await create_cycle(FILE.replace('"2020"', '"2021"').encode(), now=NOW, actor="command")).cycle
    assert "不能导入" in (await faults(take(await exported(cycle), next_year, "更正")))[0]


async def test_a_template_holds_what_the_actor_may_enter_and_comes_back(db: str, sql: asyncpg.Connection) -> None:
    cycle = await make_cycle()
    book = opened(await make_template(cycle.id, None, now=NOW, actor=TEAM))
    assert [one.value for one in book["党支部录入"][1]] == ["编号", "名称", "上级", "考核组量化打分"]
    assert "党员录入" not in book.sheetnames
    cell(book, "党支部录入", "branch:0101", "考核组量化打分").value = "９１"
    cell(book, "党支部录入", "branch:0102", "考核组量化打分").value = 88.5
    found = await take(book, cycle, actor=TEAM)
    assert found.entered is not None
    assert found.entered.new == 2
    assert (await standing(sql, "branch:0101", "scores.team"))[:2] == ("91", "workbook")
    refilled = opened(await make_template(cycle.id, "team", now=NOW, actor=TEAM))
    assert cell(refilled, "党支部录入", "branch:0102", "考核组量化打分").value == 88.5
    assert await take(refilled, cycle, actor=TEAM) == Imported((), None)
    cell(refilled, "党支部录入", "branch:0102", "考核组量化打分").value = 90
    with pytest.raises(ReasonNeeded):
        await take(refilled, cycle, actor=TEAM)


async def test_where_a_round_is_assigned_the_template_is_for_the_assigned(db: str) -> None:
    cycle = await make_cycle()
    await assign(cycle.id, [Task("team", "branch:0101", LEADER)], now=NOW, actor=OFFICE)
    with pytest.raises(Refusal, match="nothing_to_enter"):
        await make_template(cycle.id, "team", now=NOW, actor=TEAM)
    book = opened(await make_template(cycle.id, "team", now=NOW, actor=LEADER))
    keys = [row[0].value for row in book["党支部录入"].iter_rows(min_row=2)]
    assert [key for key in keys if str(key).startswith("branch:")] == ["branch:0101"]
    cell(book, "党支部录入", "branch:0101", "考核组量化打分").value = 90
    entered = (await take(book, cycle, actor=LEADER)).entered
    assert entered is not None
    assert entered.new == 1


async def test_what_was_left_alone_in_a_template_changes_nothing_that_came_later(
    db: str, sql: asyncpg.Connection
) -> None:
    cycle = await make_cycle()
    await enter_inputs(cycle.id, [InputRow("branch:0101", "scores.team", "91")], actor=TEAM, now=NOW)
    book = opened(await make_template(cycle.id, "team", now=NOW, actor=TEAM))
    later = InputRow("branch:0101", "scores.team", "93", "复核")
    await enter_inputs(cycle.id, [later], actor=OFFICE, now=NOW + timedelta(minutes=5))
    assert await take(book, cycle, actor=TEAM) == Imported((), None)
    cell(book, "党支部录入", "branch:0101", "考核组量化打分").value = 92
    (fault,) = await faults(take(book, cycle, "更正", actor=TEAM))
    assert f"已由 {OFFICE} 改为 93" in fault
    assert (await standing(sql, "branch:0101", "scores.team"))[0] == "93"


async def test_nobody_scores_themselves_in_a_template(db: str) -> None:
    cycle = await make_cycle()
    book = opened(await make_template(cycle.id, "committee", now=NOW, actor=DEPUTY))
    keys = [row[0].value for row in book["党员录入"].iter_rows(min_row=3)]
    assert f"member:{DEPUTY}" not in keys
    assert {"member:1001", "member:1003"} <= set(keys)
    assert not any(key.startswith("member:2") for key in keys)


async def test_faults_of_a_filled_template_are_told_by_cell(db: str, sql: asyncpg.Connection) -> None:
    cycle = await make_cycle()
    book = opened(await make_template(cycle.id, None, now=NOW, actor=OFFICE))
    sheet = book["党员录入"]
    first = cell(book, "党员录入", "member:1001", "支委会评价得分")
    first.value = "八十"
    good = cell(book, "党员录入", "member:1003", "支委会评价得分")
    good.value = 80
    (fault,) = await faults(take(book, cycle))
    assert fault.startswith(f"「党员录入」{first.coordinate}：")
    first.value = None
    sheet.cell(sheet.max_row + 1, 1).value = "member:0000"
    sheet.cell(sheet.max_row, good.column).value = 80
    assert "考核名单里没有" in (await faults(take(book, cycle)))[0]
    assert await sql.fetchval("SELECT count(*) FROM inputs") == 0
    with pytest.raises(BadInput):
        await make_template(cycle.id, "teem", now=NOW, actor=OFFICE)
    with pytest.raises(Refusal):
        await make_template(cycle.id, "team", now=NOW, actor=SECRETARY)


async def test_no_workbook_holds_the_counts_of_a_class(rt: Runtime) -> None:
    hall, cycle = await held_with_a_small_class(rt)
    book = await exported(cycle)
    text = " ".join(str(one.value) for sheet in book.worksheets for row in sheet.iter_rows() for one in row)
    assert not any(name in text for name in (*hall.classes, "有效票", "弃权"))
    onsite = cell(book, "书记登记表", f"secretary:{hall.reporters[0]}", "现场测评")
    assert str(onsite.value).startswith("='计票得分'!")
    template = opened(await make_template(cycle.id, None, now=NOW, actor="command"))
    assert cell(template, "书记录入", f"secretary:{hall.reporters[0]}", "现场测评").value == "计票结果"


async def test_the_commands(
    cycle: Cycle, settings_values: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = await compute_run(cycle.id, now=NOW, actor="command")
    path, number = str(tmp_path / "表.xlsx"), str(cycle.id)
    assert await run_line(LINES["export"], settings_values, "--run", str(run.id), path) == 0
    book = openpyxl.load_workbook(path)
    cell(book, BRANCHES, "branch:0101", "考核组量化打分").value = 92
    book.save(path)
    capsys.readouterr()
    assert await run_line(LINES["import"], settings_values, path, "--cycle", number, "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert [(one["was"], one["now"], one["slot"]) for one in told["differences"]] == [("91", "92", "scores.team")]
    with pytest.raises(ReasonNeeded):
        await run_line(LINES["import"], settings_values, path, "--cycle", number)
    done = await run_line(LINES["import"], settings_values, path, "--cycle", number, "--reason", "更正", "--by", OFFICE)
    assert done == 0
    assert "改动 1 项" in capsys.readouterr().out
    # As typed: the words of one command must not collide with those of the parser.
    typed = zhiping(
        plain_environment(**settings_values), "sheets", "export", "--run", str(run.id), tmp_path / "二.xlsx"
    )
    assert (typed.code, (tmp_path / "二.xlsx").exists()) == (0, True), typed
    assert await run_line(LINES["template"], settings_values, "--cycle", number, path, "--component", "team") == 0
    assert await run_line(LINES["import"], settings_values, path, "--cycle", number) == 0
    assert "没有不同" in capsys.readouterr().out
