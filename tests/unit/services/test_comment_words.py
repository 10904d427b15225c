"""What leaders type or dictate about a report is taken apart into the problem and the direction."""

import pytest

from services.meetings.comment_words import names_nothing, read_comment

BOTH = ("党员教育形式单一", "把党课讲到窗口")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("问题：党员教育形式单一。方向：把党课讲到窗口", BOTH),
        ("突出问题：党员教育形式单一；努力方向：把党课讲到窗口。", BOTH),
        ("问题是党员教育形式单一，努力方向是把党课讲到窗口", BOTH),
        ("问题是党员教育形式单一方向是把党课讲到窗口", BOTH),
        ("突出问题党员教育形式单一\n努力方向把党课讲到窗口", BOTH),
        ("方向：把党课讲到窗口。问题：党员教育形式单一", BOTH),
        ("党员教育形式单一", ("党员教育形式单一", "")),
        ("问题：工作方向不明确", ("工作方向不明确", "")),
        ("问题：发展方向模糊，今后的努力方向：定三年规划", ("发展方向模糊", "定三年规划")),
        ("主要问题在于谈心少，下一步方向：每月谈心", ("谈心少", "每月谈心")),
        ("方向：把党课讲到窗口", ("", "把党课讲到窗口")),
        ("  ", ("", "")),
    ],
)
def test_a_comment_is_taken_apart(text: str, found: tuple[str, str]) -> None:
    assert tuple(read_comment(text)) == found


@pytest.mark.parametrize(
    "words", ["很好", "好", "工作做得很扎实，继续保持！", "没有什么大问题", "无", "再接再厉", "总体不错，非常满意"]
)
def test_praise_and_set_phrases_name_nothing(words: str) -> None:
    assert names_nothing(words)


@pytest.mark.parametrize(
    "words",
    ["谈心少", "做得不好", "学习不到位", "台账不全", "没有台账", "多谈心", "形式单一", "继续抓好党课", "好人主义"],
)
def test_what_names_something_is_taken(words: str) -> None:
    assert not names_nothing(words)
