"""Importing roster workbooks: what is read, what is refused and how that is said, what a second import does."""

import asyncio
import json
import time
from argparse import Namespace
from datetime import date
from pathlib import Path

import asyncpg
import pytest

from app.commands.roster import show_codes, take_in
from services.runtime import Runtime
from tests.integration.refusing import faults_of
from tests.integration.rosters import PEOPLE, PERSON_HEADER, load, workbook

# Far more than it takes on a busy machine, far less than it would take if it went wrong.
AT_MOST_S = 30


async def test_an_import_makes_the_tree_the_people_and_their_posts(db: str, sql: asyncpg.Connection) -> None:
    report = await load(workbook())
    assert (report.organisations.created, report.people.created) == (2, 3)
    assert await sql.fetchval(
        "SELECT p.code FROM organisations o JOIN organisations p ON p.id = o.parent_id WHERE o.code = '0101'"
    ) == ("01")
    people = await sql.fetch("SELECT staff_no, name, status, joined_on FROM people ORDER BY staff_no")
    assert tuple(people[0]) == ("1001", "张三", "正式党员", date(2001, 7, 1))
    posts = await sql.fetch("SELECT title FROM posts JOIN people ON people.id = person_id WHERE staff_no = '1001'")
    assert {row["title"] for row in posts} == {"书记", "领导"}
    assert await sql.fetchval("SELECT action FROM audit_entries") == "import_roster"


async def test_a_second_import_changes_nothing(db: str, sql: asyncpg.Connection) -> None:
    await load(workbook())
    before = await sql.fetch("SELECT * FROM posts ORDER BY id")
    report = await load(workbook())
    assert (report.organisations.unchanged, report.people.unchanged) == (2, 3)
    assert (report.people.created, report.people.updated) == (0, 0)
    assert await sql.fetch("SELECT * FROM posts ORDER BY id") == before


async def test_two_imports_at_once_make_everything_once(db: str, sql: asyncpg.Connection) -> None:
    reports = await asyncio.gather(load(workbook()), load(workbook()))
    assert sorted(report.people.created for report in reports) == [0, 3]
    assert await sql.fetchval("SELECT count(*) FROM posts") == 3


async def test_a_second_import_updates_and_reports_who_is_missing(db: str, sql: asyncpg.Connection) -> None:
    await load(workbook())
    orgs = (("01", "学院党委", None, "党委"), ("02", "第二党支部", "01", "党支部"))
    people = (
        ("1001", "张三", "02", "离退休党员", "副书记", date(2001, 7, 2)),
        ("1003", "王五", "01", "群众", "领导", None),
    )
    report = await load(workbook(orgs, people))
    assert report.missing_organisations == (("0101", "第一党支部"),)
    assert report.missing_people == (("1002", "李四"),)
    assert (report.people.updated, report.people.unchanged) == (1, 1)
    row = await sql.fetchrow(
        "SELECT o.code, p.status, p.joined_on, t.title, t.organisation_id = p.organisation_id AS is_here"
        " FROM people p JOIN organisations o ON o.id = organisation_id JOIN posts t ON t.person_id = p.id"
        " WHERE staff_no = '1001'"
    )
    assert tuple(row) == ("02", "离退休党员", date(2001, 7, 2), "副书记", True)
    assert await sql.fetchval("SELECT count(*) FROM people") == 3


async def test_secretaries_may_swap_in_one_import(db: str, sql: asyncpg.Connection) -> None:
    await load(workbook())
    people = (
        ("1002", "李四", "0101", "正式党员", "书记", None),
        ("1001", "张三", "0101", "正式党员", "委员", None),
    )
    await load(workbook(people=people))
    assert await sql.fetchval("SELECT staff_no FROM posts JOIN people p ON p.id = person_id WHERE title = '书记'") == (
        "1002"
    )


async def test_without_the_column_known_dates_stay(db: str, sql: asyncpg.Connection) -> None:
    await load(workbook())
    await load(workbook(people=[row[:5] for row in PEOPLE], person_header=PERSON_HEADER[:5]))
    assert await sql.fetchval("SELECT joined_on FROM people WHERE staff_no = '1001'") == date(2001, 7, 1)


async def test_people_of_the_demo_are_not_missed_by_others(db: str) -> None:
    await load(workbook([("demo-01", "演示", None, "党委")], [("demo-1", "演示员", "demo-01", "正式党员", "", None)]))
    report = await load(workbook())
    assert report.missing_people == report.missing_organisations == ()


