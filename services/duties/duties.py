"""Periodic duties (履职): what of them is done in their period, by reports and by records that count by themselves; what is owed."""

import calendar
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from config.clock import SHANGHAI
from models.cycles import Cycle
from models.duties import DutyReport
from models.people import Person
from models.records import RETURNED, Record
from scoring.duties import Duty, Owed, Times, owed
from services.cycles.stages import runs_on, stage_days_of
from services.dues import Due
from services.duties.duty_bearers import Burden, list_burdens
from services.trees import Tree, load_tree

WORD = "履职"
_MONTHS = {"year": 12, "half_year": 6, "quarter": 3, "month": 1}
_BRANCH = "党支部"
# How long before its last day a duty is spoken of; how long a joining day that passed is still asked for.
_AHEAD, _JOINING_AHEAD, _JOINING_AFTER = timedelta(days=60), timedelta(days=7), timedelta(days=30)


@dataclass(frozen=True, slots=True)
class DutyLine:
    """A duty of one bearer in the period that `today` falls in: what was done how often, what is missing (negative: too much).

    `by`: the last day, or the joining day; None where the document states no period. `wanted`: what → how often at least.
    """

    burden: Burden
    since: date
    until: date
    by: date | None
    done: dict[str, int]
    wanted: dict[str, int]
    owed: tuple[Owed, ...]

    @property
    def is_missing(self) -> bool:
        """Whether something is still to be done."""
        return any(one.missing > 0 for one in self.owed)

    def is_asked(self, today: date) -> bool:
        """Whether it is time for it: a joining day around the day itself, everything else all year."""
        if self.burden.joined_on is None or self.by is None:
            return True
        return self.by - _JOINING_AHEAD <= today <= self.by + _JOINING_AFTER


async def list_lines(cycle: Cycle, today: date, only: Collection[int] | None = None) -> list[DutyLine]:
    """Every duty of the cycle, or those that one of the people `only` reports, in the order of the scheme."""
    return await _list_lines(cycle, await load_tree(), today, only)


async def _list_lines(cycle: Cycle, tree: Tree, today: date, only: Collection[int] | None) -> list[DutyLine]:
    burdens = await list_burdens(cycle, tree, only)
    if not burdens:
        return []
    year = int(cycle.year)
    counted = _by_bearer([*await _reported(cycle, burdens), *await _recorded(cycle, burdens)])
    is_each = any(_is_each(count) for one in burdens for count in one.duty.counts)
    below = _count_below(tree, cycle.organisation_id) if is_each else Counter()
    return [_line(burden, today, year, counted, below) for burden in burdens]


def _count_below(tree: Tree, root_id: int) -> Counter[int]:
    """Organisation → how many branches it has within the cycle's organisation: those of `list_branches`, no others can be told of."""
    within = [node for node in tree.by_id.values() if node.kind == _BRANCH and tree.is_within(node.id, root_id)]
    return Counter(up.id for node in within for up in tree.upwards(node.id))


def _is_each(count: Times) -> bool:
    return count.about == "each_branch"


@dataclass(frozen=True, slots=True)
class _Done:
    """Something done once: by whom, what, when, about which branch."""

    duty: str
    what: str
    organisation_id: int
    person_id: int | None
    on: date
    branch_id: int | None = None


_Bearer = tuple[str, int, int | None]


async def _reported(cycle: Cycle, burdens: Iterable[Burden]) -> list[_Done]:
    places = {one.organisation_id for one in burdens}
    rows = await DutyReport.filter(cycle_id=cycle.id, organisation_id__in=places)
    return [_Done(one.duty, one.what, one.organisation_id, one.person_id, one.done_on, one.branch_id) for one in rows]


async def _recorded(cycle: Cycle, burdens: Sequence[Burden]) -> list[_Done]:
    """Records of organisational life that count: asked once, used everywhere. A leader's lecture is theirs wherever it was kept."""
    counts = {(one.duty.key, count) for one in burdens for count in one.duty.counts if count.evidence is not None}
    kinds = {count.evidence.record for _, count in counts if count.evidence}
    records = await _records(cycle, kinds, burdens) if kinds else []
    hosts = await _hosts(records)
    places: dict[tuple[str, int], set[int]] = {}
    for one in burdens:
        if one.person_id is not None:
            places.setdefault((one.duty.key, one.person_id), set()).add(one.organisation_id)
    found = []
    for duty, count in counts:
        for record in (one for one in records if _counts_for(one, count)):
            found.append(_Done(duty, count.what, record.organisation_id, None, record.held_on))
            people = {one for one in (record.concerns_id, hosts.get(record.host)) if one is not None}
            found += [
                _Done(duty, count.what, place, person, record.held_on)
                for person in people
                for place in places.get((duty, person), ())
            ]
    return found


def _counts_for(record: Record, count: Times) -> bool:
    evidence = count.evidence
    if evidence is None or record.kind != evidence.record:
        return False
    return evidence.check is None or bool(record.answers.get("checks", {}).get(evidence.check))


def _by_bearer(done: Iterable[_Done]) -> dict[_Bearer, list[_Done]]:
    found: dict[_Bearer, list[_Done]] = {}
    for one in done:
        found.setdefault((one.duty, one.organisation_id, one.person_id), []).append(one)
    return found


def _records(cycle: Cycle, kinds: Collection[str], burdens: Sequence[Burden]) -> QuerySet[Record]:
    """The year's records that may count for one of the bearers: of their organisation, or hosted by them anywhere."""
    year = int(cycle.year)
    places = {one.organisation_id for one in burdens}
    leaders = {one.name for one in burdens if one.person_id is not None and one.joined_on is None}
    near = Q(Q(organisation_id__in=places), Q(host__in=leaders), join_type="OR")
    found = Record.filter(near, kind__in=kinds, held_on__gte=date(year, 1, 1), held_on__lte=date(year, 12, 31))
    return found.exclude(state=RETURNED)


