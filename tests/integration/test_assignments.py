"""Who rates whom: by file, by draw, repeated by whoever doubts it; 33 companies in six groups."""

import asyncio
import io
import itertools
import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import asyncpg
import openpyxl
import pytest

from app.commands.assignments import ASSIGNMENT_COMMANDS
from app.commands.ratings import RATING_COMMANDS
from app.commands.tables import Line
from config.refusals import BadInput, Refusal
from models.cycles import Cycle
from services.cycles.cycles import create_cycle
from services.people.roster import import_roster
from services.ratings.assignments import Task, assign
from services.ratings.draws import DrawRule, draw_assignments, verify_draws
from services.runtime import Runtime
from tests.integration.commanding import run_line
from tests.integration.cycles import OFFICE, OTHER_SECRETARY, SECRETARY, TEAM
from tests.integration.rated import make_cycle, rate, review_lines, self_lines

SEED = "2021-04-06 双色球开奖号 03 11 17"
APRIL = datetime(2021, 4, 7, 1, 0, tzinfo=UTC)
FIRMS = [f"{n:02d}" for n in range(1, 34)]
COMPANY = """
title: 2021年达标考评
scheme: meet-standard
year: "2021"
organisation: "0000"
subjects: {unit: [党总支], branch: [党支部]}
"""


async def company() -> Cycle:
    """A group of 33 companies, each a general branch with a secretary; one branch below the first."""
    book = openpyxl.Workbook()
    orgs = book.active
    assert orgs is not None
    orgs.title = "组织"
    orgs.append(["组织编码", "组织名称", "上级编码", "组织类型"])
    orgs.append(["0000", "集团党委", "", "党委"])
    for number in FIRMS:
        orgs.append([number, f"企业{number}", "0000", "党总支"])
    orgs.append(["0101", "机关支部", "01", "党支部"])
    people = book.create_sheet("人员")
    people.append(["工号", "姓名", "组织编码", "状态", "职务"])
    people.append([OFFICE, "组织员", "0000", "正式党员", "组织部"])
    for number in FIRMS:
        people.append([f"s{number}", f"书记{number}", number, "正式党员", "书记" if number != "33" else "副书记"])
    content = io.BytesIO()
    book.save(content)
    await import_roster(content.getvalue(), now=APRIL, actor="test")
    return (await create_cycle(COMPANY.encode(), now=APRIL, actor="command")).cycle


def named(lines: Sequence[Line], name: str) -> Line:
    return next(one for one in lines if one.name == name)


@pytest.mark.fact("S0-12", "S0-09")
async def test_33_companies_review_each_other_in_six_groups(rt: Runtime, sql: asyncpg.Connection) -> None:
    cycle = await company()
    rule = DrawRule("cross_review", SEED, groups=6, kind="unit")
    drawn = await draw_assignments(cycle.id, rule, now=APRIL, actor=OFFICE)
    groups, reviews = drawn.draw.found["groups"], drawn.draw.found["reviews"]
    assert [len(one) for one in groups] == [6, 6, 6, 5, 5, 5]
    assert sorted(reviews) == list(range(6))
    assert all(reviewed != group for group, reviewed in enumerate(reviews))
    rows = await sql.fetch(
        "SELECT s.key, p.staff_no FROM assignments a JOIN cycle_subjects s ON s.id = a.subject_id"
        " JOIN people p ON p.id = a.person_id"
    )
    group_of = {key: n for n, keys in enumerate(groups) for key in keys}
    for row in rows:
        assert group_of[row["key"]] == reviews[group_of[f"unit:{row['staff_no'][1:]}"]]
    assert sorted(row["key"] for row in rows) == sorted(f"unit:{number}" for number in FIRMS)
    assert max(Counter(row["staff_no"] for row in rows).values()) <= 2
    for n, group in enumerate(groups):
        in_turn = itertools.cycle(group)
        wanted = {f"s{next(in_turn)[5:]}" for _ in groups[reviews[n]]}
        assert {row["staff_no"] for row in rows if row["key"] in groups[reviews[n]]} == wanted
    assert drawn.headless == ()
    again = await draw_assignments(cycle.id, rule, now=APRIL, actor=OFFICE)
    assert again.draw.id == drawn.draw.id
    assert [agrees for _, agrees in await verify_draws(cycle.id)] == [True]


