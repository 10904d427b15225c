"""Duties that come round: who has to do what how often, and what is still owed."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from pydantic import Field

from scoring.rules import Key, Piece, Rule, Text

Period = Literal["year", "half_year", "quarter", "month", "joining_day", "unstated"]


class Times(Piece):
    """`what` at least `low` times (and at most `high`) in a period."""

    what: Text
    low: int = Field(default=1, ge=0, le=1000)
    high: int | None = Field(default=None, ge=1, le=1000)


class Duty(Rule):
    """A duty of `who`, each of `counts` once per period; `joining_day` = a member's own anniversary; `unstated` = no period given.

    looks_at: what is checked; grades: what the check may find.
    """

    key: Key
    title: Text
    who: Text
    per: Period
    counts: tuple[Times, ...] = Field(min_length=1)
    looks_at: tuple[Text, ...] = ()
    grades: tuple[Text, ...] = ()


class Owed(NamedTuple):
    """How often `what` was done, and how many times are missing (or, negative, too many)."""

    what: str
    done: int
    missing: int


def owed(duty: Duty, done: Mapping[str, int]) -> tuple[Owed, ...]:
    """What is missing or too much in one period; nothing where the duty is done. `done`: what → times. KeyError for unknown names."""
    known = {count.what for count in duty.counts}
    if unknown := set(done) - known:
        raise KeyError(*sorted(unknown))
    found = []
    for count in duty.counts:
        times = done.get(count.what, 0)
        if times < count.low:
            found.append(Owed(count.what, times, count.low - times))
        elif count.high is not None and times > count.high:
            found.append(Owed(count.what, times, count.high - times))
    return tuple(found)
