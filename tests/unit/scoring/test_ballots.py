"""Counted ballots, against the plainest oracle: write every ballot out and take means."""

from fractions import Fraction
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.ballots import ABSTAIN, score_ballots
from scoring.reading import BadInput

POINTS = {"好": Fraction(95), "较好": Fraction(85), "一般": Fraction(70), "差": Fraction(50)}
WEIGHTS = {"领导班子": Fraction("0.4"), "党员代表": Fraction("0.4"), "群众代表": Fraction("0.2")}

options = st.sampled_from([*POINTS, ABSTAIN])
item_counts = st.dictionaries(options, st.integers(0, 9), max_size=5)
class_counts = st.dictionaries(st.sampled_from(["总体", "作风", "实绩"]), item_counts, max_size=3)
counts = st.fixed_dictionaries(dict.fromkeys(WEIGHTS, class_counts))


def oracle(votes: dict[str, dict[str, dict[str, int]]]) -> Fraction | None:
    total = Fraction(0)
    for name, weight in WEIGHTS.items():
        items = []
        for item in votes[name].values():
            ballots = [POINTS[option] for option, n in item.items() if option != ABSTAIN for _ in range(n)]
            if not ballots:
                return None
            items.append(mean(ballots))
        if not items:
            return None
        total += weight * mean(items)
    return total


@given(counts)
def test_the_score_is_that_of_the_oracle(votes: dict[str, dict[str, dict[str, int]]]) -> None:
    found = score_ballots(votes, POINTS, WEIGHTS)
    assert found.score == oracle(votes)
    assert (found.reason == "empty_class") == (found.score is None)


@given(counts, st.integers(0, 50))
def test_abstentions_change_nothing_but_their_count(votes: dict[str, dict[str, dict[str, int]]], more: int) -> None:
    before = score_ballots(votes, POINTS, WEIGHTS)
    for items in votes.values():
        for item in items.values():
            item[ABSTAIN] = item.get(ABSTAIN, 0) + more
    after = score_ballots(votes, POINTS, WEIGHTS)
    assert after.score == before.score
    for name, items in votes.items():
        assert after.classes[name].abstained == before.classes[name].abstained + (more if items else 0)


@given(counts)
def test_a_score_lies_between_its_classes(votes: dict[str, dict[str, dict[str, int]]]) -> None:
    found = score_ballots(votes, POINTS, WEIGHTS)
    if found.score is not None:
        scores = [one.score for one in found.classes.values() if one.score is not None]
        assert min(scores) <= found.score <= max(scores)
        assert found.score == sum(one.weight * one.score for one in found.classes.values() if one.score is not None)


def test_each_class_reports_its_ballots() -> None:
    found = score_ballots({"A票": {"总体": {"好": 12, "较好": 3, ABSTAIN: 2}}}, POINTS, {"A票": Fraction(1)})
    one = found.classes["A票"]
    assert (one.ballots, one.abstained, one.score, found.score) == (15, 2, Fraction(93), Fraction(93))


@pytest.mark.parametrize(
    "group", [{}, {"总体": {}}, {"总体": {ABSTAIN: 9}}, {"总体": {"好": 0}}, {"总体": {"好": 1}, "作风": {ABSTAIN: 1}}]
)
def test_a_class_without_a_counted_vote_is_empty_and_its_weight_is_not_redistributed(
    group: dict[str, dict[str, int]],
) -> None:
    full = {"总体": {"好": 9}}
    found = score_ballots({"领导班子": full, "党员代表": full, "群众代表": group}, POINTS, WEIGHTS)
    assert (found.score, found.reason, found.empty) == (None, "empty_class", ("群众代表",))
    assert found.classes["领导班子"].score == 95


def test_a_class_that_is_not_in_the_counts_is_empty() -> None:
    assert score_ballots({}, POINTS, WEIGHTS).empty == tuple(WEIGHTS)


def test_an_unknown_option_is_a_fault() -> None:
    with pytest.raises(BadInput) as caught:
        score_ballots({"A票": {"总体": {"较 好": 1}}}, POINTS, {"A票": Fraction(1)}, path="ballots.onsite")
    assert caught.value.path == "ballots.onsite.A票.总体.较 好"
    assert "您是否想写「较好」" in caught.value.say


def test_an_unknown_class_is_a_fault() -> None:
    with pytest.raises(BadInput, match="C票"):
        score_ballots({"C票": {}}, POINTS, WEIGHTS)


@pytest.mark.parametrize("weights", [{}, {"A": Fraction("0.9")}, {"A": Fraction(2), "B": Fraction(-1)}])
def test_class_weights_sum_to_one(weights: dict[str, Fraction]) -> None:
    with pytest.raises(BadInput):
        score_ballots({}, POINTS, weights)
