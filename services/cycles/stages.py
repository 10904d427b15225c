"""When the stages of a cycle are due: the document's days, or those that the office has set in their place."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from tortoise.transactions import in_transaction

from config.clock import SHANGHAI
from config.refusals import BadInput, Refusal
from models.cycles import Cycle
from models.runs import Publication
from models.stages import StageDate, list_stage_dates
from scoring import faults
from scoring.stages import Dates, SetDays, Stage, dates_of, faults_of_days
from services.audit import record
from services.cycles.cycles import lock_cycle, scheme_of
from services.dues import Due
from services.entitlements import SET_UP, Actor, Scope, list_holders, require
from services.trees import load_tree

WORD = "阶段"
"""The chat word under which the office keeps stages."""
# How long a cycle goes on after its last day, and how long before its day a stage is told of.
_RUNS_ON, _AHEAD = timedelta(days=60), timedelta(days=14)


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

    The same days again change nothing. A finished stage is open again with its new days. Other stages keep theirs.
    Raises `Refusal` `no_such_stage`, `BadInput`.
    """
    async with in_transaction():
        cycle = await lock_cycle(cycle_id)
        await require(actor, cycle, SET_UP)
        row = await _row(cycle, key)
        before = {name: getattr(row, name) for name in SetDays._fields}
        if before == (after := {**before, **changes}):
            return (await stage_days(cycle))[key]
        if not reason.strip():
            raise BadInput(["reason：请写明改期限的理由"])
        if wrong := list(faults_of_days(scheme_of(cycle).stages, int(cycle.year), {key: SetDays(**after)})):
            raise BadInput(wrong)
        was_finished = row.finished_at is not None
        row.update_from_dict({**after, "reason": reason.strip(), "by": actor, "at": now})
        row.finished_at = row.finished_by = None
        await row.save()
        detail = {"before": _shown(before), "after": _shown(after), "reason": reason.strip()}
        facts = {"stage": key, "was_finished": was_finished}
        await record(now, actor, "set_stage", f"cycle:{cycle.id}", facts | detail)
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


async def list_running(now: datetime, *, published: bool = True) -> list[Cycle]:
    """The cycles that are under way: whose last day is not long over. `published`: also those whose results are known."""
    today = now.astimezone(SHANGHAI).date()
    cycles = Cycle.filter(year__gte=str(today.year - 2)).order_by("id")
    if not published:
        done = await Publication.all().distinct().values_list("cycle_id", flat=True)
        cycles = cycles.exclude(id__in=list(done))
    found = await cycles
    days = await stage_days_of(found)
    return [one for one in found if runs_on(one, days[one.id].values(), today)]


def runs_on(cycle: Cycle, days: Iterable[StageDays], today: date) -> bool:
    """Whether the last day of a cycle is not long over; the end of its year where its stages have none."""
    return (
        max((one.due for one in days if one.due is not None), default=date(int(cycle.year), 12, 31)) + _RUNS_ON >= today
    )


async def list_dues(now: datetime, person_ids: Sequence[int]) -> list[Due]:
    """For the office: each stage is to be closed by its day, and a stage without any is to be given one."""
    actors = await list_holders(SET_UP, person_ids)
    cycles = await list_running(now) if actors else []
    days = await stage_days_of(cycles)
    tree = await load_tree() if cycles else None
    return [
        _due(cycle, actor, one)
        for cycle in cycles
        for actor in actors
        if tree is not None and Scope(tree, cycle.organisation_id).may(actor, SET_UP)
        for one in days[cycle.id].values()
        if one.finished_at is None
    ]


def _due(cycle: Cycle, actor: Actor, one: StageDays) -> Due:
    assert actor.person_id is not None, "actors here are people"
    what = f"「{cycle.title}」的{one.stage.title}"
    first = min((day for day in (one.soft, one.due) if day is not None), default=None)
    return Due(
        actor.person_id,
        f"stage:{cycle.id}:{one.stage.key}",
        f"{what}，完成后办结" if one.own is not None else f"{what}还没有定期限，请定下来",
        WORD,
        by=one.due,
        soft_by=one.soft,
        from_day=one.starts or (first - _AHEAD if first is not None else None),
        scheme=cycle.scheme,
        cycle_id=cycle.id,
    )
