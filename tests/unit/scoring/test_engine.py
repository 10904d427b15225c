"""What happens between subjects, and where a person has to decide first."""

from typing import Any

import pytest

from tests.unit.scoring.documents import branch, indicators, member, score


def found(answer: dict[str, Any], id_: str) -> dict[str, Any]:
    return next(one for one in answer["subjects"] if one["id"] == id_)


def test_a_member_without_a_branch_keeps_the_band_with_a_warning() -> None:
    answer = score("star-rating", [member("m1", "95", parent=None)])
    assert found(answer, "m1")["band"] == "五星级"
    assert [(one["code"], one["id"]) for one in answer["warnings"]] == [("quota_unchecked", "m1")]


@pytest.mark.fact("S2-26")
@pytest.mark.parametrize(
    ("open_member", "award", "flags"),
    [
        (member("m1", "95", facts={"veto": [{"rule": "S2-28.5", "confirmed": False}]}), [], ["undecided"]),
        (member("m1", scores={"democratic": "95"}), [], ["undecided"]),
        (member("m1", "95", facts={"veto": [{"rule": "S2-28.5", "confirmed": True}]}), [], []),
        (member("m1", "85"), [], []),
        (member("m1", "95"), ["样板党支部"], []),
    ],
    ids=["veto not confirmed", "score missing", "veto confirmed", "too few points", "five stars"],
)
def test_an_award_waits_for_members_that_could_change_it(open_member: Any, award: list[str], flags: list[str]) -> None:
    rows = [branch(value="95"), open_member, *(member(f"m{n}", "85") for n in range(2, 6))]
    one = found(score("star-rating", rows), "b1")
    assert (one["awards"], one["flags"]) == (award, flags)


def test_a_branch_without_members_gets_no_award() -> None:
    assert found(score("star-rating", [branch(value="95")]), "b1")["awards"] == []


def test_a_confirmed_veto_outweighs_an_unconfirmed_one_and_both_are_traced() -> None:
    events = [{"rule": "S0-19.1", "confirmed": False}, {"rule": "S0-19.2", "confirmed": True}]
    row = {"id": "b1", "kind": "branch", "indicators": indicators(), "facts": {"veto": events}}
    one = found(score("meet-standard", [row], settings={"pass_mark": "60"}), "b1")
    assert (one["band"], one["flags"]) == ("不达标", ["veto"])
    assert sum("一票否决" in step["say"] for step in one["trace"]) == 2


@pytest.mark.fact("S0-20")
def test_an_undated_event_is_inside_its_window() -> None:
    row = {
        "id": "b1",
        "kind": "branch",
        "indicators": indicators(),
        "facts": {"veto": [{"rule": "S0-19.5", "confirmed": True}]},
    }
    answer = score("meet-standard", [row], settings={"pass_mark": "60"})
    assert found(answer, "b1")["band"] == "不达标"
    assert answer["warnings"] == []


@pytest.mark.fact("S2-29")
def test_a_vetoed_branch_still_loses_its_title_by_score() -> None:
    veto = {"veto": [{"rule": "S2-28.1", "confirmed": True, "on": "2020-05-01"}]}
    row = branch(facts=veto, history=[{"cycle": "2019", "score": "95", "titles": ["样板党支部"]}])
    one = found(score("star-rating", [row]), "b1")
    assert (one["band"], one["consequences"], one["boundary"]["alternatives"]) == (None, ["revoke_title"], [])


@pytest.mark.fact("S2-34")
def test_an_exempt_subject_is_in_no_denominator_and_warns_of_nothing() -> None:
    answer = score("star-rating", [branch(), branch("b2", exempt="离退休党支部", scores={})])
    assert found(answer, "b2")["flags"] == ["exempt"]
    assert answer["refusals"] == []
    assert {row["of"] for row in answer["summary"]} == {1}


def test_every_reason_for_a_refusal_is_told_at_once_each_code_once() -> None:
    row = branch(
        scores={"team": "90"}, ballots={"democratic": {"A票": {"总体": {"好": 1}}, "B票": {"总体": {"好": 1}}}}
    )
    refusals = score("star-rating", [row])["refusals"]
    assert [one["code"] for one in refusals] == ["missing_points", "missing_class_weights", "missing_score"]
    twice = score("star-rating", [branch(scores={})])["refusals"]
    assert [one["code"] for one in twice] == ["missing_score"]
    assert all(word in twice[0]["say"] for word in ("民主测评打分", "考核组量化打分", "上级党组织评价打分"))


def test_one_class_needs_no_class_weights() -> None:
    row = branch(scores={"team": "90", "superior": "90"}, ballots={"democratic": {"A票": {"总体": {"好": 1}}}})
    assert found(score("star-rating", [row], settings={"points": {"好": "90"}}), "b1")["exact"] == "90"


def test_a_component_with_no_class_at_all_is_empty() -> None:
    row = branch(scores={"team": "90", "superior": "90"}, ballots={"democratic": {}})
    assert [one["code"] for one in score("star-rating", [row], settings={"points": {"好": "90"}})["refusals"]] == [
        "empty_class"
    ]


@pytest.mark.fact("S4-23")
@pytest.mark.parametrize(
    ("grades", "codes"), [(["好"], []), (["好", None], []), (["好", "差"], []), (["差", "差"], ["no_spread"])]
)
def test_all_alike_needs_at_least_two_and_all_decided(grades: list[str | None], codes: list[str]) -> None:
    rows = [
        {
            "id": str(n),
            "kind": "secretary",
            "scores": {"onsite": "90", "routine": "90"},
            "facts": {"decided_grade": grade},
        }
        for n, grade in enumerate(grades)
    ]
    assert [one["code"] for one in score("report-review", rows)["warnings"]] == codes


def test_a_score_below_the_lowest_line_has_no_band() -> None:
    settings = {
        "weights": {"party_work": "0.5", "review": "0.5"},
        "bands": {"优秀": "90", "良好": "80", "一般": "70", "较差": "60"},
        "excellent_quota": "1",
    }
    row = {"id": "u1", "kind": "unit", "scores": {"party_work": "59.99", "review": "59.99"}}
    assert [one["code"] for one in score("soe-assessment", [row], settings=settings)["refusals"]] == ["no_band"]
