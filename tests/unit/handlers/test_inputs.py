"""打分 as a pure conversation: long lists, numbers as people type them, what a draft may name that is gone."""

from typing import Any

import pytest

from bot.conversation import Incoming, Outcome, Session
from bot.turns import advance, begin
from handlers.chat.inputs import ENTER

SLOT = {
    "slot": "scores.team",
    "label": "考核组量化打分",
    "low": "0",
    "high": "100",
    "words": [],
    "current": None,
    "round": "",
}


def context(subjects: int, cycles: int = 1) -> dict[str, object]:
    named = [
        {
            "id": n,
            "key": f"branch:{n:03d}",
            "name": f"第{n // 2}支部",
            "mine": False,
            "lacks_self": False,
            "slots": [SLOT],
        }
        for n in range(subjects)
    ]  # every name twice
    rows = [{"id": n, "title": f"周期{n}", "missing": subjects, "subjects": named} for n in range(1, cycles + 1)]
    return {"actor": "9002", "cycles": rows}


def talk(start: dict[str, object], *texts: str) -> tuple[str, Session]:
    turn = begin(ENTER, start, "i")
    for text in texts:
        assert turn.session is not None
        turn = advance(ENTER, turn.session, Incoming(text))
    assert turn.outcome is Outcome.ASK
    assert turn.session is not None
    return turn.text, turn.session


def test_a_long_list_asks_for_the_code() -> None:
    asked, _ = talk(context(40))
    assert "共 40 个" in asked
    assert "考核组量化打分" in talk(context(40), "017")[0]
    assert "请回复编号：016、017" in talk(context(40), "第8支部")[0]
    assert "还没打完的：编号000 第0支部、编号001 第0支部、" in asked
    assert "没有这个名称或编号" in talk(context(40), "999")[0]


def test_several_cycles_are_asked_for_first_and_one_step_back_returns_there() -> None:
    asked, _ = talk(context(2, cycles=2))
    assert "哪一项考核" in asked
    _, session = talk(context(2, cycles=2), "周期2", "编号001", "88")
    assert session.answers == {"cycle": "2", "subject": "branch:001", "value": "88"}
    assert "哪一项考核" in talk(context(2, cycles=2), "周期2", "上一步")[0]


@pytest.mark.parametrize(
    ("typed", "value"),
    [("88", "88"), ("88.50", "88.5"), ("８８．５分", "88.5"), ("088", "88"), ("0", "0"), ("100.00", "100")],
)
def test_points_as_people_type_them(typed: str, value: str) -> None:
    assert talk(context(2), "编号000", typed)[1].answers["value"] == value


@pytest.mark.parametrize("typed", ["-1", "100.01", "八十八", "88,5", "1e2", "NaN", "88.1234567890123", "", "9" * 400])
def test_what_are_no_points_is_asked_again(typed: str) -> None:
    assert "value" not in talk(context(2), "编号000", typed)[1].answers


def test_the_one_round_that_is_not_rated_yet_is_taken_and_the_others_go_by_their_name() -> None:
    names = {"full_review": "全面考评", "spot_check": "抽查点评"}
    rounds = [SLOT | {"slot": f"round.{key}", "label": label, "round": key} for key, label in names.items()]
    given = context(1)
    cycles: Any = given["cycles"]
    cycles[0]["subjects"][0]["slots"] = rounds
    assert "打哪一项" in talk(given, "编号000")[0]
    rounds[0]["current"] = "88"
    asked, _ = talk(given)
    assert "如「第0支部 全面考评」" in asked
    for words, wanted in (("编号000", None), ("第0支部 全面考评", "round.full_review")):
        turn = begin(ENTER, given, "i")
        assert turn.session is not None
        turn = advance(ENTER, turn.session, Incoming(words))
        assert turn.outcome is Outcome.FINISH
        assert turn.answers.get("slot") == wanted
