"""Quotas are never exceeded and ties never broken."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.awards import MemberShare, judge_member_share
from scoring.quotas import cap_share, places_of

scores = st.lists(st.integers(90, 94).map(Fraction), max_size=12)


@given(scores, st.integers(0, 12))
@pytest.mark.fact("S2-25")
def test_never_more_than_the_places(values: list[Fraction], places: int) -> None:
    outcomes = cap_share([(str(n), value) for n, value in enumerate(values)], places)
    assert len(values) - len(outcomes) <= places


@given(scores, st.integers(0, 12))
def test_equal_scores_fare_equally_and_nobody_overtakes(values: list[Fraction], places: int) -> None:
    outcomes = cap_share([(str(n), value) for n, value in enumerate(values)], places)
    rank = {None: 2, "quota_tie": 1, "quota": 0}
    fate = [rank[outcomes.get(str(n))] for n in range(len(values))]
    for a, mine in zip(values, fate, strict=True):
        for b, other in zip(values, fate, strict=True):
            assert a != b or mine == other
            assert a <= b or mine >= other


@given(scores, st.integers(0, 12))
def test_a_tie_is_told_only_where_it_crosses_the_edge(values: list[Fraction], places: int) -> None:
    outcomes = cap_share([(str(n), value) for n, value in enumerate(values)], places)
    tied = sum(outcome == "quota_tie" for outcome in outcomes.values())
    kept = len(values) - len(outcomes)
    assert tied == 0 or kept < places < kept + tied


def test_no_place_at_all_is_no_tie() -> None:
    assert cap_share([("a", Fraction(90)), ("b", Fraction(90))], 0) == {"a": "quota", "b": "quota"}


@pytest.mark.fact("S2-26", "S2-27")
def test_no_branch_of_1_2_3_or_6_members_can_meet_both_shares() -> None:
    rule = MemberShare(
        op="member_share", award="样板", band="五星级", member_band="五星级", share="0.2", clause="五(二)", fact="S2-26"
    )
    best = {n: judge_member_share(rule, places_of(Fraction("0.3"), n), 0, n) for n in range(1, 61)}
    assert [n for n, verdict in best.items() if verdict != "given"] == [1, 2, 3, 6]
