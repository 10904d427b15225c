"""Bonus points before the ranking and downgrades after the quota; only what is confirmed takes effect."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Literal

from scoring.rules import Rule
from scoring.subjects import Change


class AddPoints(Rule):
    """Confirmed bonus points (`facts.bonus`) are added to the score, before bands and ranking."""

    op: Literal["add_points"]


class DropLevels(Rule):
    """Confirmed downgrades (`facts.downgrade`) lower the band by so many levels, after the quota; no place is freed."""

    op: Literal["drop_levels"]


def confirmed_sum(changes: Iterable[Change]) -> Fraction:
    """What the confirmed changes amount to."""
    return sum((change.amount for change in changes if change.confirmed), Fraction(0))


def drop_levels(band: str, levels: int, names: Sequence[str]) -> str:
    """The band `levels` below, the lowest at most; `names` highest first."""
    return names[min(names.index(band) + levels, len(names) - 1)]
