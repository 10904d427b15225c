"""A small college under star-rating, made through the doors that customers use, for tests."""

import io
from datetime import UTC, datetime
from functools import partial

import openpyxl

from models.cycles import Cycle
from services.cycles.cycles import create_cycle
from services.cycles.inputs import InputRow
from services.people.roster import import_roster
from services.ratings.entries import enter_inputs
from tests.integration.chatting import bound_phone
from tests.integration.world import name_of

NOW = datetime(2020, 12, 20, 1, 0, tzinfo=UTC)
OFFICE, TEAM, LEADER, SUPERIOR = "9001", "9002", "9003", "9101"
SECRETARY, DEPUTY, MEMBER = "1001", "1002", "1003"
OTHER_SECRETARY = "2001"
RETIRED = "1009"
PEOPLE = (
    (OFFICE, "0002", "正式党员", "组织部"),
    (TEAM, "0001", "正式党员", "考核组"),
    (LEADER, "0001", "正式党员", "领导"),
    (SUPERIOR, "0100", "正式党员", "书记"),
    (SECRETARY, "0101", "正式党员", "书记"),
    (DEPUTY, "0101", "正式党员", "副书记"),
    (MEMBER, "0101", "正式党员", ""),
    ("1004", "0101", "预备党员", ""),
    ("1005", "0101", "群众", ""),
    (RETIRED, "0101", "离退休党员", ""),
    (OTHER_SECRETARY, "0102", "正式党员", "书记"),
    ("2002", "0102", "正式党员", ""),
    ("3001", "0103", "离退休党员", "书记"),
)
ORGANISATIONS = (
    ("0001", "学院党委", "", "党委"),
    ("0002", "组织部", "0001", "部门"),
    ("0100", "第一党总支", "0001", "党总支"),
    ("0101", "第一党支部", "0100", "党支部"),
    ("0102", "第二党支部", "0100", "党支部"),
    ("0103", "离退休党支部", "0001", "党支部"),
)
FILE = """
title: 2020年度评星定级
scheme: star-rating
year: "2020"
organisation: "0100"
subjects: {branch: [党支部], member: [正式党员, 预备党员]}
exempt:
  - {status: 离退休党员, reason: 离退休党员不参加评星(六(三)1)}
"""


def roster(
    people: tuple[tuple[str, str, str, str], ...] = PEOPLE,
    organisations: tuple[tuple[str, str, str, str], ...] = ORGANISATIONS,
) -> bytes:
    """The roster workbook."""
    book = openpyxl.Workbook()
    orgs = book.active
    assert orgs is not None
    orgs.title = "组织"
    for row in [("组织编码", "组织名称", "上级编码", "组织类型"), *organisations]:
        orgs.append(list(row))
    sheet = book.create_sheet("人员")
    sheet.append(["工号", "姓名", "组织编码", "状态", "职务"])
    for number, org, status, posts in people:
        sheet.append([number, name_of(number), org, status, posts])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


phone_of = partial(bound_phone, now=NOW)
"""The phone of somebody of the roster, bound."""


async def make_cycle(file: str = FILE) -> Cycle:
    """Import the roster and make the cycle."""
    await import_roster(roster(), now=NOW, actor="test")
    return (await create_cycle(file.encode(), now=NOW, actor="command")).cycle


BRANCH_SCORES = {"democratic": "88", "team": "91", "superior": "90"}


def scores_of(key: str, **scores: str) -> list[InputRow]:
    """Rows for the scores of one subject."""
    return [InputRow(key, f"scores.{component}", value) for component, value in scores.items()]


async def fill(cycle: Cycle) -> None:
    """Every score of the first branch and its members, by the office; the second branch's too, without its members'."""
    rows = [
        *scores_of("branch:0101", **BRANCH_SCORES),
        *scores_of("branch:0102", democratic="95", team="95", superior="95"),
    ]
    for number, score in (
        ("1001", "92"),
        ("1002", "85"),
        ("1003", "85"),
        ("1004", "55"),
        ("2001", "90"),
        ("2002", "70"),
    ):
        rows += scores_of(f"member:{number}", democratic=score, committee=score)
    await enter_inputs(cycle.id, rows, actor=OFFICE, now=NOW)
