"""What a summary says, as a function of the facts: every percentage with what it is of, no grade that nobody decided."""

import re
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.meetings import CLOSED, DRAFT, OPEN
from scoring.numbers import percent
from services.meetings.statements import GRADES, Facts, Reported, make_notes, make_statements, part, typeset


def reported(score: str | None = "89", grade: str | None = None, **more: Any) -> Reported:
    exact = None if score is None else Fraction(score)
    return Reported(
        **{
            "name": "张三",
            "organisation": "第一支部",
            "mode": "现场",
            "score": exact,
            "grade": grade,
            "empty": (),
            "why": (),
            **more,
        }
    )


FACTS = Facts(
    state=CLOSED,
    entitled=36,
    present=30,
    voted=28,
    step=5,
    ends="到点结束。",
    reporters=(reported("89"), reported("91.5"), reported("80.25")),
    hidden=(),
    empty=(),
    due="方案要求全部工作1月18日前完成。",
)


def all_text(facts: Facts) -> str:
    lines = [line for one in make_statements(facts) for line in (one.say, one.means, one.who, *one.why)]
    return "\n".join([*lines, *make_notes(facts)])


@given(
    st.sampled_from([DRAFT, OPEN, CLOSED]),
    st.integers(0, 400),
    st.integers(0, 400),
    st.integers(0, 400),
    st.lists(st.sampled_from([None, "50", "89.999", "95"]), min_size=1, max_size=12),
    st.lists(st.sampled_from([None, *GRADES]), min_size=12, max_size=12),
)
def test_every_percentage_stands_beside_what_it_is_of(
    state: str, entitled: int, present: int, voted: int, scores: list[str | None], grades: list[str | None]
) -> None:
    present = min(present, entitled)
    rows = tuple(reported(score, grade) for score, grade in zip(scores, grades, strict=False))
    text = all_text(
        replace(FACTS, state=state, entitled=entitled, present=present, voted=min(voted, present), reporters=rows)
    )
    found = re.findall(r"(?:([0-9]+)/([0-9]+)，)?([0-9]+%)", text)
    assert found
    for count, of, shown in found:
        assert of, f"{shown} without what it is of"
        assert shown == percent(int(count), int(of))


def test_nothing_is_divided_by_nobody() -> None:
    assert part(0, 0) == "0/0"
    assert part(1, 3) == "1/3，33%"


def test_three_statements_each_say_what_it_means_and_who_must_act() -> None:
    turnout, scores, grades = make_statements(FACTS)
    assert turnout.say == "应到 36 人，签到 30 人（30/36，83%）；签到的人里 28 人投了票（28/30，93%）。"
    assert turnout.means == "有 8 人没有投票（8/36，22%），得分里没有他们的意见。"
    assert scores.say == "3 位述职人中 3 位有现场测评得分（3/3，100%），最低 80.25，最高 91.50，相差 11.25 分。"
    assert all(one.means and one.who and one.why for one in (turnout, scores, grades))
    assert "1月18日前" in scores.who
    assert "1月18日前" in grades.who


@pytest.mark.fact("S4-22")
def test_the_vote_alone_gives_nobody_a_grade() -> None:
    grades = make_statements(FACTS)[2]
    assert grades.say == "3 位述职人中 0 位已由组织定了等次（0/3，0%）。"
    assert "防止简单以现场测评结果确定评价等次" in grades.means
    assert "研究" in grades.who
    assert not re.search("|".join(f"{grade} [0-9]+ 位" for grade in GRADES), all_text(FACTS))


@pytest.mark.fact("S4-22", "S4-28")
def test_grades_that_people_decided_are_counted_and_the_poor_ones_have_a_consequence() -> None:
    rows = (reported("99", "一般"), reported("50", "好"), reported("70"))
    grades = make_statements(replace(FACTS, reporters=rows))[2]
    assert grades.say == "3 位述职人中 2 位已由组织定了等次（2/3，67%）：好 1 位（1/3）、一般 1 位（1/3）。"
    assert "其余 1 位（1/3）" in grades.who
    done = make_statements(replace(FACTS, reporters=rows[:2]))[2]
    assert "约谈「一般」「差」的 1 位（1/2），要求限期整改" in done.who


@pytest.mark.fact("S4-23")
def test_no_spread_is_asked_about_and_nobody_is_accused() -> None:
    alike = replace(FACTS, reporters=(reported("95"), reported("95")))
    (note,) = make_notes(alike)
    assert "得分完全相同（2/2）" in note
    assert note.count("？") == 1
    assert "防止干好干坏一个样" in note
    decided = replace(FACTS, reporters=(reported("95", "好"), reported("80", "好")))
    assert "等次都一样（2/2）" in make_notes(decided)[0]
    for rows in (
        FACTS.reporters,
        (reported("95"),),
        (reported(None), reported(None)),
        (reported("95", "好"), reported("90")),
    ):
        assert not any("一个样" in note for note in make_notes(replace(FACTS, reporters=rows)))


def test_before_the_close_there_are_steps_and_no_score() -> None:
    rows = (reported(None), reported(None))
    turnout, scores, _ = make_statements(replace(FACTS, state=OPEN, voted=25, reporters=rows))
    assert "已投票至少 25 人（25/36）" in turnout.say
    assert "每满 5 人" in turnout.means
    assert scores.say == "2 位述职人中 0 位有得分（0/2）。"
    draft = make_statements(replace(FACTS, state=DRAFT, voted=0, reporters=rows))[0]
    assert "还没有开始投票" in draft.means
    assert "投票" not in draft.say


def test_a_missing_score_is_explained_and_a_hidden_class_is_not_named_as_empty() -> None:
    rows = (reported(None, empty=("群众代表",)), reported("80"))
    notes = make_notes(replace(FACTS, reporters=rows, empty=("群众代表",)))
    assert any("「群众代表」没有一张有效票" in note and "权重不转给别的类别" in note for note in notes)
    assert "1 位（1/2，50%）怎么办" in make_statements(replace(FACTS, reporters=rows))[1].who
    unnamed = make_notes(replace(FACTS, reporters=(reported(None),), hidden=("领导班子",)))
    assert any(note.startswith("有类别没有一张有效票") for note in unnamed)


def test_marks_are_full_width_but_within_numbers() -> None:
    assert typeset("签到 30 人(30/36,83%);投票:好") == f"签到 30 人(30/36,83%){chr(0xFF1B)}投票{chr(0xFF1A)}好"
    assert typeset("https://a.b/c?d=1 09:00 0.4") == "https://a.b/c?d=1 09:00 0.4"
