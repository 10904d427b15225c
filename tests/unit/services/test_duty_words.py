"""What people type about a check, area by area."""

import pytest

from services.duties.duty_words import find_name, read_grades

AREAS = ("支部组织设置", "基本任务", "工作机制", "组织生活", "班子建设", "工作保障")
GRADES = ("先进", "一般", "后进")


@pytest.mark.parametrize(
    ("text", "others", "named"),
    [
        ("先进", "先进", {}),
        ("先进，组织生活后进", "先进", {"组织生活": "后进"}),
        ("组织生活、班子建设一般，其余先进", "先进", {"组织生活": "一般", "班子建设": "一般"}),
        ("一般 工作保障后进 基本任务先进", "一般", {"工作保障": "后进", "基本任务": "先进"}),
    ],
)
def test_one_grade_for_all_and_others_by_name(text: str, others: str, named: dict[str, str]) -> None:
    assert read_grades(text, AREAS, GRADES) == dict.fromkeys(AREAS, others) | named


def test_what_is_not_said_is_not_guessed() -> None:
    assert read_grades("组织生活后进", AREAS, GRADES) == {"组织生活": "后进"}
    assert read_grades("都挺好", AREAS, GRADES) == {}


def test_the_longest_name_is_meant() -> None:
    assert find_name("到机关第一党支部调研", ["第一党支部", "机关第一党支部"]) == "机关第一党支部"
    assert find_name("在家学习", ["第一党支部"]) == ""
