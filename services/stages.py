"""When the stages of a cycle are due: the document's days, or those that the office has set in their place."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from tortoise.transactions import in_transaction

from config.refusals import BadInput, Refusal
from models.cycles import Cycle
from models.stages import StageDate, list_stage_dates
from scoring import faults
from scoring.stages import Dates, SetDays, Stage, dates_of, faults_of_days
from services.audit import record
from services.cycles import lock_cycle, scheme_of
from services.entitlements import SET_UP, require


@dataclass(frozen=True, slots=True)
class StageDays:
    """A stage in one cycle. `soft` reminds first, `due` is the last day that counts; None where nobody has set one.

    own: its own last day, which may be later than that of the work it is part of (A27); `due` is the earlier of the two.
    reason: why the office set another day, "" where all are the document's.
    """

    stage: Stage
    starts: date | None
    soft: date | None
    due: date | None
    own: date | None
    reason: str = ""
    finished_at: datetime | None = None


async def stage_days(cycle: Cycle) -> Mapping[str, StageDays]:
    """The stages of a cycle by key, in the order of the scheme."""
    return (await stage_days_of([cycle]))[cycle.id]


async def stage_days_of(cycles: Sequence[Cycle]) -> dict[int, Mapping[str, StageDays]]:
    """The same for many cycles, by cycle id, with one query."""
    rows = await list_stage_dates([cycle.id for cycle in cycles])
    return {cycle.id: _merge(cycle, [row for row in rows if row.cycle_id == cycle.id]) for cycle in cycles}


def _merge(cycle: Cycle, rows: Iterable[StageDate]) -> dict[str, StageDays]:
    by_stage = {row.stage: row for row in rows}
    set_days = {key: SetDays(row.starts, row.soft, row.due) for key, row in by_stage.items()}
    return {
        one.stage.key: _days(one, by_stage.get(one.stage.key))
        for one in dates_of(scheme_of(cycle).stages, int(cycle.year), set_days)
    }


def _days(one: Dates, row: StageDate | None) -> StageDays:
    found = StageDays(one.stage, one.starts, one.soft, one.due, one.own)
    return found if row is None else replace(found, reason=row.reason, finished_at=row.finished_at)


async def set_stage(
    cycle_id: int, key: str, changes: Mapping[str, date | None], *, reason: str, now: datetime, actor: str
) -> StageDays:
    """Set days of one stage (`starts`, `soft`, `due`; None: the document's again), with a reason; audited.

    The same days again change nothing. Other stages keep theirs. Raises `Refusal` `no_such_stage`, `BadInput`.
    """
    async with in_transaction():
        cycle = await lock_cycle(cycle_id)
        await require(actor, cycle, SET_UP)
        row = await _row(cycle, key)
        before = {name: getattr(row, name) for name in SetDays._fields}
        if before == (after := {**before, **changes}):
            return (await stage_days(cycle))[key]
        if not reason.strip():
            raise BadInput(["reason:请写明改期限的理由"])
        if wrong := list(faults_of_days(scheme_of(cycle).stages, int(cycle.year), {key: SetDays(**after)})):
            raise BadInput(wrong)
        row.update_from_dict({**after, "reason": reason.strip(), "by": actor, "at": now})
        await row.save()
        detail = {"before": _shown(before), "after": _shown(after), "reason": reason.strip()}
        await record(now, actor, "set_stage", f"cycle:{cycle.id}", {"stage": key} | detail)
        return (await stage_days(cycle))[key]


async def finish_stage(cycle_id: int, key: str, *, now: datetime, actor: str) -> StageDays:
    """Record that a stage is finished: nobody is reminded of it any more. Audited; a repeat changes nothing."""
    async with in_transaction():
        cycle = await lock_cycle(cycle_id)
        await require(actor, cycle, SET_UP)
        row = await _row(cycle, key)
        if row.finished_at is None:
            row.finished_at, row.finished_by = now, actor
            row.by, row.at = row.by or actor, row.at or now
            await row.save()
            await record(now, actor, "finish_stage", f"cycle:{cycle.id}", {"stage": key})
        return (await stage_days(cycle))[key]


async def _row(cycle: Cycle, key: str) -> StageDate:
    """What is set for the stage, or a row still to be saved. Safe under the cycle's lock."""
    known = [stage.key for stage in scheme_of(cycle).stages]
    if key not in known:
        raise Refusal(
            "no_such_stage", f"这个方案没有名为「{faults.clip(key)}」的阶段{faults.suggest(key, known)}。", 404
        )
    row = await StageDate.get_or_none(cycle_id=cycle.id, stage=key)
    return row or StageDate(cycle_id=cycle.id, stage=key, reason="", by="")


def _shown(days: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(day) for name, day in days.items() if day is not None}
