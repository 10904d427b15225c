"""The overview of a cycle's year for leaders and the office: three statements with n/N, what has changed, who must act by when.

What is kept (`models.overviews`) are the figures alone. Nothing of votes is in them: not turnout, not a class.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from config.clock import SHANGHAI
from models.cycles import Cycle, CycleSubject
from models.overviews import Overview, find_before
from scoring.numbers import percent
from services.cycles.coverages import RoundCoverage, coverage
from services.cycles.stages import StageDays, stage_days
from services.day_words import shown_day
from services.dues import Due
from services.meetings.statements import Statement
from services.trees import Tree
from services.workdays import workday_from

LATEST = "latest"
"""The slot of the newest figures, kept anew each morning."""
_SOON = timedelta(days=7)
_STAGE_NEWS = timedelta(days=7)
_NAMED, _LISTED, _ROUNDS = 3, 30, 3
_MEMBER = "member"
_PEOPLE = (_MEMBER, "secretary")


@dataclass(slots=True)
class Tally:
    """What is still to be done in each cycle (by its id; what belongs to none of them alone by scheme), by the organisation of who has
    to: open, of it overdue and soon due. No polls: they are dues of everybody on the roll, whoever has voted. What any of several
    people may do is one thing, counted once.
    """

    today: date
    open: dict[int | str, Counter[int]] = field(default_factory=dict)
    late: dict[int | str, Counter[int]] = field(default_factory=dict)
    soon: dict[int | str, Counter[int]] = field(default_factory=dict)
    _counted: set[str] = field(default_factory=set)

    def add(self, dues: Iterable[Due], organisation_of: Mapping[int, int]) -> None:
        """Count these dues. `organisation_of`: by person."""
        for due in dues:
            if due.is_poll or not due.scheme or (due.from_day is not None and due.from_day > self.today):
                continue
            if due.key in self._counted:
                continue
            self._counted.add(due.key)
            # In January last year's cycle of the same scheme runs on beside the new one.
            what, where = due.cycle_id or due.scheme, organisation_of[due.person_id]
            self.open.setdefault(what, Counter())[where] += 1
            if due.by is not None and due.by < self.today:
                self.late.setdefault(what, Counter())[where] += 1
            elif due.by is not None and due.by <= self.today + _SOON:
                self.soon.setdefault(what, Counter())[where] += 1

    def figures(self, cycle: Cycle, tree: Tree) -> dict[str, Any]:
        """What is to be done within the cycle's organisation: open, late, soon, and `late_at`: [name, how many], the most first."""

        def inside(counts: Mapping[int | str, Counter[int]]) -> Counter[int]:
            own = counts.get(cycle.id, Counter()) + counts.get(cycle.scheme, Counter())
            return Counter({org: count for org, count in own.items() if tree.is_within(org, cycle.organisation_id)})

        late = inside(self.late)
        at = sorted(late.items(), key=lambda one: (-one[1], tree.by_id[one[0]].code))[:_NAMED]
        return {
            "open": inside(self.open).total(),
            "late": late.total(),
            "soon": inside(self.soon).total(),
            "late_at": [[tree.by_id[org].name, count] for org, count in at],
        }


@dataclass(frozen=True, slots=True)
class Summary:
    """An overview as it is shown. `heading`: what for; `bars`: (label, how many, of how many) for the picture;
    `missing`: (label, names) of who is not rated yet, for the office and for whoever asks where the figures come from;
    `figures`: what is kept of it.
    """

    cycle: Cycle
    heading: str
    statements: tuple[Statement, ...]
    bars: tuple[tuple[str, int, int], ...]
    missing: tuple[tuple[str, tuple[str, ...]], ...]
    figures: Mapping[str, Any]


