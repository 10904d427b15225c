"""Ballots of evaluations while they are filled: whoever takes what is offered ends with a valid ballot, and whatever is typed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation import CONFIRMATION, Incoming, Outcome
from bot.turns import advance, begin
from bot.widths import room_of
from bot.words import CONFIRM
from handlers.chat.evaluation_sheets import Sheet, read_line
from handlers.chat.evaluations import EVALUATE
from services.ballots.ballot_forms import ballot_faults, is_valid

WORDS = ("优秀", "称职", "较差")
RULES: list[dict[str, Any]] = [
    {"op": "at_most", "count": 2, "answers": {"options": ["优秀"]}},
    {"op": "at_most", "count": 0, "answers": {"below": "60"}},
    {"op": "at_least", "count": 1, "answers": {"options": ["优秀"]}},
    {"op": "not_all_equal"},
]
rule_sets = st.lists(st.sampled_from(RULES), unique_by=str, max_size=4)


def form_of(people: int, items: int, rules: list[dict[str, Any]], abstain: bool) -> dict[str, Any]:
    """A form over people who vote on each other; two of them have one name."""
    names = ["张伟", "张伟", *(f"人{n}" for n in range(people - 2))]
    return {
        "subjects": [
            {"id": f"member:{n}", "name": name, "note": str(n), "person": n} for n, name in enumerate(names[:people])
        ],
        "items": [f"项{n}" for n in range(items)],
        "options": [["优秀", "95"], ["称职", "80"], ["较差", "50"]],
        "abstain": abstain,
        "rules": rules,
    }


def context_of(form: dict[str, Any], own: int | None) -> dict[str, Any]:
    return {
        **{"realm": "r", "title": "测评", "person": 1, "class_no": 0, "public_key": "", "small": False, "until": ""},
        "form": form,
        "own": own,
    }


@pytest.mark.fact("S2-19")
@given(st.data(), st.integers(4, 6), st.integers(1, 2), rule_sets, st.booleans())
def test_whoever_takes_any_offered_answer_casts_a_valid_ballot(
    data: st.DataObject, people: int, items: int, rules: list[dict[str, Any]], abstain: bool
) -> None:
    form = form_of(people, items, rules, abstain)
    own = data.draw(st.none() | st.integers(0, people - 1))
    context = context_of(form, own)
    turn = begin(EVALUATE, context, "i")
    while turn.session is not None and turn.session.at != CONFIRM:
        fitting = [option for option in turn.options if "不能给" not in option.label]
        assert fitting, "something can be answered"
        assert [option.label.removesuffix("（不能给）") for option in turn.options[:3]] == list(WORDS)
        taken = data.draw(st.sampled_from(fitting))
        before = turn.session
        turn = advance(EVALUATE, before, Incoming(taken.label, taken.menu_id))
        assert turn.session is not None
        assert set(before.answers) < set(turn.session.answers)
    assert turn.session is not None
    assert [option.label for option in turn.options] == [choice.label for choice in CONFIRMATION]
    done = advance(EVALUATE, turn.session, Incoming(CONFIRM))
    assert done.outcome is Outcome.FINISH
    given_words = {int(key[1:]): word for key, word in done.answers.items() if key != CONFIRM}
    choices = Sheet(form, own, given_words).choices()
    assert ballot_faults(form, choices, own) == ()
    assert is_valid(form, choices)


def test_an_option_without_room_keeps_its_number_and_only_asks_again() -> None:
    context = context_of(form_of(6, 1, [RULES[0]], True), 0)
    turn = begin(EVALUATE, context, "i")
    for _ in range(2):
        assert turn.session is not None
        turn = advance(EVALUATE, turn.session, Incoming("优秀"))
    assert turn.options[0].label == "优秀（不能给）"
    for said in (Incoming("1"), Incoming("优秀"), Incoming(turn.options[0].label, turn.options[0].menu_id)):
        assert turn.session is not None
        again = advance(EVALUATE, turn.session, said)
        assert again.session == turn.session
        assert "不能再给“优秀”" in again.text
    assert turn.session is not None
    assert advance(EVALUATE, turn.session, Incoming("2")).session.answers["q2"] == "称职"  # type: ignore[union-attr]  # it asks


typed = st.lists(
    st.one_of(
        st.tuples(st.integers(1, 5), st.sampled_from(WORDS)).map(lambda one: f"{one[0]} {one[1]}"),
        st.tuples(st.integers(1, 5), st.integers(1, 5), st.sampled_from(WORDS)).map(lambda o: f"{o[0]}-{o[1]}{o[2]}"),
        st.sampled_from([f"其余{word}" for word in WORDS]),
        st.integers(0, 7).map(lambda number: f"改{number}"),
        st.sampled_from([*WORDS, "上一步", "1", "乱写"]),
    ).map(str),
    max_size=6,
)


@given(rule_sets, st.lists(st.tuples(typed, st.sampled_from([" ", "，", "；"])), max_size=5))
def test_whatever_is_typed_the_ballot_can_still_become_valid(rules: list[dict[str, Any]], lines: Any) -> None:
    form = form_of(6, 1, rules, True)
    turn = begin(EVALUATE, context_of(form, 0), "i")
    for parts, mark in lines:
        assert turn.session is not None
        turn = advance(EVALUATE, turn.session, Incoming(mark.join(parts)))
        assert turn.outcome is Outcome.ASK
        sheet = Sheet(form, 0, {int(key[1:]): word for key, word in turn.session.answers.items()})
        assert all(sheet.allowed(place) for place in range(sheet.size))
        assert (turn.session.at != CONFIRM) or not sheet.problems()


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("2 优秀", {1: "优秀"}),
        ("1、3优秀", {0: "优秀", 2: "优秀"}),
        ("1 3 优秀 2称职", {0: "优秀", 2: "优秀", 1: "称职"}),
        ("１－３ 称职", {0: "称职", 1: "称职", 2: "称职"}),
        ("1至2给优秀，其余都“称职”", {0: "优秀", 1: "优秀", 2: "称职", 3: "称职"}),
        ("全部优秀", dict.fromkeys(range(4), "优秀")),
        ("全都称职", dict.fromkeys(range(4), "称职")),
        ("都给“优秀”", dict.fromkeys(range(4), "优秀")),
        ("全部优秀，2 称职", {0: "优秀", 1: "称职", 2: "优秀", 3: "优秀"}),
        ("其余弃权", dict.fromkeys(range(4), "弃权")),
        ("第2号：较差。", {1: "较差"}),
        ("改第3号", 2),
        ("修改4", 3),
    ],
)
def test_how_a_line_may_be_written(line: str, found: Any) -> None:
    assert read_line(Sheet(form_of(4, 1, [], True), None, {}), line) == found


@pytest.mark.parametrize(
    "line", ["", "优", "0 优秀", "5 优秀", "改0", "2 优良", "2 优秀 吧", "优秀 2", "1 2 3", "2-9 优秀"]
)
def test_what_is_not_understood_fills_nothing(line: str) -> None:
    with pytest.raises(ValueError, match=r"编号|选项"):
        read_line(Sheet(form_of(4, 1, [], True), None, {}), line)


def test_the_room_of_a_long_ballot_does_not_depend_on_the_answers() -> None:
    form = form_of(30, 3, [RULES[0]], True)
    rooms = []
    for word in ("优秀", "弃权"):
        turn = begin(EVALUATE, context_of(form, 3), "i")
        assert turn.session is not None
        turn = advance(EVALUATE, turn.session, Incoming(f"1 2 {word} 3-40 称职"))
        assert turn.session is not None
        rooms.append(room_of(EVALUATE, turn.session))
    assert rooms[0] == rooms[1]
