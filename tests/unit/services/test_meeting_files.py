"""A meeting file is read whole or refused whole, with every fault and its path."""

import pytest

from config.refusals import BadInput
from services.meetings.meeting_files import read_meeting_file

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
        ("11:30", "08:30", "closes_at：应晚于 starts_at"),
        ("at_close", "at_once", "publish：「at_once」不认识"),
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


UNSEEN = "有看不见的字符或换行，请删去"


@pytest.mark.parametrize("hidden", ["\\0", "\\x1b", "\\x9b", "\\n", "\\u202e", "\\u200b", "\\ufeff"])
@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("title: 2021年度基层党建述职评议会", 'title: "a{}b"', "title"),
        ("scheme: report-review", 'scheme: "report{}-review"', "scheme"),
        ("群众代表: {", '"群众{}代表": {', "classes.群众"),
        ("[总体评价]", '["总体{}评价"]', "form.items[0]"),
        ("较好:", '"较{}好":', "form.options.较"),
        ('hosts: ["1001"]', 'hosts: ["10{}01"]', "hosts[0]"),
        ('orgs: ["0101"]', 'orgs: ["01{}01"]', "classes.群众代表.orgs[0]"),
        ('"3002"', '"30{}02"', "reporters[1].staff_no[0]"),
    ],
)
def test_what_nobody_can_see_is_a_fault(old: str, new: str, path: str, hidden: str) -> None:
    found = faults(GOOD.replace(old, new.replace("{}", hidden), 1))
    assert any(fault.startswith(path) and fault.endswith(UNSEEN) for fault in found), found
    assert "".join(found).isprintable()


@pytest.mark.parametrize("space", [" ", "\u3000", "\u00a0"])
def test_spaces_and_rare_characters_are_no_fault(space: str) -> None:
    title = f"张{space}三\ue863𠮷\U00032000"
    assert read_meeting_file(GOOD.replace("2021年度基层党建述职评议会", f'"{title}"').encode()).title == title


@pytest.mark.parametrize("name", ['"领导班子 "', '"\\u3000领导班子"', "领导班\u2f26"])
def test_classes_that_only_look_different_are_a_fault(name: str) -> None:
    found = faults(GOOD.replace("群众代表: {", f"{name}: {{"))
    assert any("分不清" in fault for fault in found), found


@pytest.mark.parametrize(
    "word",
    [
        *("取消。", "上一题", "「继续」", "确认", "帮助！", "返回。", "弃权。"),
        *("第1项", "②", "7", "07", "1234", "较好。", "好 ", "。", "……", "()"),
    ],
)
def test_an_option_that_could_not_be_chosen_is_a_fault(word: str) -> None:
    found = faults(GOOD.replace("差: ", f'"{word}": '))
    assert all(fault.startswith(f"form.options.{word}：") for fault in found), found


@pytest.mark.parametrize("word", ["★", "√", "不称职", "A+", "第一档", "0.5", "B"])
def test_an_option_may_be_any_other_word(word: str) -> None:
    assert read_meeting_file(GOOD.replace("差: ", f'"{word}": ').encode()).form["options"][3][0] == word


def test_items_that_read_the_same_are_a_fault() -> None:
    assert faults(GOOD.replace("[总体评价]", "[总体评价A, 总体评价a。]")) == ["form.items：有重复的项目"]


def faults(text: str) -> list[str]:
    with pytest.raises(BadInput) as caught:
        read_meeting_file(text.encode())
    return caught.value.faults


def test_all_faults_are_told_at_once() -> None:
    bad = GOOD.replace("min_class: 5", "min_class: x").replace("at_close", "soon").replace("mode: 书面", "mode: 远程")
    with pytest.raises(BadInput) as caught:
        read_meeting_file(bad.encode())
    assert len(caught.value.faults) == 3


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff\xfe", b"a" * 300_000, b"a: [" * 100, "标题".encode()])
def test_what_is_no_meeting_file_is_refused(content: bytes) -> None:
    with pytest.raises(BadInput):
        read_meeting_file(content)
