"""Roster workbooks as offices keep them: what is read from them, what is not guessed, and what is no safe workbook."""

import time
import zipfile
from argparse import Namespace
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import asyncpg
import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import MAC_EPOCH
from openpyxl.worksheet.datavalidation import DataValidation

from app.commands.roster import take_in
from config.refusals import BadInput
from services.runtime import Runtime
from tests.integration.refusing import faults_of
from tests.integration.rosters import load, workbook

# Far more than it takes on a busy machine, far less than it would take if it went wrong.
AT_MOST_S = 30


async def test_numbers_are_codes_only_where_no_zero_can_be_lost(db: str, sql: asyncpg.Connection) -> None:
    orgs, people = [(9, "党委", None, "党委")], [(3001, "张三", 9, "正式党员", None, None)]
    await load(workbook(orgs, people))
    assert await sql.fetchval("SELECT staff_no FROM people") == "3001"
    mixed = [("0101", "甲", None, "党委"), (102, "乙", None, "党委")]
    assert await faults_of(load(workbook(mixed, [(3001.5, "张三", "0101", "正式党员", None, None)]))) == [
        "「组织」第 3 行「组织编码」：102 存成了数字，开头的 0 可能丢了，请把该列设为文本格式后重新填写",
        "「人员」第 2 行「工号」：不是编码，请把该列设为文本格式后重新填写",
    ]


async def test_a_file_whose_zeros_were_lost_does_not_make_new_organisations(db: str) -> None:
    await load(workbook())
    orgs = [(101, "第一党支部", 1, "党支部"), (1, "学院党委", None, "党委")]
    assert all("开头的 0 可能丢了" in fault for fault in await faults_of(load(workbook(orgs, ()))))


async def test_a_number_shown_with_zeros_is_not_guessed(db: str) -> None:
    def show_four_digits(book: Workbook) -> None:
        book["组织"]["A2"].number_format = "0000"

    assert await faults_of(load(workbook([(101, "甲", None, "党委")], (), change=show_four_digits))) == [
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
    said = await faults_of(load(workbook(people=[("1001", "张三", "01", "正式党员", None, written)])))
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

    said = await faults_of(load(workbook(change=merge)))
    assert said == ["「人员」第 2 行：E2:E3 是合并的单元格：请取消合并，并把内容填到每一行"]


async def test_missing_sheets_and_columns_are_named_without_a_flood(db: str) -> None:
    def drop(book: Workbook) -> None:
        book.remove(book["组织"])

    said = await faults_of(load(workbook(change=drop, person_header=("工号", "姓名", "组织", "状态", "职务", "工号"))))
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
    assert [fault for fault in await faults_of(load(workbook(orgs, people))) if say in fault] == [
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
    said = await faults_of(load(content))
    assert len(said) == 1
    assert say in said[0]
    assert time.monotonic() - started < AT_MOST_S


async def test_a_row_number_that_lies_costs_little(db: str) -> None:
    row = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    row += b'<row r="999999999999"><c t="inlineStr"><is><t>x</t></is></c></row></sheetData></worksheet>'
    started = time.monotonic()
    assert "缺少列" in (await faults_of(load(bomb(workbook(), sheet1=row))))[0]
    assert time.monotonic() - started < AT_MOST_S


async def test_a_file_that_is_not_there_or_too_big_is_unusable(rt: Runtime, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="打不开"):
        await take_in(rt.settings, Namespace(file=tmp_path / "nothing.xlsx", as_json=False))
    big = tmp_path / "big.xlsx"
    with big.open("wb") as file:
        file.truncate(11 * 1024 * 1024)
    with pytest.raises(BadInput, match="超过 10 MB"):
        await take_in(rt.settings, Namespace(file=big, as_json=False))
