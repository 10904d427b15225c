"""Targets over all subjects: so large a share by this year; and who of those registered was not assessed."""

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from pydantic import Field

from scoring.rules import Number, Piece, Rule, Text


class Base(Piece):
    """A reading of what the share is taken of, with its number where the document gives it."""

    said: Text
    count: int | None = Field(default=None, ge=0, le=1_000_000)


class Target(Rule):
    """By the cycle `year` (None: every cycle) at least `share` of the base are `what`, rounded up.

    Several `bases` are several readings of what the share is taken of (A13): the first is used.
    """

    what: Text
    year: str | None = Field(default=None, pattern=r"^[12][0-9]{3}$")
    share: Number
    bases: tuple[Base, ...] = ()


class Coverage(NamedTuple):
    """`found` of `of`, and who is missing, in the order of the register."""

    found: int
    of: int
    missing: tuple[str, ...]


def needed(share: Fraction, base: int) -> int:
    """The least whole number that is at least share × base."""
    return -(-share.numerator * base // share.denominator)


def coverage(registered: Iterable[str], assessed: Iterable[str]) -> Coverage:
    """Who of the registered was assessed; what is assessed without being registered does not count."""
    register, done = list(dict.fromkeys(registered)), set(assessed)
    missing = tuple(one for one in register if one not in done)
    return Coverage(len(register) - len(missing), len(register), missing)