async def test_each_is_reviewed_by_one_organisation_and_what_nobody_leads_reviews_nothing(
    rt: Runtime, sql: asyncpg.Connection, settings_values: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    cycle = await company()
    await sql.execute("DELETE FROM posts WHERE person_id = (SELECT id FROM people WHERE staff_no = 's05')")
    rule = DrawRule("cross_review", SEED, groups=6, ratio=Fraction("0.5"), kind="unit")
    drawn = await draw_assignments(cycle.id, rule, now=APRIL, actor=OFFICE)
    reviewers = drawn.draw.found["reviewers"]
    assert drawn.headless == ("企业05",)
    assert sorted(reviewers) == drawn.draw.found["sample"]
    assert "unit:05" not in reviewers.values()
    assert drawn.assignments == len(reviewers) == 18
    again = await draw_assignments(cycle.id, rule, now=APRIL, actor=OFFICE)
    assert again.draw.id == drawn.draw.id
    await run_line(named(ASSIGNMENT_COMMANDS, "list"), settings_values, str(cycle.id), "--json")
    listed = json.loads(capsys.readouterr().out)
    assert {row["subject"]: row["reviewer"] for row in listed} == reviewers
    assert all(row["staff_no"] == f"s{row['reviewer'][5:]}" for row in listed)
    await run_line(named(ASSIGNMENT_COMMANDS, "list"), settings_values, str(cycle.id))
    assert f"（s{listed[0]['reviewer'][5:]}，企业{listed[0]['reviewer'][5:]}）  未评" in capsys.readouterr().out
    first, other = list(reviewers.items())[:2]
    swapped = drawn.draw.found | {"reviewers": reviewers | {first[0]: other[1], other[0]: first[1]}}
    await sql.execute("UPDATE draws SET found = $1::jsonb", json.dumps(swapped))
    assert await run_line(named(ASSIGNMENT_COMMANDS, "verify"), settings_values, str(cycle.id)) == 1


@pytest.mark.fact("S0-13")
async def test_a_sample_needs_ratio_and_seed_and_a_second_draw_a_reason(rt: Runtime, sql: asyncpg.Connection) -> None:
    cycle = await company()
    for rule, said in (
        (DrawRule("spot_check", SEED, raters=("s01",), kind="unit"), "按多大比例"),
        (DrawRule("spot_check", " ", ratio=Fraction("0.2"), raters=("s01",), kind="unit"), "种子"),
        (DrawRule("spot_check", SEED, ratio=Fraction("0.2"), kind="unit"), "由谁打分"),
        (DrawRule("spot_check", SEED, ratio=Fraction("0.2"), raters=("s01",)), "哪一种对象"),
        (DrawRule("self", SEED, ratio=Fraction("0.2"), raters=("s01",)), "没有哪个对象"),
    ):
        with pytest.raises(BadInput, match=said):
            await draw_assignments(cycle.id, rule, now=APRIL, actor=OFFICE)
    rule = DrawRule("spot_check", SEED, ratio=Fraction("0.2"), raters=(OFFICE, "s01"), kind="unit")
    drawn = await draw_assignments(cycle.id, rule, now=APRIL, actor=OFFICE)
    assert len(drawn.draw.found["sample"]) == 7
    other = DrawRule("spot_check", "另一个种子", ratio=Fraction("0.2"), raters=(OFFICE,), kind="unit")
    with pytest.raises(Refusal, match="drawn"):
        await draw_assignments(cycle.id, other, now=APRIL, actor=OFFICE)
    await draw_assignments(cycle.id, other, now=APRIL, actor=OFFICE, reason="名单漏了一家，重抽")
    assert await sql.fetchval("SELECT count(*) FROM assignments") == 7
    assert await sql.fetchval("SELECT count(*) FROM draws") == 2
    await sql.execute("""UPDATE draws SET found = '{"sample": ["unit:01"]}' WHERE replaced_at IS NULL""")
    assert [agrees for _, agrees in await verify_draws(cycle.id)] == [False, True]


async def test_what_two_draws_both_found_belongs_to_the_one_that_counts(rt: Runtime) -> None:
    cycle = await company()
    few, many = (
        DrawRule("spot_check", SEED, ratio=Fraction(ratio), raters=(OFFICE,), kind="unit") for ratio in ("0.2", "0.6")
    )
    await draw_assignments(cycle.id, few, now=APRIL, actor=OFFICE)
    drawn = await draw_assignments(cycle.id, many, now=APRIL, actor=OFFICE, reason="扩大范围")
    again = await draw_assignments(cycle.id, many, now=APRIL, actor=OFFICE)
    assert drawn.same > 0
    assert again.assignments == drawn.assignments + drawn.same


async def test_two_who_draw_at_once_make_one_draw(rt: Runtime, sql: asyncpg.Connection) -> None:
    cycle = await company()
    rules = [DrawRule("cross_review", seed, groups=6, kind="unit") for seed in ("甲", "乙")]
    found = await asyncio.gather(
        *(draw_assignments(cycle.id, rule, now=APRIL, actor=OFFICE) for rule in rules), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in found) == ["Drawn", "Refusal"]
    assert await sql.fetchval("SELECT count(*) FROM draws") == 1


async def test_after_the_first_rating_nothing_is_drawn_anew(rt: Runtime) -> None:
    cycle = await make_cycle()
    rule = DrawRule("spot_check", SEED, ratio=Fraction(1), raters=(TEAM,))
    await draw_assignments(cycle.id, rule, now=APRIL, actor=OFFICE)
    await rate(cycle, "0101", "spot_check", review_lines(["5"] * 20), TEAM)
    other = DrawRule("spot_check", "另一个", ratio=Fraction(1), raters=(TEAM,))
    with pytest.raises(Refusal, match="rated"):
        await draw_assignments(cycle.id, other, now=APRIL, actor=OFFICE, reason="重抽")


async def test_the_office_assigns_by_file_and_sees_who_is_how_far(
    rt: Runtime, settings_values: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cycle = await make_cycle()
    number = str(cycle.id)
    file = tmp_path / "分派.yaml"
    file.write_text(f'- {{round: cross_review, subject: "0101", raters: ["{OTHER_SECRETARY}", "8888"]}}')
    with pytest.raises(BadInput, match="第 1 项：名册中没有工号为「8888」的人"):
        await run_line(named(ASSIGNMENT_COMMANDS, "import"), settings_values, number, str(file), "--by", OFFICE)
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "分派"
    for row in (
        ("轮次", "对象编号", "工号"),
        ("cross_review", "0101", OTHER_SECRETARY),
        ("cross_review", "0102", SECRETARY),
    ):
        sheet.append(list(row))
    book.save(tmp_path / "分派.xlsx")
    importing = named(ASSIGNMENT_COMMANDS, "import")
    for said in ("新分派 2 条", "新分派 0 条，已有 2 条"):
        assert await run_line(importing, settings_values, number, str(tmp_path / "分派.xlsx"), "--by", OFFICE) == 0
        assert said in capsys.readouterr().out


async def test_the_office_sees_who_is_how_far(
    rt: Runtime, settings_values: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    cycle = await make_cycle()
    tasks = [Task("cross_review", "0101", OTHER_SECRETARY), Task("cross_review", "0102", SECRETARY)]
    await assign(cycle.id, tasks, now=APRIL, actor=OFFICE)
    sheet = [*review_lines(["5"] * 20), *self_lines()[20:23]]
    await rate(cycle, "0101", "cross_review", sheet, OTHER_SECRETARY)
    number = str(cycle.id)
    await run_line(named(ASSIGNMENT_COMMANDS, "list"), settings_values, number, "--json")
    assert [row["rated"] for row in json.loads(capsys.readouterr().out)] == [True, False]
    await run_line(named(RATING_COMMANDS, "progress"), settings_values, number)
    said = capsys.readouterr().out
    assert "交叉互评（党总支、党支部）：1/2，还没有评：第二党支部" in said
    assert f"（{OTHER_SECRETARY}）：已提交 1/1" in said
    assert f"（{SECRETARY}）：已提交 0/1" in said
    await run_line(named(RATING_COMMANDS, "list"), settings_values, number, "--json")
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["round"], row["subject"], row["rater"]) == ("cross_review", "branch:0101", OTHER_SECRETARY)
    await run_line(named(RATING_COMMANDS, "compare"), settings_values, number, "0101", "--json")
    assert json.loads(capsys.readouterr().out)["totals"] == {"cross_review": "100"}


async def test_a_draw_is_printed_for_the_notice_board_and_verified(
    rt: Runtime, settings_values: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    number = str((await company()).id)
    assert await run_line(named(ASSIGNMENT_COMMANDS, "verify"), settings_values, number) == 0
    assert capsys.readouterr().out == "还没有抽取过。\n"
    drawing = named(ASSIGNMENT_COMMANDS, "draw")
    words = (number, "cross_review", "--seed", SEED, "--groups", "6", "--kind", "unit", "--by", OFFICE)
    assert await run_line(drawing, settings_values, *words) == 0
    said = capsys.readouterr().out
    assert f"种子「{SEED}」，从 33 个对象中抽取" in said
    assert said.count("（6 个，") == said.count("（5 个，") == 3
    assert await run_line(named(ASSIGNMENT_COMMANDS, "verify"), settings_values, number) == 0
    assert "与种子和名单一致" in capsys.readouterr().out


async def test_a_draw_tells_what_was_there_already_and_what_it_takes_away(
    rt: Runtime, settings_values: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    cycle = await company()
    tasks = [Task("spot_check", "unit:01", OFFICE), Task("spot_check", "unit:02", "s01")]
    await assign(cycle.id, tasks, now=APRIL, actor=OFFICE)
    words = (str(cycle.id), "spot_check", "--seed", SEED, "--ratio", "1", "--raters", OFFICE, "--kind", "unit")
    done = await run_line(
        named(ASSIGNMENT_COMMANDS, "draw"), settings_values, *words, "--by", OFFICE, "--reason", "改为抽取"
    )
    assert done == 0
    assert "共分派 33 条，原来已有 1 条，撤下 1 条。" in capsys.readouterr().out
