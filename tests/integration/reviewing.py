"""An affairs centre under report-review, made through the doors that customers use: five branches, their secretaries report."""

import io
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial

import openpyxl

from models.cycles import Cycle
from services.cycles.cycles import create_cycle
from services.people.roster import import_roster
from tests.integration.chatting import bound_phone
from tests.integration.world import name_of

NOW = datetime(2021, 12, 20, 1, 0, tzinfo=UTC)
OFFICE, OFFICE_TWO, LEADER, LEADER_TWO = "9001", "9002", "9101", "9102"
SECRETARIES = tuple(str(4001 + n) for n in range(5))
DEPUTY, MEMBER = "5001", "5002"
PEOPLE = (
    *((number, "0002", "正式党员", "组织部") for number in (OFFICE, OFFICE_TWO)),
    *((number, "0001", "正式党员", "领导") for number in (LEADER, LEADER_TWO)),
    *((number, f"05{place:02d}", "正式党员", "书记") for place, number in enumerate(SECRETARIES)),
    (DEPUTY, "0500", "正式党员", "副书记"),
    (MEMBER, "0500", "正式党员", ""),
)
ORGANISATIONS = (
    ("0001", "中心党组", "", "党委"),
    ("0002", "机关党委", "0001", "部门"),
    *((f"05{n:02d}", f"第{n}支部", "0001", "党支部") for n in range(len(SECRETARIES))),
)
FILE = """
title: {year}年度述职评议
scheme: report-review
year: "{year}"
organisation: "0001"
subjects: {{secretary: [党支部]}}
"""
REPORT: Mapping[str, list[str]] = {
    "学习贯彻": ["集中学习 12 次，人人写了心得"],
    "履行责任": ["与 8 名支委逐一谈话，带头讲党课 2 次"],
    "组织建设质量": ["主题党日 12 次，发展党员 1 名"],
    "完成重大任务": ["窗口办件 3 万件，无一投诉"],
    "上年度问题整改": ["去年的 3 个问题都已改完"],
    "存在问题": ["党员教育形式单一，我本人到窗口听意见只有 2 次，深入不够"],
    "整改承诺": ["每季度到窗口听意见 1 次"],
    "下一步思路": ["把党课讲到窗口"],
    "正面典型案例": ["代办员老周一年上门 40 次"],
    "反面典型案例": ["一名党员迟到被投诉"],
}
"""Complete, with numbers and as much of problems as is fair."""


def roster() -> bytes:
    """The roster workbook."""
    book = openpyxl.Workbook()
    orgs = book.active
    assert orgs is not None
    orgs.title = "组织"
    for row in [("组织编码", "组织名称", "上级编码", "组织类型"), *ORGANISATIONS]:
        orgs.append(list(row))
    sheet = book.create_sheet("人员")
    sheet.append(["工号", "姓名", "组织编码", "状态", "职务"])
    for number, org, status, posts in PEOPLE:
        sheet.append([number, name_of(number), org, status, posts])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


async def make_cycle(year: str = "2021", now: datetime = NOW) -> Cycle:
    """Import the roster and make the cycle of that year."""
    await import_roster(roster(), now=now, actor="test")
    return (await create_cycle(FILE.format(year=year).encode(), now=now, actor="command")).cycle


phone_of = partial(bound_phone, now=NOW)
"""The phone of somebody of the roster, bound."""