async def _hosts(records: Iterable[Record]) -> dict[str, int]:
    """Name → person, of those hosts whose name only one person of the roster has."""
    names = {record.host for record in records if record.host}
    people = await Person.filter(name__in=names) if names else []
    often = Counter(one.name for one in people)
    return {one.name: one.id for one in people if often[one.name] == 1}


def _line(burden: Burden, today: date, year: int, done: Mapping[_Bearer, list[_Done]], below: Counter[int]) -> DutyLine:
    duty = burden.duty
    since, until = _period(duty, today, year)
    bearer = (duty.key, burden.organisation_id, burden.person_id)
    mine = [one for one in done.get(bearer, ()) if since <= one.on <= until]
    counts = {count.what: _count(count, [one for one in mine if one.what == count.what]) for count in duty.counts}
    wanted = {count.what: _low(count, below[burden.organisation_id]) for count in duty.counts}
    missing = tuple(
        Owed(one.what, counts[one.what], wanted[one.what] - counts[one.what])
        for one in duty.counts
        if _is_each(one) and counts[one.what] < wanted[one.what]
    )
    each = {one.what for one in duty.counts if _is_each(one)}
    rest = tuple(one for one in owed(duty, counts) if one.what not in each)
    return DutyLine(burden, since, until, _by(burden, until, year), counts, wanted, (*rest, *missing))


def _low(count: Times, branches: int) -> int:
    return branches if _is_each(count) else count.low


def _count(count: Times, done: Sequence[_Done]) -> int:
    return len({one.branch_id for one in done}) if _is_each(count) else len(done)


def _period(duty: Duty, today: date, year: int) -> tuple[date, date]:
    """The period of the duty within the cycle's year that today falls in; the whole year where none is stated."""
    months = _MONTHS.get(duty.per, 12)
    month = (min(max(today, date(year, 1, 1)), date(year, 12, 31)).month - 1) // months * months + 1
    last = month + months - 1
    return date(year, month, 1), date(year, last, calendar.monthrange(year, last)[1])


def _by(burden: Burden, until: date, year: int) -> date | None:
    if burden.duty.per == "unstated":
        return None
    joined = burden.joined_on
    if burden.duty.per != "joining_day" or joined is None:
        return until
    leap = joined.month == 2 and joined.day == 29 and not calendar.isleap(year)
    return date(year, 2, 28) if leap else joined.replace(year=year)


async def open_cycles(today: date) -> list[Cycle]:
    """The cycles in which duties can be reported: this year's, and last year's while they run on; oldest first."""
    this_year = str(today.year)
    found = await Cycle.filter(year__in=[str(today.year - 1), this_year]).order_by("id")
    days = await stage_days_of([one for one in found if one.year != this_year])
    return [one for one in found if one.year == this_year or runs_on(one, days[one.id].values(), today)]


async def list_for(person_id: int, today: date) -> list[DutyLine]:
    """The duties that this person reports now, over all schemes: this year's, and those of last year's last period."""
    return await _list_current(today, [person_id])


async def _list_current(today: date, person_ids: Sequence[int]) -> list[DutyLine]:
    tree = await load_tree()
    return [line for cycle in await open_cycles(today) for line in await _list_lines(cycle, tree, today, person_ids)]


async def list_branches(cycle: Cycle) -> list[tuple[int, str]]:
    """The branches within the cycle's organisation, by code: (id, name), no two names alike."""
    tree = await load_tree()
    nodes = [node for node in tree.by_id.values() if node.kind == _BRANCH]
    within = [node for node in nodes if tree.is_within(node.id, cycle.organisation_id)]
    often = Counter(node.name for node in within)
    return [(node.id, node.name if often[node.name] == 1 else f"{node.name}（{node.code}）") for node in within]


async def list_dues(now: datetime, person_ids: Sequence[int]) -> list[Due]:
    """What is owed, for each who reports it. A duty without a stated period is nobody's due."""
    today, people = now.astimezone(SHANGHAI).date(), set(person_ids)
    return [
        _due(line, line.by, person)
        for line in await _list_current(today, person_ids)
        if line.is_missing and line.by is not None and today <= _last_asked(line, line.by)
        for person in sorted(line.burden.reporters & people)
    ]


def _last_asked(line: DutyLine, by: date) -> date:
    return by + _JOINING_AFTER if line.burden.joined_on is not None else date.max


def _due(line: DutyLine, by: date, person_id: int) -> Due:
    burden, duty = line.burden, line.burden.duty
    missing = "、".join(_missing_text(one, line.wanted[one.what]) for one in line.owed if one.missing > 0)
    key = f"duty:{burden.cycle.id}:{duty.key}:{burden.organisation_id}:{burden.person_id or ''}:{line.since}"
    joining = burden.joined_on is not None
    text = f"{burden.name}的入党日：{missing}" if joining else f"{duty.title}：{missing}"
    ahead = _JOINING_AHEAD if joining else min(_AHEAD, (line.until - line.since) / 2)
    cycle = burden.cycle
    return Due(person_id, key, text, WORD, by=by, from_day=by - ahead, scheme=cycle.scheme, cycle_id=cycle.id)


def _missing_text(one: Owed, wanted: int) -> str:
    return one.what if wanted == 1 else f"{one.what}（{one.done}/{wanted}）"
