"""Importing roster workbooks: what is read, what is refused and how that is said, what a second import does."""

import asyncio
import json
import time
import zipfile
from argparse import Namespace
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import MAC_EPOCH
from openpyxl.worksheet.datavalidation import DataValidation

from app.commands.roster import show_codes, take_in
from config.refusals import BadInput
from services.people.roster import RosterReport, import_roster
from services.runtime import Runtime

NOW = datetime(2022, 1, 18, 1, 0, tzinfo=UTC)
ORG_HEADER = ("组织编码", "组织名称", "上级编码", "组织类型")
PERSON_HEADER = ("工号", "姓名", "组织编码", "状态", "职务", "入党日期")
ORGS = (("0101", "第一党支部", "01", "党支部"), ("01", "学院党委", None, "党委"))
PEOPLE = (
    ("1001", "张　三", "0101", "正式党员", "书记、领导", "2001-07-01"),
    ("1002", "李四", "0101", "预备党员", None, None),
    ("1003", "王五", "01", "群众", "领导", None),
)
Row = Iterable[Any]


def workbook(
    orgs: Iterable[Row] = ORGS,
    people: Iterable[Row] = PEOPLE,
    *,
    org_header: Row = ORG_HEADER,
    person_header: Row = PERSON_HEADER,
    change: Callable[[Workbook], None] = lambda book: None,
) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, header, rows in (("组织", org_header, orgs), ("人员", person_header, people)):
        sheet = book.create_sheet(name)
        sheet.append(tuple(header))
        for row in rows:
            sheet.append(tuple(row))
    change(book)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


async def load(content: bytes) -> RosterReport:
    return await import_roster(content, now=NOW, actor="command")


async def faults(content: bytes) -> list[str]:
    with pytest.raises(BadInput) as bad:
        await load(content)
    return bad.value.faults


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
    assert await faults(workbook(orgs, people)) == [
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


async def test_a_secretary_outside_the_file_is_in_the_way(db: str) -> None:
    await load(workbook())
    people = (("1002", "李四", "0101", "正式党员", "书记", None),)
    assert await faults(workbook(people=people)) == [
        "「人员」第 2 行「职务」：组织 0101 现在的书记是张三（1001），不在本文件里；请把其也写进来并改「职务」"
    ]


async def test_rings_of_organisations_are_found_also_through_what_is_known(db: str) -> None:
    ring = (("a", "甲", "c", "党委"), ("b", "乙", "a", "党委"), ("c", "丙", "b", "党委"), ("d", "丁", "d", "党委"))
    assert await faults(workbook(ring, ())) == [
        "「组织」第 2 行「上级编码」：上下级绕成了圈：a → c → b → a，请改正",
        "「组织」第 5 行「上级编码」：上下级绕成了圈：d → d，请改正",
    ]
    await load(workbook())
    assert await faults(workbook([("01", "学院党委", "0101", "党委")], ())) == [
        "「组织」第 2 行「上级编码」：上下级绕成了圈：01 → 0101 → 01，请改正"
    ]


async def test_numbers_are_codes_only_where_no_zero_can_be_lost(db: str, sql: asyncpg.Connection) -> None:
    orgs, people = [(9, "党委", None, "党委")], [(3001, "张三", 9, "正式党员", None, None)]
    await load(workbook(orgs, people))
    assert await sql.fetchval("SELECT staff_no FROM people") == "3001"
    mixed = [("0101", "甲", None, "党委"), (102, "乙", None, "党委")]
    assert await faults(workbook(mixed, [(3001.5, "张三", "0101", "正式党员", None, None)])) == [
        "「组织」第 3 行「组织编码」：102 存成了数字，开头的 0 可能丢了，请把该列设为文本格式后重新填写",
        "「人员」第 2 行「工号」：不是编码，请把该列设为文本格式后重新填写",
    ]


async def test_a_file_whose_zeros_were_lost_does_not_make_new_organisations(db: str) -> None:
    await load(workbook())
    orgs = [(101, "第一党支部", 1, "党支部"), (1, "学院党委", None, "党委")]
    assert all("开头的 0 可能丢了" in fault for fault in await faults(workbook(orgs, ())))


async def test_a_number_shown_with_zeros_is_not_guessed(db: str) -> None:
    def show_four_digits(book: Workbook) -> None:
        book["组织"]["A2"].number_format = "0000"

    assert await faults(workbook([(101, "甲", None, "党委")], (), change=show_four_digits)) == [
        "「组织」第 2 行「组织编码」：存成了数字 101，与显示的可能不同，请把该列设为文本格式后重新填写"
    ]


@pytest.mark.parametrize(
    "written",
    [
        *(
            date(2001, 7, 1),
            datetime.fromisoformat("2001-07-01T12:00:00"),
            "2001-07-01",
            "2001/7/1",
            "2001.07.01",
            "2001年7月1日",
        ),
        *("20010701", 20010701, 37073, "２００１－７－１", " 2001-7-1 ", "2001-07-01 00:00:00"),
    ],
)
async def test_dates_in_any_form(db: str, sql: asyncpg.Connection, written: object) -> None:
    await load(workbook(people=[("1001", "张三", "01", "正式党员", None, written)]))
    assert await sql.fetchval("SELECT joined_on FROM people") == date(2001, 7, 1)


@pytest.mark.parametrize("written", ["2001.07", 2001.07, 2001, "2001-02-30", True, "1899-01-01", 1e300, -5, "#N/A"])
async def test_what_is_no_date_is_not_guessed(db: str, written: object) -> None:
    said = await faults(workbook(people=[("1001", "张三", "01", "正式党员", None, written)]))
    assert len(said) == 1
    assert said[0].startswith("「人员」第 2 行「入党日期」：")


async def test_dates_of_a_mac_workbook_count_from_1904(db: str, sql: asyncpg.Connection) -> None:
    def from_1904(book: Workbook) -> None:
        book.epoch = MAC_EPOCH

    content = workbook(people=[("1001", "张三", "01", "正式党员", None, 35611)], change=from_1904)
    await load(content)
    assert await sql.fetchval("SELECT joined_on FROM people") == date(2001, 7, 1)


async def test_merged_cells_are_refused_for_they_leave_rows_empty(db: str) -> None:
    def merge(book: Workbook) -> None:
        book["人员"].merge_cells("E2:E3")

    said = await faults(workbook(change=merge))
    assert said == ["「人员」第 2 行：E2:E3 是合并的单元格：请取消合并，并把内容填到每一行"]


async def test_missing_sheets_and_columns_are_named_without_a_flood(db: str) -> None:
    def drop(book: Workbook) -> None:
        book.remove(book["组织"])

    said = await faults(workbook(change=drop, person_header=("工号", "姓名", "组织", "状态", "职务", "工号")))
    assert said == [
        "「组织」：缺少这张工作表，请补上（工作表的名字要一字不差）",
        "「人员」第 1 行：缺少列：组织编码。第一个有内容的行须是表头，上面不要有标题",
        "「人员」第 1 行「工号」：表头里出现了两次，请只留一列",
    ]


async def test_blank_rows_drop_down_lists_spare_columns_and_order_do_not_matter(
    db: str, sql: asyncpg.Connection
) -> None:
    def decorate(book: Workbook) -> None:
        book["人员"].insert_rows(1, 2)
        book["人员"].insert_rows(5)
        book["人员"]["D900"] = " \u200b "
        rule = DataValidation(type="list", formula1='"正式党员，群众"')
        book["人员"].add_data_validation(rule)
        rule.add("D4:D99")

    header = ("备注", "状态", " 姓 名 ", "工号", "职务", "组织编码")
    people = [("x", "正式党员", "张三", "1001", "书记，委员；领导、书记", "0101")]
    report = await load(workbook(people=people, person_header=header, change=decorate))
    assert report.unused_columns == ("人员·备注",)
    assert {row["title"] for row in await sql.fetch("SELECT title FROM posts")} == {"书记", "委员", "领导"}


async def test_control_characters_are_faults_with_row_and_column(db: str) -> None:
    orgs = (("0101\x9b", "第一\x7f党支部", "01", "党支部"), ("01", "学院党委", None, "党\x80委"))
    people = (("10\x8501", "张\u200b三\n", "0101", "正式党员", "书记、领\x9b导", "2001-07-01\x9f"),)
    say = "有看不见的控制字符，请删去后重新填写"
    assert [fault for fault in await faults(workbook(orgs, people)) if say in fault] == [
        f"「组织」第 2 行「组织名称」：{say}",
        f"「组织」第 2 行「组织编码」：{say}",
        f"「组织」第 3 行「组织类型」：{say}",
        f"「人员」第 2 行「入党日期」：{say}",
        f"「人员」第 2 行「职务」：{say}",
    ]


def bomb(content: bytes, **parts: bytes) -> bytes:
    """The workbook with some parts replaced."""
    file = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, parts.get(name.rpartition("/")[2].removesuffix(".xml"), old.read(name)))
    return file.getvalue()


ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    b"<worksheet>&b;</worksheet>"
)


