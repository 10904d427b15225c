"""A small organisation and a meeting, made through the doors that customers use, for tests."""

import io
from dataclasses import dataclass
from datetime import UTC, datetime

import openpyxl

from models.meetings import CheckIn, Meeting
from models.people import Person
from services.meetings.meetings import import_meeting
from services.people.roster import import_roster

NOW = datetime(2022, 1, 18, 1, 0, tzinfo=UTC)
FORM = 'form: {items: [总体评价], options: {好: "95", 较好: "85", 一般: "70", 差: "50"}, abstain: true}'


@dataclass(frozen=True)
class Hall:
    """Staff numbers by class, the reporters, the host."""

    classes: dict[str, list[str]]
    reporters: list[str]
    host: str = "9001"


def make_hall(leaders: int = 6, delegates: int = 20, masses: int = 10, reporters: int = 3) -> Hall:
    """Numbers 10xx vote as 领导班子, 20xx as 党员代表, 30xx as 群众代表; 40xx report."""
    return Hall(
        {
            "领导班子": [str(1001 + n) for n in range(leaders)],
            "党员代表": [str(2001 + n) for n in range(delegates)],
            "群众代表": [str(3001 + n) for n in range(masses)],
        },
        [str(4001 + n) for n in range(reporters)],
    )


def name_of(staff_no: str) -> str:
    """A made-up name, different for each number."""
    digits = "零一二三四五六七八九"
    return "测" + "".join(digits[int(digit)] for digit in staff_no)


def roster_of(hall: Hall) -> bytes:
    """The roster workbook of a hall."""
    book = openpyxl.Workbook()
    orgs = book.active
    assert orgs is not None
    orgs.title = "组织"
    rows = [
        ("0001", "党委", "", "党委"),
        ("0101", "群众单位", "0001", "部门"),
        ("0102", "第一党支部", "0001", "党支部"),
    ]
    rows += [(f"05{n:02d}", f"第{n}支部", "0001", "党支部") for n in range(len(hall.reporters))]
    for row in [("组织编码", "组织名称", "上级编码", "组织类型"), *rows]:
        orgs.append(list(row))
    people = book.create_sheet("人员")
    people.append(["工号", "姓名", "组织编码", "状态", "职务"])
    for number in [hall.host, *hall.classes["领导班子"]]:
        people.append([number, name_of(number), "0001", "正式党员", ""])
    for number in hall.classes["党员代表"]:
        people.append([number, name_of(number), "0102", "正式党员", ""])
    for number in hall.classes["群众代表"]:
        people.append([number, name_of(number), "0101", "群众", ""])
    for place, number in enumerate(hall.reporters):
        people.append([number, name_of(number), f"05{place:02d}", "正式党员", "书记"])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def meeting_of(hall: Hall, *, form: str = FORM, extra: str = "", min_class: int = 5) -> str:
    """The meeting file of a hall; times lie around NOW."""
    leaders = ", ".join(f'"{number}"' for number in hall.classes["领导班子"])
    reporters = ", ".join(
        f'{{staff_no: "{number}", mode: {"书面" if place % 3 == 2 else "现场"}}}'
        for place, number in enumerate(hall.reporters)
    )
    return f"""
title: 述职评议会
scheme: report-review
starts_at: 2022-01-18T09:00:00+08:00
closes_at: 2022-01-18T11:30:00+08:00
hosts: ["{hall.host}"]
leaders: ["{hall.host}"]
classes:
  领导班子: {{weight: "0.4", voters: [{leaders}]}}
  党员代表: {{weight: "0.4", orgs: ["0102"]}}
  群众代表: {{weight: "0.2", orgs: ["0101"]}}
reporters: [{reporters}]
{form}
min_class: {min_class}
{extra}
"""


async def hold(hall: Hall, file: str | None = None) -> Meeting:
    """Import roster and meeting into the connected database."""
    await import_roster(roster_of(hall), now=NOW, actor="test")
    return await import_meeting((file or meeting_of(hall)).encode(), now=NOW, actor="test")


async def people_by_number() -> dict[str, int]:
    """Person ids by staff number."""
    return {one.staff_no: one.id for one in await Person.all()}


async def seat(meeting: Meeting, *people: int) -> None:
    """These people are there."""
    await CheckIn.bulk_create([CheckIn(meeting=meeting, person_id=one) for one in people], ignore_conflicts=True)
