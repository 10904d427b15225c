"""A meeting file is read whole or refused whole, with every fault and its path."""

import pytest

from config.refusals import BadInput
from services.meeting_files import read_meeting_file

GOOD = """
title: 2021年度基层党建述职评议会
scheme: report-review
starts_at: 2022-01-18T09:00:00+08:00
opens_at:
closes_at: 2022-01-18T11:30:00+08:00
publish: at_close
hosts: ["1001"]
leaders: ["1001", "1002"]
classes:
  领导班子: {weight: "0.4", voters: ["1001", "1002"]}
  党员代表: {weight: "0.4", orgs: ["0102"]}
  群众代表: {weight: "0.2", orgs: ["0101"]}
reporters: [{staff_no: "3001", mode: 现场}, {staff_no: "3002", mode: 书面}]
form: {items: [总体评价], options: {好: "95", 较好: "85", 一般: "70", 差: "50"}, abstain: true}
min_class: 5
"""


def test_the_example_of_the_contract() -> None:
    file = read_meeting_file(GOOD.encode())
    assert file.title == "2021年度基层党建述职评议会"
    assert [(one.name, one.weight) for one in file.classes] == [
        ("领导班子", "0.4"),
        ("党员代表", "0.4"),
        ("群众代表", "0.2"),
    ]
    assert file.classes[1].orgs == ("0102",)
    assert file.reporters == (("3001", "现场"), ("3002", "书面"))
    assert file.form["options"] == [["好", "95"], ["较好", "85"], ["一般", "70"], ["差", "50"]]
    assert file.opens_at is None
    assert file.closes_at.utcoffset() is not None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('weight: "0.2"', 'weight: "0.3"', "相加应为 1"),
        ('weight: "0.2"', "weight: 0.2", "带引号"),
        ("+08:00\nopens_at", "\nopens_at", "starts_at"),
        ("11:30", "08:30", "closes_at:应晚于 starts_at"),
        ("at_close", "at_once", "publish:「at_once」不认识"),
        ("mode: 书面", "mode: 远程", "reporters[1].mode"),
        ('"3002"', '"3001"', "写了两次"),
        ("min_class: 5", "min_class: 0", "min_class"),
        ("min_class: 5", "min_clas: 5", "不认识的项目"),
        ("好:", "确认:", "form.options.确认"),
        ("差: ", "弃权: ", "form.options.弃权"),
        ('"95"', '"101"', "超出范围"),
        ('hosts: ["1001"]', "hosts: []", "hosts"),
        ("[总体评价]", "[]", "form.items"),
        ('orgs: ["0101"]', "orgs: []", "classes.群众代表"),
        ("title: 2021年度基层党建述职评议会", "title: [1]", "title"),
        ("classes:", "classes: !!python/object:os.system", "标签"),
        ("hosts: [", "hosts: &a [", "锚点"),
    ],
)
def test_a_fault_is_named(old: str, new: str, told: str) -> None:
    assert old in GOOD
    with pytest.raises(BadInput) as caught:
        read_meeting_file(GOOD.replace(old, new, 1).encode())
    assert any(told in fault for fault in caught.value.faults), caught.value.faults


def test_all_faults_are_told_at_once() -> None:
    bad = GOOD.replace("min_class: 5", "min_class: x").replace("at_close", "soon").replace("mode: 书面", "mode: 远程")
    with pytest.raises(BadInput) as caught:
        read_meeting_file(bad.encode())
    assert len(caught.value.faults) == 3


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff\xfe", b"a" * 300_000, b"a: [" * 100, "标题".encode()])
def test_what_is_no_meeting_file_is_refused(content: bytes) -> None:
    with pytest.raises(BadInput):
        read_meeting_file(content)
