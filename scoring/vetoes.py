"""Vetoes (一票否决): proposed by a fact, confirmed by a person, within a look-back window."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from scoring.rules import FactId, Piece, Rule, Text
from scoring.subjects import Change, VetoEvent


class AnyTime(Piece):
    """No look-back window."""

    op: Literal["any_time"]


class Since(Piece):
    """Events on or after a day; said: the words of the document (「2019 年以来」)."""

    op: Literal["since"]
    day: date
    said: Text | None = None


class InCycleYear(Piece):
    """Events within the cycle's year."""

    op: Literal["in_cycle_year"]


class OverlapsCycleYear(Piece):
    """Periods `on`…`until` that overlap the cycle's year; without `until` the period goes on."""

    op: Literal["overlaps_cycle_year"]


Window = Annotated[AnyTime | Since | InCycleYear | OverlapsCycleYear, Field(discriminator="op")]


class Veto(Rule):
    """A veto rule `id`. Confirmed, it gives `band` (None: no band at all); unconfirmed, the band waits. An undated event is inside.

    confirmed_by: who confirms, None where the document does not say.
    """

    id: FactId
    title: Text
    window: Window
    band: Text | None = None
    confirmed_by: Text | None = None


def is_inside(window: AnyTime | Since | InCycleYear | OverlapsCycleYear, event: VetoEvent | Change, cycle: int) -> bool:
    """Whether the event lies in the rule's window."""
    return event.on is None or WINDOWS[type(window)](window, event.on, event.until, cycle)


def _since(window: Since, on: date, until: date | None, cycle: int) -> bool:
    return on >= window.day


def _in_year(window: InCycleYear, on: date, until: date | None, cycle: int) -> bool:
    return on.year == cycle


def _overlaps(window: OverlapsCycleYear, on: date, until: date | None, cycle: int) -> bool:
    return on.year <= cycle and (until is None or until.year >= cycle)


def _any_time(window: AnyTime, on: date, until: date | None, cycle: int) -> bool:
    return True


WINDOWS: Mapping[type[Piece], Callable[[Any, date, date | None, int], bool]] = {
    AnyTime: _any_time,
    Since: _since,
    InCycleYear: _in_year,
    OverlapsCycleYear: _overlaps,
}
