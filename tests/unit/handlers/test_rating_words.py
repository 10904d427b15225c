"""What people type at a line of a sheet."""

import pytest

from handlers.chat.rating_words import Told, jump_of, read_pairs, read_points, read_words_of


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("5", Told(("5",))),
        ("４．５分", Told(("4.5",))),
        ("5 5 4 5", Told(("5", "5", "4", "5"))),
        ("5，5，4", Told(("5", "5", "4"))),
        ("5、5、4分", Told(("5", "5", "4"))),
        ("4 台账不全", Told(("4",), "台账不全")),
        ("4分，台账不全", Told(("4",), "台账不全")),
        ("3 2021年有3次没有开", Told(("3",), "2021年有3次没有开")),
        ("4 成绩：讲了 3 次党课 问题：记录不全", Told(("4",), "讲了 3 次党课", "记录不全")),
        ("台账不全", Told((), "台账不全")),
        ("05", Told(("5",))),
    ],
)
def test_points_and_words(text: str, told: Told) -> None:
    assert read_points(text) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("全年开了 12 次主题党日。问题：内容单一", Told((), "全年开了 12 次主题党日。", "内容单一")),
        ("成绩：班子团结\n存在问题：学习不够", Told((), "班子团结", "学习不够")),
        ("问题：学习不够", Told((), "", "学习不够")),
        ("班子团结", Told((), "班子团结")),
    ],
)
def test_achievements_and_problems(text: str, told: Told) -> None:
    assert read_words_of(text) == told


@pytest.mark.parametrize(
    ("text", "number"), [("第 7 项", 7), ("第7项", 7), ("７项", 7), ("到第12项", 12), ("7", 0), ("第七", 0)]
)
def test_going_to_a_line(text: str, number: int) -> None:
    assert jump_of(text) == number


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("张三 90 李四 85", [("张三", "90"), ("李四", "85")]),
        ("张三90，李四：85.5分", [("张三", "90"), ("李四", "85.5")]),
        ("张 三 90", [("张三", "90")]),
        ("张三", None),
        ("90", None),
    ],
)
def test_names_with_points(text: str, pairs: list[tuple[str, str]] | None) -> None:
    assert read_pairs(text) == pairs
