"""Scores still to be entered, as things to do: who has to enter how many of which kind, until the stage in which it is done."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from models.assignments import list_assigned_rounds
from models.cycles import Cycle, CycleSubject
from models.inputs import count_entered, count_subjects, list_entered
from models.people import Post
from scoring.scheme import Scheme
from services.cycles.cycles import scheme_of
from services.cycles.stages import StageDays, list_running, stage_days_of
from services.dues import Due
from services.entitlements import OFFICE, Actor, Scope
from services.trees import load_tree

_INDICATORS, _FULL_REVIEW = "indicators.", "full_review"
Reach = frozenset[int] | None


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What is entered for one kind of subject in one go: a component, a grade, or all indicators together."""

    kind: str
    slots: tuple[str, ...]
    label: str

    @property
    def round(self) -> str:
        return _FULL_REVIEW if self.slots[0].startswith(_INDICATORS) else self.slots[0].partition(".")[2]


async def list_dues(now: datetime, person_ids: Sequence[int]) -> list[Due]:
    """What these people have to enter in the running cycles; not what the office may only transcribe for others, and not the
    rounds that are assigned by name (`services.ratings.rating_dues`).
    """
    actors = await _actors(person_ids)
    cycles = await list_running(now, published=False) if actors else []
    days = await stage_days_of(cycles)
    tree = await load_tree() if cycles else None
    assigned = await list_assigned_rounds([one.id for one in cycles])
    found: list[Due] = []
    for cycle in cycles:
        assert tree is not None
        sheets = [one for one in _sheets(scheme_of(cycle)) if one.round not in assigned.get(cycle.id, ())]
        found += await _dues_in(cycle, Scope(tree, cycle.organisation_id), actors, days[cycle.id], sheets)
    return found


async def _actors(person_ids: Sequence[int]) -> list[Actor]:
    posts = Post.filter(person_id__in=list(person_ids)).exclude(title__in=OFFICE).order_by("person_id", "id")
    held: dict[int, list[Post]] = {}
    for post in await posts.select_related("person"):
        held.setdefault(post.person_id, []).append(post)
    return [
        Actor(own[0].person.staff_no, one, tuple((post.title, post.organisation_id) for post in own))
        for one, own in held.items()
    ]


async def _dues_in(
    cycle: Cycle, scope: Scope, actors: Sequence[Actor], days: Mapping[str, StageDays], sheets: Sequence[_Sheet]
) -> list[Due]:
    reach = {(actor.person_id, sheet): scope.reach_of(actor, sheet.slots) for actor in actors for sheet in sheets}
    wanted = {key: orgs for key, orgs in reach.items() if orgs is None or orgs}
    if not wanted:
        return []
    missing = await _count_missing(cycle, sheets, wanted.values())
    own = await _count_own(cycle, sheets, [actor.person_id for actor in actors if actor.person_id is not None])
    found = []
    for (person_id, sheet), orgs in wanted.items():
        assert person_id is not None, "actors here are people"
        by_org = missing[sheet]
        count = sum(by_org.values()) if orgs is None else sum(by_org[org] for org in orgs)
        count -= sum(one in (orgs or {one}) for one in own[person_id, sheet])
        if count > 0:
            found.append(_due(cycle, person_id, sheet, count, days))
    return found


def _due(cycle: Cycle, person_id: int, sheet: _Sheet, count: int, days: Mapping[str, StageDays]) -> Due:
    stage = next((one for one in days.values() if sheet.round in one.stage.rounds), None)
    return Due(
        person_id,
        f"entry:{cycle.id}:{sheet.kind}:{sheet.round}",
        f"「{cycle.title}」{sheet.label}还有 {count} 项等您打分",
        "打分",
        by=stage.due if stage else None,
        soft_by=stage.soft if stage else None,
        from_day=stage.starts if stage else None,
        scheme=cycle.scheme,
        cycle_id=cycle.id,
    )


def _sheets(scheme: Scheme) -> Iterator[_Sheet]:
    for kind, track in scheme.track_of.items():
        for key, known in track.components.items():
            yield _Sheet(kind, (f"scores.{key}",), known.label)
        if track.indicators:
            yield _Sheet(kind, tuple(f"{_INDICATORS}{key}" for key in track.indicators), "指标")
        for name, words in track.choices.items():
            if words:
                yield _Sheet(kind, (f"facts.{name}",), "等次")


async def _count_missing(
    cycle: Cycle, sheets: Sequence[_Sheet], reaches: Collection[Reach]
) -> dict[_Sheet, Counter[int]]:
    """By sheet and organisation, how many values are not there: those of subjects, less those entered."""
    reaches = list(reaches)
    orgs = None if None in reaches else sorted({org for one in reaches if one for org in one})
    subjects = await count_subjects(cycle.id, orgs)
    entered = await count_entered(cycle.id, orgs)
    found: dict[_Sheet, Counter[int]] = {}
    for sheet in sheets:
        by_org = Counter(
            {org: count * len(sheet.slots) for (kind, org), count in subjects.items() if kind == sheet.kind}
        )
        for slot in sheet.slots:
            by_org.subtract(
                {org: count for (kind, org, of), count in entered.items() if (kind, of) == (sheet.kind, slot)}
            )
        found[sheet] = by_org
    return found


async def _count_own(
    cycle: Cycle, sheets: Sequence[_Sheet], person_ids: Sequence[int]
) -> dict[tuple[int, _Sheet], list[int]]:
    """For each person and sheet, the organisations of missing values that are about themselves: others enter those."""
    found: dict[tuple[int, _Sheet], list[int]] = {(one, sheet): [] for one in person_ids for sheet in sheets}
    subjects = await CycleSubject.filter(cycle_id=cycle.id, person_id__in=list(person_ids), exempt=None)
    entered = await list_entered([one.id for one in subjects])
    for subject in subjects:
        assert subject.person_id is not None, "it was asked for by it"
        for sheet in sheets:
            if sheet.kind == subject.kind:
                left = [slot for slot in sheet.slots if (subject.id, slot) not in entered]
                found[subject.person_id, sheet] += [subject.organisation_id] * len(left)
    return found
