"""Ballot forms while they are filled: against trying every way to fill the rest of the sheet."""

import json
from collections.abc import Mapping
from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.ballots import score_ballots
from scoring.filling import allowed, problems, remaining
from scoring.forms import ABSTAIN, BallotForm
from scoring.loading import load_scheme

ROOT = Path(__file__).parents[3]
PEER = load_scheme((ROOT / "tests/schemes/more/peer-360.yaml").read_bytes()).forms["sheet"]


def form(*rules: dict[str, object], **more: object) -> BallotForm:
    """A small form of three options."""
    about = {"title": "票", "items": ["总体"], "clause": "一", "fact": "W1"}
    fields = about | {"options": {"优秀": "95", "称职": "80", "较差": "50"}, "rules": list(rules)} | more
    return BallotForm.model_validate_json(json.dumps(fields))


AT_MOST = {"op": "at_most", "count": 1, "answers": {"options": ["优秀"]}}
AT_LEAST = {"op": "at_least", "count": 1, "answers": {"below": "70"}}
DIFFER = {"op": "not_all_equal"}
rule_sets = st.lists(st.sampled_from([AT_MOST, AT_LEAST, DIFFER, AT_MOST | {"count": 0}]), max_size=3)
PEOPLE = ("甲", "乙", "丙")


@given(
    rule_sets, st.booleans(), st.dictionaries(st.sampled_from(PEOPLE[1:]), st.sampled_from(["优秀", "称职", "较差"]))
)
def test_an_answer_is_allowed_exactly_where_the_sheet_can_still_become_valid(
    rules: list[dict[str, object]], abstain: bool, filled: dict[str, str]
) -> None:
    sheet = form(*rules, abstain=abstain)
    answers = {person: {"总体": answer} for person, answer in filled.items()}
    empty = [person for person in PEOPLE[1:] if person not in filled]
    for answer in sheet.answers():
        ways = (
            answers | {"甲": {"总体": answer}} | {p: {"总体": a} for p, a in zip(empty, rest, strict=True)}
            for rest in product(sheet.answers(), repeat=len(empty))
        )
        can = any(not problems(sheet, PEOPLE, way) for way in ways)
        assert (answer in allowed(sheet, PEOPLE, answers, "甲", "总体")) == can


@given(st.integers(2, 6), st.data())
def test_whoever_only_takes_what_is_allowed_ends_with_a_valid_sheet(people: int, data: st.DataObject) -> None:
    names = [str(n) for n in range(people)]
    answers: dict[str, dict[str, str]] = {}
    for name in names:
        choices = allowed(PEER, names, answers, name, "总体评价")
        assert choices
        answers[name] = {"总体评价": data.draw(st.sampled_from(choices))}
    assert problems(PEER, names, answers) == ()


def test_a_large_sheet_is_answered_at_once() -> None:
    names = [str(n) for n in range(200)]
    assert "100" in allowed(PEER, names, {}, "7", "总体评价")


def filled(*answers: str) -> Mapping[str, Mapping[str, str]]:
    return {str(n): {"总体评价": answer} for n, answer in enumerate(answers)}


@pytest.mark.parametrize(
    ("answers", "hints"),
    [
        ((), ("还可给 3 个90 分以上", "还须给 2 个低于 70 分")),
        (("95", "96"), ("还可给 1 个90 分以上", "还须给 2 个低于 70 分")),
        (("95", "96", "97"), ("不能再给90 分以上", "还须给 2 个低于 70 分")),
        (("60", "60"), ("还可给 3 个90 分以上", "不能全部相同")),
        (("60", "60", "80"), ("还可给 3 个90 分以上",)),
    ],
)
def test_hints_while_filling(answers: tuple[str, ...], hints: tuple[str, ...]) -> None:
    assert remaining(PEER, [str(n) for n in range(6)], filled(*answers)) == hints


def test_a_hint_names_the_option_in_words() -> None:
    assert remaining(form(AT_MOST), PEOPLE, {}) == ("还可给 1 个“优秀”",)


@pytest.mark.parametrize(
    ("answers", "word"),
    [
        (("95", "95", "95", "95", "60", "60"), "最多给 3 个90 分以上"),
        (("80", "80", "80", "80", "80", "60"), "至少给 2 个低于 70 分"),
        (("60",) * 6, "不能全部相同"),
        (("60", "61", "80", "80", "80"), "还没有填"),
        (("60", "61", "80", "80", "80", "80.5"), "不能填「80.5」"),
        (("60", "61", "80", "80", "80", "101"), "不能填「101」"),
        (("60", "61", "80", "80", "80", "80", "80"), "不能填「80」"),
    ],
)
def test_an_invalid_sheet_is_told(answers: tuple[str, ...], word: str) -> None:
    assert any(word in say for say in problems(PEER, [str(n) for n in range(6)], filled(*answers)))


def test_rules_may_run_over_the_items_of_a_subject() -> None:
    sheet = form(DIFFER | {"across": "items"}, items=["德", "能", "勤"], abstain=False)
    answers = {"甲": {"德": "优秀", "能": "优秀"}}
    assert allowed(sheet, ["甲", "乙"], answers, "甲", "勤") == ("称职", "较差")
    assert allowed(sheet, ["甲", "乙"], answers, "乙", "德") == ("优秀", "称职", "较差")
    assert remaining(sheet, ["甲", "乙"], answers) == ("「甲」不能全部相同",)


counts = st.dictionaries(st.integers(0, 100).map(str), st.integers(0, 4), max_size=6)


@given(counts)
def test_trimming_is_that_of_a_sorted_list(votes: dict[str, int]) -> None:
    written_out = sorted(int(points) for points, n in votes.items() for _ in range(n))
    kept = written_out[1:-1] if len(written_out) > 5 else written_out
    found = score_ballots(
        {"同级": {"总体": votes}},
        {},
        {"同级": Fraction(1)},
        form=form(scale={"low": "0", "high": "100", "step": "1"}, options={}, trim={"above": 5}),
    )
    assert found.score == (Fraction(sum(kept), len(kept)) if kept else None)
    assert found.classes["同级"].ballots == len(written_out)


def test_abstentions_are_no_points() -> None:
    assert PEER.points(ABSTAIN) is None
    assert PEER.points("100") == 100
    assert form().points("优秀") == 95
