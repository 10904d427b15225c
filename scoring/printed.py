"""Score ranges as documents print them (「90分以上」, 「80—89」, 「60分以下」) as intervals, 以上 and 以下 both with the number itself."""

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import NamedTuple

_N = r"([0-9]+(?:\.[0-9]+)?)分?"


class Interval(NamedTuple):
    """From low to high; None: open on that side; the ends belong to it unless they are `above` or `below`."""

    low: Fraction | None
    high: Fraction | None
    above: bool = False
    below: bool = False

    def holds(self, number: Fraction) -> bool:
        """Whether the number lies in the interval."""
        over = self.low is None or (number > self.low if self.above else number >= self.low)
        under = self.high is None or (number < self.high if self.below else number <= self.high)
        return over and under


_FORMS: Mapping[str, Callable[..., Interval]] = {
    rf"{_N}及?以上": lambda low: Interval(low, None),
    rf"{_N}及?以下": lambda high: Interval(None, high),
    rf"{_N}[—–~-]{_N}|{_N}至{_N}": Interval,
    rf"{_N}以上不足{_N}": lambda low, high: Interval(low, high, below=True),
    rf"(?:不足|低于|不到){_N}": lambda high: Interval(None, high, below=True),
    rf"(?:超过|高于){_N}": lambda low: Interval(low, None, above=True),
}


def read_printed(text: str) -> Interval | None:
    """The interval, None where the words are not understood."""
    for form, make in _FORMS.items():
        found = re.fullmatch(form, text)
        if found:
            return make(*(Fraction(number) for number in found.groups() if number is not None))
    return None