async def read_summary(cycle: Cycle, now: datetime, slot: str = LATEST) -> Summary:
    """The overview as of now; what is overdue as of the morning on which it was last counted."""
    today = now.astimezone(SHANGHAI).date()
    days, rounds = await stage_days(cycle), await coverage(cycle)
    row = await Overview.get_or_none(cycle_id=cycle.id, slot=LATEST)
    work = row.figures if row is not None else {}
    before = await find_before(cycle.id, today)
    old: Mapping[str, Any] = before.figures if before is not None else {}
    shown = _shown_rounds(rounds, days, today)
    statements = (_rated(shown, days, old), _to_do(work, old), _stages(days, old, today))
    bars = tuple((f"{one.label} · {one.round.label}", one.found, one.of) for one in shown)
    missing = await _missing(cycle, shown)
    finished = sum(one.finished_at is not None for one in days.values())
    figures = {**work, "finished": finished, "rounds": {f"{one.kind}:{one.round.key}": one.found for one in rounds}}
    return Summary(cycle, _heading(slot, days), statements, bars, missing, figures)


async def keep_work(cycle: Cycle, tally: Tally, tree: Tree) -> None:
    """Keep what is still to be done this morning as the newest figures. A repeat on the same day changes nothing."""
    figures = {"kept_on": tally.today, "figures": tally.figures(cycle, tree)}
    await Overview.update_or_create(figures, cycle_id=cycle.id, slot=LATEST)


async def keep_told(summary: Summary, slot: str, day: date) -> None:
    """Keep the figures that are told today, so that the next overview can say what has changed. A repeat changes nothing."""
    figures = {"kept_on": day, "figures": dict(summary.figures)}
    await Overview.update_or_create(figures, cycle_id=summary.cycle.id, slot=slot)


async def due_slot(cycle: Cycle, days: Mapping[str, StageDays], today: date) -> str:
    """What leaders are told today: how a stage ended that is over since a few days, else the week; "" for nothing."""
    kept = {one.slot: one.kept_on for one in await Overview.filter(cycle_id=cycle.id).exclude(slot=LATEST)}
    ended = sorted(
        ((day, one.stage.key) for one in days.values() if (day := _ended(one, today)) is not None), reverse=True
    )
    slots = [f"stage:{key}" for day, key in ended if day < today <= day + _STAGE_NEWS]
    monday = today - timedelta(days=today.weekday())
    begun = any(one.starts is not None and one.starts <= today for one in days.values())
    if begun and workday_from(monday) <= today:
        slots.append(f"week:{monday}")
    told_this_week = [slot for slot, day in kept.items() if monday <= day < today]
    for slot in slots:
        if kept.get(slot, today) == today and not (slot.startswith("week:") and told_this_week):
            return slot
    return ""


def _ended(one: StageDays, today: date) -> date | None:
    if one.finished_at is not None:
        return one.finished_at.astimezone(SHANGHAI).date()
    return one.due if one.due is not None and one.due < today else None


def _heading(slot: str, days: Mapping[str, StageDays]) -> str:
    key = slot.partition(":")[2]
    return f"{days[key].stage.title}阶段小结" if slot.startswith("stage:") and key in days else "进展小结"


def _shown_rounds(rounds: Sequence[RoundCoverage], days: Mapping[str, StageDays], today: date) -> list[RoundCoverage]:
    """Those of the stages under way, else those that have begun at all, else all; what ends next before what ends later, and of
    what ends together the least complete first: a round of a later month must not hide the one that runs.
    """

    def is_on(one: RoundCoverage) -> bool:
        stage = days.get(one.round.stage.key) if one.round.stage else None
        return stage is not None and (stage.starts or date.min) <= today <= (stage.due or date.max)

    chosen = [one for one in rounds if is_on(one)] or [one for one in rounds if one.found] or list(rounds)
    return sorted(chosen, key=lambda one: (_by(one, days) or date.max, one.found / one.of if one.of else 1))[:_ROUNDS]


def _of(found: int, of: int, before: int | None) -> str:
    change = ""
    if before is not None and before != found:
        change = f"，比上次{'多' if found > before else '少'} {abs(found - before)}"
    return f"{found}/{of}（{percent(found, of)}{change}）" if of else "0/0"


