"""Exactness against Python's own Decimal."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.numbers import exact_text, half_up, percent, read_decimal, read_decimal_in, show, two_places
from scoring.reading import BadInput

decimals = st.decimals(min_value=0, max_value=1000, places=6)


@given(decimals)
def test_a_decimal_comes_back_as_written(number: Decimal) -> None:
    text = format(number.normalize(), "f")
    assert show(read_decimal(text, "")) == text


@given(decimals)
def test_two_places_are_rounded_half_up(number: Decimal) -> None:
    assert two_places(Fraction(number)) == str(number.quantize(Decimal("0.01"), ROUND_HALF_UP))


@given(st.fractions(min_value=-100, max_value=100, max_denominator=10**6))
def test_a_fraction_that_does_not_terminate_is_shown_as_a_fraction(number: Fraction) -> None:
    shown = show(number)
    assert Fraction(shown) == number
    assert ("/" in shown) == (10**40 % number.denominator != 0)


@pytest.mark.parametrize(("number", "text"), [("90", "90"), ("899/10", "899/10"), ("180/2", "90"), ("0", "0")])
def test_exact_text_is_in_lowest_terms(number: str, text: str) -> None:
    assert exact_text(Fraction(number)) == text


@pytest.mark.parametrize(("number", "whole"), [("89.5", 90), ("89.49", 89), ("-0.5", -1), ("0", 0)])
def test_half_up(number: str, whole: int) -> None:
    assert half_up(Fraction(number)) == whole


@pytest.mark.fact("S1-04", "S1-05")
@pytest.mark.parametrize(
    ("count", "of", "text"), [(2, 6, "33%"), (3, 6, "50%"), (1, 5, "20%"), (4, 5, "80%"), (1, 200, "1%")]
)
def test_percent(count: int, of: int, text: str) -> None:
    assert percent(count, of) == text


BAD: list[Any] = [
    88,
    88.5,
    True,
    None,
    "",
    " 88",
    "88 ",
    "+88",
    "088",
    "88.",
    ".5",
    "1e2",
    "１２",
    "1,000",
    "1/3",
    "NaN",
    "-",
    "9" * 10_000,
    "0." + "1" * 13,
    [],
    {},
]


@pytest.mark.parametrize("value", BAD, ids=lambda value: repr(value)[:20])
def test_what_is_not_a_decimal_string_is_refused(value: Any) -> None:
    with pytest.raises(BadInput, match="here"):
        read_decimal(value, "here")


@pytest.mark.parametrize("value", ["-0.01", "100.01"])
def test_out_of_range(value: str) -> None:
    with pytest.raises(BadInput, match="here"):
        read_decimal_in(value, Fraction(0), Fraction(100), "here")
