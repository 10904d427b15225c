"""Bonus points before the ranking and downgrades after the quota; only what is confirmed takes effect."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Literal

from scoring.rules import Amount, Rule, Text
from scoring.subjects import Change
from scoring.vetoes import AnyTime, Window, is_inside


class AddPoints(Rule):
    """Confirmed bonus points (`facts.bonus`) are added to the score, before bands and ranking.

    cap: at most so many in sum (None: the document names none); window: which events count; confirmed_by: who confirms.
    """

    op: Literal["add_points"]
    cap: Amount | None = None
    window: Window = AnyTime(op="any_time")
    confirmed_by: Text | None = None


class DropLevels(Rule):
    """Confirmed downgrades (`facts.downgrade`) lower the band by so many levels, after the quota; no place is freed."""

    op: Literal["drop_levels"]
    window: Window = AnyTime(op="any_time")
    confirmed_by: Text | None = None


def inside(rule: AddPoints | DropLevels, changes: Iterable[Change], cycle: int) -> list[Change]:
    """The changes that lie in the rule's window."""
    return [change for change in changes if is_inside(rule.window, change, cycle)]


def confirmed_sum(changes: Iterable[Change]) -> Fraction:
    """What the confirmed changes amount to."""
    return sum((change.amount for change in changes if change.confirmed), Fraction(0))


def drop_levels(band: str, levels: int, names: Sequence[str]) -> str:
    """The band `levels` below, the lowest at most; `names` highest first."""
    return names[min(names.index(band) + levels, len(names) - 1)]
