"""Nothing that is published shows how few people voted (T6)."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ballots.disclosure import hidden_classes, rounded_turnout

SIZES = st.dictionaries(st.sampled_from("甲乙丙丁戊"), st.integers(0, 30), min_size=1)


@pytest.mark.parametrize(
    ("sizes", "hidden"),
    [
        ({"甲": 9, "乙": 9}, frozenset()),
        ({"甲": 5}, frozenset()),
        ({"甲": 4}, None),
        ({"甲": 4, "乙": 0}, None),
        ({"甲": 4, "乙": 20, "丙": 9}, frozenset("甲丙")),
        ({"甲": 2, "乙": 2, "丙": 30}, frozenset("甲乙丙")),
        ({"甲": 3, "乙": 3, "丙": 30}, frozenset("甲乙")),
        ({"甲": 1, "乙": 1}, None),
        ({"甲": 0, "乙": 0}, frozenset()),
    ],
)
def test_a_small_class_takes_the_next_smallest_with_it(sizes: dict[str, int], hidden: frozenset[str] | None) -> None:
    assert hidden_classes(sizes, 5) == hidden


@given(SIZES, st.integers(1, 10))
def test_no_sum_of_what_is_hidden_is_small(sizes: dict[str, int], min_class: int) -> None:
    hidden = hidden_classes(sizes, min_class)
    if hidden is None:
        assert 0 < sum(sizes.values()) < min_class or sum(size > 0 for size in sizes.values()) == 1
        return
    shown = [size for name, size in sizes.items() if name not in hidden and size]
    assert all(size >= min_class for size in shown)
    if hidden:
        # All that subtraction can give is the total of the hidden ones.
        assert len(hidden) >= 2
        assert sum(sizes[name] for name in hidden) >= min_class
        largest = max(sizes[name] for name in hidden)
        assert all(size >= largest or size >= min_class for size in shown)


@given(st.integers(0, 500), st.integers(1, 10))
def test_turnout_moves_in_steps(voted: int, step: int) -> None:
    shown = rounded_turnout(voted, step)
    assert shown % step == 0
    assert voted - step < shown <= voted


def test_hiding_never_leaves_one_class_to_be_found_by_subtraction() -> None:
    for sizes in combinations(range(1, 9), 3):
        hidden = hidden_classes(dict(zip("甲乙丙", sizes, strict=True)), 5)
        assert hidden is None or len(hidden) != 1
