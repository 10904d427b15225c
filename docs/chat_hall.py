"""The made-up organisation and meetings of the chat manual."""

import io
from datetime import UTC, datetime

import openpyxl

NOW = datetime(2022, 1, 18, 1, 0, tzinfo=UTC)
LEADERS = ("林立春", "苏雨水", "方惊蛰", "何春分", "江清明", "白谷雨")
DELEGATES = ("陆立夏", "温小满", "麦芒种", "夏至柔", "暑小荷", "暑大川")
MASSES = ("秋立言", "秋处暑", "白露生", "秋分野", "寒露浓")
SECRETARIES = ("霜降红", "冬立之")
HOST = "雪小晴"
ORGS = (
    ("0001", "某学院党委", "", "党委"),
    ("0101", "教务处", "0001", "部门"),
    ("0102", "第一党支部", "0001", "党支部"),
    ("0103", "机电党支部", "0001", "党支部"),
    ("0104", "信息党支部", "0001", "党支部"),
)
_MEETING = """
title: {title}
scheme: report-review
starts_at: 2022-01-18T09:00:00+08:00
closes_at: 2022-01-18T11:30:00+08:00
publish: by_host
hosts: ["9001"]
classes: {classes}
reporters: [{{staff_no: "4001", mode: 现场}}, {{staff_no: "4002", mode: 书面}}]
form: {{items: [总体评价], options: {{好: "95", 较好: "85", 一般: "70", 差: "50"}}, abstain: true}}
"""
_LED = """
leaders: ["1001"]
minutes_each: 8
"""


def roster() -> bytes:
    """The roster workbook."""
    book = openpyxl.Workbook()
    orgs = book.active
    assert orgs is not None
    orgs.title = "组织"
    for row in (("组织编码", "组织名称", "上级编码", "组织类型"), *ORGS):
        orgs.append(list(row))
    people = book.create_sheet("人员")
    people.append(["工号", "姓名", "组织编码", "状态", "职务"])
    for first, names, org, status in (
        (1001, LEADERS, "0001", "正式党员"),
        (2001, DELEGATES, "0102", "正式党员"),
        (3001, MASSES, "0101", "群众"),
    ):
        for number, name in enumerate(names, first):
            people.append([str(number), name, org, status, ""])
    for number, name in enumerate(SECRETARIES):
        people.append([str(4001 + number), name, f"010{3 + number}", "正式党员", "书记"])
    people.append(["9001", HOST, "0001", "正式党员", "组织部"])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def meeting() -> bytes:
    """A meeting of three classes, all large enough."""
    leaders = ", ".join(f'"{1001 + place}"' for place in range(len(LEADERS)))
    classes = (
        f'{{领导班子: {{weight: "0.4", voters: [{leaders}]}}, 党员代表: {{weight: "0.4", orgs: ["0102"]}}, '
        '群众代表: {weight: "0.2", orgs: ["0101"]}}'
    )
    return (_MEETING.format(title="2021年度述职评议会", classes=classes) + _LED).encode()


def small_meeting() -> bytes:
    """A meeting with a single small class."""
    return _MEETING.format(
        title="机关述职评议会", classes='{领导班子: {weight: "1", voters: ["1001", "1002", "1003"]}}'
    ).encode()