def _rated(rounds: Sequence[RoundCoverage], days: Mapping[str, StageDays], old: Mapping[str, Any]) -> Statement:
    if not rounds:
        return Statement("评到哪了", "0/0：这项考核不在这里打分。", "等次由有权的人确定。", "组织部门", ())
    before = old.get("rounds", {})
    say = "；".join(
        f"{one.label}「{one.round.label}」已评 {_of(one.found, one.of, before.get(f'{one.kind}:{one.round.key}'))}"
        for one in rounds
    )
    names = "；".join(_short_of(rounds))
    by = min((day for one in rounds if (day := _by(one, days)) is not None), default=None)
    who = f"还差{names}{f'，{shown_day(by)}前' if by else ''}" if names else "都评到了"
    why = tuple(
        f"{one.label}「{one.round.label}」：应评 {one.of} {_unit(one.kind)}，已评 {one.found} {_unit(one.kind)}"
        for one in rounds
    )
    return Statement("评到哪了", f"{say}。", "分母是建立考核时名册上应考评的，批准不列入的不算。", f"{who}。", why)


def _short_of(rounds: Sequence[RoundCoverage]) -> Iterator[str]:
    """Who is missing, each kind of subject by itself: 「党支部 3 个（甲、乙、丙）」; members are many, and only counted."""
    for kind, label in sorted({one.kind: one.label for one in rounds}.items(), key=lambda one: one[0] == _MEMBER):
        missing = {who.key: who.name for one in rounds if one.kind == kind for who in one.missing}
        names = "、".join(list(missing.values())[:_NAMED]) + ("等" if len(missing) > _NAMED else "")
        if missing:
            count = f"{label} {len(missing)} {_unit(kind)}"
            yield count if kind == _MEMBER else f"{count}（{names}）"


def _unit(kind: str) -> str:
    return "名" if kind in _PEOPLE else "个"


async def _missing(cycle: Cycle, rounds: Sequence[RoundCoverage]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """By round who is missing: by name, of members how many in which branch."""
    parents = {who.parent for one in rounds if one.kind == _MEMBER for who in one.missing if who.parent}
    branches = CycleSubject.filter(cycle_id=cycle.id, key__in=sorted(parents)).order_by("position")
    names = {one.key: one.name for one in await branches} if parents else {}
    return tuple((f"{one.label}「{one.round.label}」", tuple(_listed(one, names))) for one in rounds)


def _listed(one: RoundCoverage, branches: Mapping[str, str]) -> Iterator[str]:
    if one.kind != _MEMBER or not branches:
        yield from (who.name for who in one.missing)
        return
    if not one.found:
        yield f"全部 {one.of} 名"
        return
    counts = Counter(who.parent for who in one.missing)
    yield from (f"{name} {counts[key]} 名" for key, name in branches.items() if counts[key])
    yield from ([f"其他 {counts[None]} 名"] if counts[None] else [])


def _by(one: RoundCoverage, days: Mapping[str, StageDays]) -> date | None:
    stage = days.get(one.round.stage.key) if one.round.stage else None
    return stage.due if stage else None


def _to_do(work: Mapping[str, Any], old: Mapping[str, Any]) -> Statement:
    if not work:
        return Statement("过期没有", "还没有统计，工作日早上统计一次。", "统计以后这里写明还有几件、过期几件。", "", ())
    say = f"还没有办的事 {work['open']} 件，已过期 {_of(work['late'], work['open'], old.get('late'))}，7 天内到期 {work['soon']} 件。"
    at = "、".join(f"{name}（{count} 件）" for name, count in work["late_at"])
    who = f"{at}，请尽快办" if at else "没有过期的"
    return Statement("过期没有", say, "投票不算在内：谁投没投不统计。", f"{who}。", ())


def _stages(days: Mapping[str, StageDays], old: Mapping[str, Any], today: date) -> Statement:
    finished = sum(one.finished_at is not None for one in days.values())
    say = f"{len(days)} 个阶段，办结 {_of(finished, len(days), old.get('finished'))}。"
    ahead = [one for one in days.values() if one.finished_at is None and one.due is not None and one.due >= today]
    late = [one for one in days.values() if one.finished_at is None and one.due is not None and one.due < today]
    means = f"到期没有办结的：{'、'.join(one.stage.title for one in late)}。" if late else "到期的都办结了。"
    following = min(ahead, key=lambda one: one.due or date.max, default=None)
    who = (
        f"下一个是{following.stage.title}，{following.stage.who}，{shown_day(following.due)}前"
        if following and following.due
        else "没有下一个期限"
    )
    return Statement("走到哪步", say, means, f"{who}。", ())
