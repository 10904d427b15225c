"""What is rated in each round, as the schemes that ship say it."""

from fractions import Fraction

import pytest

from config.scheme_files import read_scheme_file
from scoring.loading import load_scheme
from scoring.rounds import FULL_REVIEW, SELF, Round, rounds_of


def rounds(slug: str, kind: str) -> dict[str, Round]:
    found = read_scheme_file(slug)
    assert found is not None
    return dict(rounds_of(load_scheme(found[1].decode()), kind))


@pytest.mark.fact("S0-15", "S0-16", "S0-17", "S0-18")
def test_twenty_indicators_of_five_points_are_rated_by_oneself_and_by_each_review() -> None:
    found = rounds("meet-standard", "branch")
    assert list(found) == [SELF, FULL_REVIEW, "cross_review", "spot_check"]
    for one in found.values():
        pointed = [item for item in one.items if item.has_points]
        assert sum(item.slot.startswith("indicators.common.") for item in pointed) == 15
        assert sum(item.slot.startswith("indicators.individual.") for item in pointed) == 5
        assert {(item.low, item.high) for item in pointed} == {(Fraction(0), Fraction(5))}
        assert sum(item.high or 0 for item in pointed) == 100


def test_the_self_rating_ends_in_the_three_parts_of_its_summary() -> None:
    own = rounds("meet-standard", "branch")[SELF]
    assert [item.label for item in own.items if not item.has_points] == ["工作回顾", "经验", "问题"]
    assert [item.label for item in own.items if item.is_problem] == ["问题"]
    assert own.total == "scores.self_check"
    assert len(own.vetoes) == 7


@pytest.mark.fact("S0-39e")
def test_a_cross_review_ends_in_its_three_findings() -> None:
    told = {
        key: [item.label for item in one.items if not item.has_points]
        for key, one in rounds("meet-standard", "branch").items()
    }
    assert told["cross_review"] == ["经验", "问题", "建议"]
    assert told[FULL_REVIEW] == told["spot_check"] == []


@pytest.mark.fact("S2-21", "S2-22")
@pytest.mark.parametrize(
    ("kind", "aspects", "others"), [("branch", 8, ["team", "superior"]), ("member", 5, ["committee"])]
)
def test_without_indicators_the_aspects_of_the_document_are_told_in_words(
    kind: str, aspects: int, others: list[str]
) -> None:
    found = rounds("star-rating", kind)
    own = found[SELF]
    assert len(own.items) == aspects
    assert all(item.wants_problem and not item.has_points for item in own.items)
    assert own.total == ""
    assert len(own.vetoes) == 3
    assert [key for key in found if key not in (SELF, "democratic")] == others


def test_every_round_that_a_stage_names_is_one() -> None:
    for slug, kinds in (("meet-standard", ["branch"]), ("star-rating", ["branch", "member"])):
        scheme = load_scheme((read_scheme_file(slug) or ("", b""))[1].decode())
        named = {round for stage in scheme.stages for round in stage.rounds}
        assert named <= {key for kind in kinds for key in rounds_of(scheme, kind)}


def test_a_scheme_of_decided_grades_has_no_rounds() -> None:
    assert rounds("solid-branch", "branch") == {}
    assert SELF not in rounds("report-review", "secretary")