async def test_all_faults_are_told_at_once_with_their_places_and_nothing_is_imported(
    db: str, sql: asyncpg.Connection
) -> None:
    orgs = (
        ("01", "学院党委", None, "党委"),
        ("01", "又一个", None, "党委"),
        (None, None, None, None),
        ("02", None, "99", "小组"),
    )
    people = (
        ("1001", "张三", "01", "正式党员", "书记", "昨天"),
        ("1002", "李四", "01", "党员", "书记", "2031-01-01"),
        ("1001", "王五", "77", "群众", "组织委员", None),
        ("1004", "赵六", "01", "正式党员", "党支部书记", "=TODAY()"),
    )
    assert await faults_of(load(workbook(orgs, people))) == [
        "「组织」第 3 行「组织编码」：01 与第 2 行重复，请只留一行",
        "「组织」第 5 行「上级编码」：没有编码为 99 的组织，请改正或补上这个组织",
        "「组织」第 5 行「组织名称」：是空的，请填写",
        "「组织」第 5 行「组织类型」：「小组」不认识，可填：党委 党总支 党支部 部门",
        "「人员」第 2 行「入党日期」：不是日期，请写成 2001-07-01 的样子",
        "「人员」第 3 行「入党日期」：读出来是 2031-01-01，不可能是入党日期；请写成 2001-07-01 的样子",
        "「人员」第 3 行「状态」：「党员」不认识，可填：正式党员 预备党员 入党积极分子 群众 离退休党员",
        "「人员」第 3 行「职务」：组织 01 的书记已是第 2 行的张三，只能有一位",
        "「人员」第 4 行「工号」：1001 与第 2 行重复，请只留一行",
        "「人员」第 4 行「组织编码」：没有编码为 77 的组织，请改正或在「组织」里补上",
        "「人员」第 4 行「职务」：群众不能担任党内职务（组织委员），请改「状态」或「职务」",
        "「人员」第 5 行「入党日期」：是公式，请复制后「选择性粘贴」为数值",
        "「人员」第 5 行「职务」：「党支部书记」请写成「书记」，在哪个组织由「组织编码」说明",
    ]
    assert await sql.fetchval("SELECT count(*) FROM organisations") == 0
    assert await sql.fetchval("SELECT count(*) FROM audit_entries") == 0


async def test_a_number_that_stands_for_the_command_line_is_nobodys(db: str) -> None:
    people = (("command", "张三", "0101", "正式党员", "", None),)
    assert await faults_of(load(workbook(people=people))) == [
        "「人员」第 2 行「工号」：「command」是系统留用的，不能作工号，请换一个"
    ]


async def test_a_secretary_outside_the_file_is_in_the_way(db: str) -> None:
    await load(workbook())
    people = (("1002", "李四", "0101", "正式党员", "书记", None),)
    assert await faults_of(load(workbook(people=people))) == [
        "「人员」第 2 行「职务」：组织 0101 现在的书记是张三（1001），不在本文件里；请把其也写进来并改「职务」"
    ]


async def test_rings_of_organisations_are_found_also_through_what_is_known(db: str) -> None:
    ring = (("a", "甲", "c", "党委"), ("b", "乙", "a", "党委"), ("c", "丙", "b", "党委"), ("d", "丁", "d", "党委"))
    assert await faults_of(load(workbook(ring, ()))) == [
        "「组织」第 2 行「上级编码」：上下级绕成了圈：a → c → b → a，请改正",
        "「组织」第 5 行「上级编码」：上下级绕成了圈：d → d，请改正",
    ]
    await load(workbook())
    assert await faults_of(load(workbook([("01", "学院党委", "0101", "党委")], ()))) == [
        "「组织」第 2 行「上级编码」：上下级绕成了圈：01 → 0101 → 01，请改正"
    ]


async def test_five_thousand_people_are_imported_in_seconds(db: str, sql: asyncpg.Connection) -> None:
    orgs = [("00", "党委", None, "党委"), *((f"0{n}", f"支部{n}", "00", "党支部") for n in range(100, 300))]
    people = [
        (f"{n:05}", f"人{n}", f"0{100 + n % 200}", "正式党员", "书记" if n < 200 else "党员", date(2001, 7, 1))
        for n in range(5000)
    ]
    content = workbook(orgs, people)
    started = time.monotonic()
    report = await load(content)
    assert report.people.created == 5000
    assert time.monotonic() - started < AT_MOST_S
    assert await sql.fetchval("SELECT count(*) FROM posts WHERE title = '书记'") == 200


async def test_the_commands_print_what_scripts_and_people_need(
    rt: Runtime, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "roster.xlsx"
    file.write_bytes(workbook())
    assert await take_in(rt.settings, Namespace(file=file, as_json=True)) == 0
    assert json.loads(capsys.readouterr().out)["people"] == {"created": 3, "updated": 0, "unchanged": 0}
    file.write_bytes(workbook(people=PEOPLE[:2]))
    assert await take_in(rt.settings, Namespace(file=file, as_json=False)) == 0
    assert "名册里有、文件里没有的人 1 个，保持原样：王五（1003）" in capsys.readouterr().out
    assert await show_codes(rt.settings, Namespace(org="0101", as_json=True, renew=False)) == 0
    codes = json.loads(capsys.readouterr().out)
    assert [(one["staff_no"], one["name"]) for one in codes] == [("1001", "张三"), ("1002", "李四")]
    assert await show_codes(rt.settings, Namespace(org=None, as_json=False, renew=False)) == 0
    assert codes[0]["code"] in capsys.readouterr().out
