"""Stages of a scheme and the days on which they begin and are due, as a document states them: soft, hard, contradictory or not at all."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal, NamedTuple

from pydantic import Field

from scoring.rules import Key, Piece, Rule, Text


class Day(Piece):
    """A day of every cycle. Without `day`: the first of the month where a stage begins, the last where it is due."""

    month: int = Field(ge=1, le=12)
    day: int | None = Field(default=None, ge=1, le=31)
    next_year: bool = False

    def begins(self, cycle: int) -> date:
        """The day in this cycle as the beginning of a period."""
        return date(cycle + self.next_year, self.month, self._within(cycle, 1))

    def ends(self, cycle: int) -> date:
        """The day in this cycle as the end of a period; the 29th to 31st never leave the month."""
        return date(cycle + self.next_year, self.month, self._within(cycle, 31))

    def _within(self, cycle: int, otherwise: int) -> int:
        return min(self.day or otherwise, monthrange(cycle + self.next_year, self.month)[1])


class Deadline(Piece):
    """`by`, in the words of the document (`said`). A soft one only reminds (「3月初」); a hard one is what the document demands."""

    by: Day
    said: Text
    hard: bool = True


class Stage(Rule):
    """A stage: who does it for whom, from when, until when, after which stages, as part of which.

    also_called: other names the document uses for it; methods: how; gives: the keys of the papers it produces;
    undated: what the document says where it gives no day (「时间待定」).
    """

    key: Key
    title: Text
    also_called: tuple[Text, ...] = ()
    who: Text
    to: Text | None = None
    starts: Day | None = None
    deadlines: tuple[Deadline, ...] = ()
    undated: Text | None = None
    after: tuple[Key, ...] = ()
    within: Key | None = None
    recurs: Literal["yearly", "once"] = "yearly"
    methods: tuple[Text, ...] = ()
    gives: tuple[Key, ...] = ()


class Dates(NamedTuple):
    """A stage in one cycle. `soft` reminds first, `due` is the last day; each None where the document gives none.

    due is the earliest of the stage's own hard deadlines and of the stage it lies within (A27).
    """

    stage: Stage
    starts: date | None
    soft: date | None
    due: date | None


def own_due(stage: Stage, cycle: int) -> date | None:
    """The earliest hard deadline of the stage itself."""
    return min((one.by.ends(cycle) for one in stage.deadlines if one.hard), default=None)


def dates_of(stages: Sequence[Stage], cycle: int) -> tuple[Dates, ...]:
    """Every stage's days in this cycle, in the order of the scheme."""
    by_key = {stage.key: stage for stage in stages}
    return tuple(_dates(stage, by_key, cycle) for stage in stages)


def _dates(stage: Stage, by_key: Mapping[str, Stage], cycle: int) -> Dates:
    dues = [own_due(stage, cycle), own_due(by_key[stage.within], cycle) if stage.within else None]
    return Dates(
        stage,
        stage.starts.begins(cycle) if stage.starts else None,
        min((one.by.ends(cycle) for one in stage.deadlines if not one.hard), default=None),
        min((due for due in dues if due is not None), default=None),
    )
