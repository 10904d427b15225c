"""Roster workbooks of all shapes, for tests."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from openpyxl import Workbook

from services.people.roster import RosterReport, import_roster

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
    """A roster of these rows; `change` has the last word on the workbook."""
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
    """Import the workbook."""
    return await import_roster(content, now=NOW, actor="command")