@pytest.mark.parametrize(
    ("content", "say"),
    [
        (b"", "这不是 Excel 工作簿"),
        (b"PK\x03\x04 not really", "这不是 Excel 工作簿"),
        ("工号，姓名".encode("gbk"), "这不是 Excel 工作簿"),
        (b"\xd0\xcf\x11\xe0" + bytes(512), "旧版 .xls"),
        (workbook()[:-900], "这不是 Excel 工作簿"),
        (bytes(10 * 1024 * 1024 + 1), "超过 10 MB"),
        (bomb(workbook(), sheet1=b" " * (65 * 1024 * 1024)), "展开后过大"),
        (bomb(workbook(), sheet1=ENTITIES), "展开后过大或结构异常"),
        (bomb(workbook(), sheet1=b"<worksheet>" + b"<x>" * 50_000), "展开后过大或结构异常"),
        (bomb(workbook(), sheet1=b"<worksheet><row>" + b"<c/>" * 1_000_000), "展开后过大或结构异常"),
        (bomb(workbook(), sheet1=b"<worksheet"), "这不是 Excel 工作簿"),
    ],
)
async def test_what_is_no_workbook_or_not_a_safe_one(db: str, content: bytes, say: str) -> None:
    started = time.monotonic()
    said = await faults(content)
    assert len(said) == 1
    assert say in said[0]
    assert time.monotonic() - started < 5


async def test_a_row_number_that_lies_costs_little(db: str) -> None:
    row = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    row += b'<row r="999999999999"><c t="inlineStr"><is><t>x</t></is></c></row></sheetData></worksheet>'
    started = time.monotonic()
    assert "缺少列" in (await faults(bomb(workbook(), sheet1=row)))[0]
    assert time.monotonic() - started < 5


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
    assert time.monotonic() - started < 10
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


async def test_a_file_that_is_not_there_or_too_big_is_unusable(rt: Runtime, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="打不开"):
        await take_in(rt.settings, Namespace(file=tmp_path / "nothing.xlsx", as_json=False))
    big = tmp_path / "big.xlsx"
    with big.open("wb") as file:
        file.truncate(11 * 1024 * 1024)
    with pytest.raises(BadInput, match="超过 10 MB"):
        await take_in(rt.settings, Namespace(file=big, as_json=False))
