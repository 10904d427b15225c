"""Stages of a scheme and the days on which they begin and are due, as a document states them: soft, hard, contradictory or not at all."""

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Literal, NamedTuple

from pydantic import Field

from scoring.faults import suggest
from scoring.rules import Key, Piece, Rule, Text

# How far from its year the days of a cycle may be set.
_YEARS_BEFORE, _YEARS_AFTER = 1, 5


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
    undated: what the document says where it gives no day (「时间待定」); rounds: which ratings are given in it (`scoring.rounds`).
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
    rounds: tuple[Key, ...] = ()


class SetDays(NamedTuple):
    """Days that a person has set for a stage of one cycle in place of the document's; None leaves the document's."""

    starts: date | None = None
    soft: date | None = None
    due: date | None = None


class Dates(NamedTuple):
    """A stage in one cycle. `soft` reminds first, `due` is the last day; each None where the document gives none.

    own: the stage's own last day; due: the earlier of it and of that of the stage it lies within (A27).
    """

    stage: Stage
    starts: date | None
    soft: date | None
    due: date | None
    own: date | None


def own_due(stage: Stage, cycle: int) -> date | None:
    """The earliest hard deadline of the stage itself."""
    return min((one.by.ends(cycle) for one in stage.deadlines if one.hard), default=None)


def dates_of(stages: Sequence[Stage], cycle: int, set_days: Mapping[str, SetDays] | None = None) -> tuple[Dates, ...]:
    """Every stage's days in this cycle, in the order of the scheme; `set_days` by stage key go before the document's."""
    given = set_days or {}
    own = {one.key: given.get(one.key, SetDays()).due or own_due(one, cycle) for one in stages}
    return tuple(_dates(stage, own, given.get(stage.key, SetDays()), cycle) for stage in stages)


def _dates(stage: Stage, own: Mapping[str, date | None], given: SetDays, cycle: int) -> Dates:
    dues = [own[stage.key], own[stage.within] if stage.within else None]
    return Dates(
        stage,
        given.starts or (stage.starts.begins(cycle) if stage.starts else None),
        given.soft or min((one.by.ends(cycle) for one in stage.deadlines if not one.hard), default=None),
        min((due for due in dues if due is not None), default=None),
        own[stage.key],
    )


def faults_of_days(stages: Sequence[Stage], cycle: int, set_days: Mapping[str, SetDays]) -> Iterator[str]:
    """A sentence for each set stage that there is not, whose days are out of order, or far from the cycle's year."""
    known = [stage.key for stage in stages]
    for key in set_days:
        if key not in known:
            yield f"stages.{key}：没有这个阶段{suggest(key, known)}"
    for one in dates_of(stages, cycle, set_days):
        days = [day for day in (one.starts, one.soft, one.own) if day is not None]
        if one.stage.key in set_days and days != sorted(days):
            yield f"stages.{one.stage.key}：「{one.stage.title}」的开始、提醒、截止日期前后颠倒：{'、'.join(map(str, days))}"
        # A day such as 9999-12-31, for 「长期」, is none that anybody could count on from.
        far = [day for day in days if not -_YEARS_BEFORE <= day.year - cycle <= _YEARS_AFTER]
        if one.stage.key in set_days and far:
            yield (
                f"stages.{one.stage.key}：「{one.stage.title}」的日期 {far[0]} 离考核年度太远，"
                f"请写 {cycle - _YEARS_BEFORE} 至 {cycle + _YEARS_AFTER} 年的日期"
            )
