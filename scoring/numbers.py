"""Exact numbers: decimal strings outside, Fraction inside, one rounding (half up) for display."""

import re
from fractions import Fraction
from functools import lru_cache

from scoring.faults import BadInput, clip

PLACES = 12  # after the point, at most
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{1,12})?")
DECIMAL_PATTERN = "^" + _DECIMAL.pattern + "$"


@lru_cache(maxsize=16384)
def _parse(text: str) -> Fraction | None:
    if not _DECIMAL.fullmatch(text):
        return None
    whole, _, places = text.partition(".")
    return Fraction(int(whole + places), 10 ** len(places))


def read_decimal(value: object, path: str) -> Fraction:
    """A decimal string of at most 12 places before and after the point. Raises BadInput for all else, numbers included."""
    if not isinstance(value, str):
        raise BadInput(path, f'应是带引号的十进制数，如 "88.5"，这里是 {clip(value)}')
    number = _parse(value) if len(value) <= 26 else None
    if number is None:
        raise BadInput(path, f'「{clip(value)}」不是十进制数，应写成如 "88.5"（整数、小数各不超过 12 位）')
    return number


def read_decimal_in(value: object, low: Fraction, high: Fraction, path: str) -> Fraction:
    """A decimal string within [low, high]."""
    number = read_decimal(value, path)
    if not low <= number <= high:
        raise BadInput(path, f"{clip(value)} 超出范围 {show(low)}—{show(high)}")
    return number


def _decimal_places(denominator: int) -> int | None:
    """How many places a fraction in lowest terms needs as a decimal, None where it does not terminate."""
    twos = (denominator & -denominator).bit_length() - 1
    rest, fives = denominator >> twos, 0
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    return max(twos, fives) if rest == 1 else None


def show(number: Fraction) -> str:
    """A decimal where it terminates ("89.9"), else a fraction ("250/3")."""
    places = _decimal_places(number.denominator)
    if places is None:
        return exact_text(number)
    digits = str(abs(number.numerator) * 10**places // number.denominator).rjust(places + 1, "0")
    sign = "-" if number < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else sign + digits


def exact_text(number: Fraction) -> str:
    """A fraction in lowest terms ("899/10"), "90" when whole."""
    return str(number)


def half_up(number: Fraction) -> int:
    """The nearest whole number, halves away from zero (ROUND_HALF_UP)."""
    size = (2 * abs(number.numerator) + number.denominator) // (2 * number.denominator)
    return -size if number < 0 else size


def two_places(number: Fraction) -> str:
    """For display: half up to two places ("89.90")."""
    cents = half_up(number * 100)
    sign, size = ("-" if cents < 0 else ""), abs(cents)
    return f"{sign}{size // 100}.{size % 100:02d}"


def percent(count: int, of: int) -> str:
    """A whole per cent, half up ("33%"); `of` is at least 1."""
    return f"{half_up(Fraction(100 * count, of))}%"
