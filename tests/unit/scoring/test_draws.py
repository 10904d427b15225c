"""Draws: fair in shape, the same for everybody from the same seed, different for another."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.draws import draw_groups, draw_reviews, draw_sample, shuffle

FIRMS = [f"企业{n:02d}" for n in range(1, 34)]
names = st.lists(st.text(min_size=1, max_size=6), unique=True, min_size=1, max_size=40)


@pytest.mark.fact("S0-12")
def test_33_firms_make_six_groups_of_6_6_6_5_5_5_and_none_reviews_itself() -> None:
    groups = draw_groups(FIRMS, 6, "2021-03-20 公开抽签")
    assert [len(group) for group in groups] == [6, 6, 6, 5, 5, 5]
    assert sorted(firm for group in groups for firm in group) == FIRMS
    reviews = draw_reviews(6, "2021-03-20 公开抽签")
    assert sorted(reviews) == sorted(reviews.values()) == list(range(6))
    assert all(group != other and reviews[other] != group for group, other in reviews.items())


@pytest.mark.fact("S0-12", "S0-13")
def test_a_published_seed_gives_the_same_draw_whatever_the_order_of_names() -> None:
    assert draw_groups(FIRMS, 6, "甲") == draw_groups(FIRMS[::-1], 6, "甲") != draw_groups(FIRMS, 6, "乙")
    assert draw_sample(FIRMS, Fraction("0.3"), "甲") == draw_sample(FIRMS[::-1], Fraction("0.3"), "甲")
    assert shuffle(["a", "b", "c"], "seed") == ("c", "a", "b")  # a fixed draw: another version must give it too


@pytest.mark.fact("S0-13")
@given(names, st.integers(0, 100), st.text(max_size=5))
def test_a_sample_has_at_least_the_ratio_and_nobody_twice(everybody: list[str], per_cent: int, seed: str) -> None:
    drawn = draw_sample(everybody, Fraction(per_cent, 100), seed)
    assert len(drawn) == -(-per_cent * len(everybody) // 100)
    assert set(drawn) <= set(everybody)
    assert len(set(drawn)) == len(drawn)


@given(st.integers(2, 40), st.text(max_size=5))
def test_reviews_are_a_ring(count: int, seed: str) -> None:
    reviews = draw_reviews(count, seed)
    at, walked = 0, []
    for _ in range(count):
        walked.append(at)
        at = reviews[at]
    assert sorted(walked) == list(range(count))
    assert at == 0


def test_every_firm_is_drawn_about_as_often() -> None:
    times = dict.fromkeys(FIRMS, 0)
    for seed in range(660):
        for firm in draw_sample(FIRMS, Fraction("0.2"), str(seed)):
            times[firm] += 1
    assert all(90 <= count <= 190 for count in times.values()), times  # 140 expected, sigma 10.5


@pytest.mark.parametrize(
    "draw",
    [
        lambda: shuffle(["a", "a"], "x"),
        lambda: draw_groups(["a"], 2, "x"),
        lambda: draw_groups(["a"], 0, "x"),
        lambda: draw_reviews(1, "x"),
        lambda: draw_sample(["a"], Fraction(2), "x"),
    ],
)
def test_what_cannot_be_drawn_is_refused(draw: object) -> None:
    with pytest.raises(ValueError, match=r"name|group|ratio"):
        draw()
