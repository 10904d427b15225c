"""Where the calendar contradicts itself: found, told to the office once, never settled by us (A5, A27, A34). The earlier day drives."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import combinations

from config.clock import SHANGHAI
from models.cycles import Cycle, list_organisations_of
from models.people import Person, Post
from services.cycles.stages import WORD, StageDays, list_running, stage_days_of
from services.day_words import shown_day
from services.entitlements import OFFICE, SET_UP, find_actor, scope_of
from services.notices.notices import plan_notice
from services.workdays import is_known

KIND = "conflict"
# Stages of two schemes that fall due so close to each other load the same branches at once.
_CROWDED = timedelta(days=7)
_DECEMBER = 12


@dataclass(frozen=True, slots=True)
class Conflict:
    """One contradiction. `code`: deadlines_clash, two_deadlines, no_day, crowded. `slot` names it with its days."""

    code: str
    cycle_id: int
    slot: str
    say: str


async def list_conflicts(cycles: Sequence[Cycle]) -> list[Conflict]:
    """Within each of these cycles, and between any two that assess the same organisations."""
    days = await stage_days_of(cycles)
    found = [one for cycle in cycles for one in within(cycle, days[cycle.id])]
    assessed = await list_organisations_of([cycle.id for cycle in cycles])
    for one, other in combinations(cycles, 2):
        if common := len(assessed.get(one.id, set()) & assessed.get(other.id, set())):
            found += between(one, days[one.id], other, days[other.id], common)
    return found


def within(cycle: Cycle, days: Mapping[str, StageDays]) -> Iterator[Conflict]:
    """What contradicts itself in one cycle: days out of order (A27), a soft beside a hard day (A5), no day at all."""
    for one in (one for one in days.values() if one.finished_at is None):
        key, title = one.stage.key, f"「{cycle.title}」的{one.stage.title}"
        if one.own is None:
            say = f"{title}没有定时间（{one.stage.undated or '方案没有写'}），请定下来"
            yield Conflict("no_day", cycle.id, f"{cycle.id}:{key}:none", say)
        if one.soft is not None and one.due is not None and one.soft != one.due:
            soft = shown_day(one.soft)
            say = f"{title}有两个期限：{soft}和{shown_day(one.due)}；先按{soft}提醒，以{shown_day(one.due)}为最后期限"
            yield Conflict("two_deadlines", cycle.id, f"{cycle.id}:{key}:{one.soft}", say)
        yield from _out_of_order(cycle, one, days)


def _out_of_order(cycle: Cycle, one: StageDays, days: Mapping[str, StageDays]) -> Iterator[Conflict]:
    outer = days.get(one.stage.within or "")
    if outer is not None and one.own is not None and outer.own is not None and one.own > outer.own:
        say = f"「{cycle.title}」的{_told(one)}晚于它所在的{_told(outer)}；提醒按较早的{shown_day(outer.own)}"
        yield Conflict("deadlines_clash", cycle.id, f"{cycle.id}:{one.stage.key}:{one.own}:{outer.own}", say)
    for before in (days[key] for key in one.stage.after):
        if before.own is not None and one.own is not None and before.own > one.own:
            say = f"「{cycle.title}」的{_told(one)}早于它之前的{_told(before)}；提醒按较早的{shown_day(one.own)}"
            yield Conflict("deadlines_clash", cycle.id, f"{cycle.id}:{one.stage.key}:{one.own}:{before.own}", say)


def _told(one: StageDays) -> str:
    return f"{one.stage.title}（{shown_day(one.own)}）" if one.own is not None else one.stage.title


def between(
    one: Cycle, days: Mapping[str, StageDays], other: Cycle, others: Mapping[str, StageDays], common: int
) -> Iterator[Conflict]:
    """Stages of two schemes that the same organisations have to finish within a week (A34), all of them as one conflict."""
    pairs = [
        (mine, theirs)
        for mine in _dated(days)
        for theirs in _dated(others)
        if mine.due is not None and theirs.due is not None and abs(mine.due - theirs.due) < _CROWDED
    ]
    if not pairs:
        return
    mine, theirs = (_named(side) for side in zip(*pairs, strict=True))
    say = f"「{one.title}」的{mine}，和「{other.title}」的{theirs}，在同一批 {common} 个组织几乎同时截止；提醒合并成一条，先到期的排在前面"
    yield Conflict("crowded", one.id, f"{one.id}:{other.id}:{mine}:{theirs}", say)


def _named(stages: Iterable[StageDays]) -> str:
    return "、".join(
        dict.fromkeys(f"{one.stage.title}（{shown_day(one.due)}）" for one in stages if one.due is not None)
    )


def _dated(days: Mapping[str, StageDays]) -> Iterator[StageDays]:
    return (one for one in days.values() if one.due is not None and one.own is not None and one.finished_at is None)


async def raise_conflicts(now: datetime) -> int:
    """Tell the office of every running cycle of its conflicts, all in one notice, and anew only where they change; how many.

    A repeat tells nothing twice.
    """
    cycles = {cycle.id: cycle for cycle in await list_running(now)}
    await _warn_of_holidays(cycles.values(), now)
    conflicts = await list_conflicts(list(cycles.values()))
    for cycle_id, those in _by_cycle(conflicts).items():
        slot = f"{cycle_id}:{sha256(''.join(one.slot for one in those).encode()).hexdigest()[:32]}"
        lines = [f"{number}. {one.say}" for number, one in enumerate(those, 1)]
        text = "\n".join(
            [f"「{cycles[cycle_id].title}」的日程有 {len(those)} 处请组织部门核定：", *lines, f"回复 {WORD} 可以改。"]
        )
        for person_id in await _office(cycles[cycle_id]):
            await plan_notice(KIND, person_id, slot, text, now)
    return len(conflicts)


async def _warn_of_holidays(cycles: Iterable[Cycle], now: datetime) -> None:
    """Once for a year, from the December before: its days off are not known, so that only weekends count as such."""
    today = now.astimezone(SHANGHAI).date()
    year = today.year + (today.month == _DECEMBER)
    if is_known(year):
        return
    text = f"还不知道 {year} 年的放假和调休安排，提醒只避开周末；请运维升级 chinesecalendar 后重启。"
    for person_id in sorted({one for cycle in cycles for one in await _office(cycle)}):
        await plan_notice(KIND, person_id, f"holidays:{year}", text, now)


def _by_cycle(conflicts: Iterable[Conflict]) -> dict[int, list[Conflict]]:
    found: dict[int, list[Conflict]] = {}
    for one in conflicts:
        found.setdefault(one.cycle_id, []).append(one)
    return found


async def _office(cycle: Cycle) -> list[int]:
    scope = await scope_of(cycle)
    ids = await Post.filter(title__in=OFFICE).distinct().values_list("person_id", flat=True)
    people = await Person.filter(id__in=list(ids)).order_by("id")
    return [person.id for person in people if scope.may(await find_actor(person.staff_no), SET_UP)]
