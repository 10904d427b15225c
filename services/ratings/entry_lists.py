"""What a person may rate or enter in a cycle, and what of it is there already: for the flow 打分."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from tortoise.expressions import Q

from models.cycles import Cycle, CycleSubject
from models.inputs import Input
from models.people import Person
from models.ratings import DRAFT, SUBMITTED, Rating
from models.runs import Publication
from scoring.numbers import show
from scoring.rounds import SELF, Round, rounds_of
from scoring.scheme import Scheme
from services.cycles.cycles import scheme_of
from services.entitlements import Actor, find_actor
from services.ratings.raters import Raters, raters_of_all

# What can be chosen from on a phone.
MOST = 200
Current = Mapping[tuple[int, str], Any]


@dataclass(frozen=True, slots=True)
class Slot:
    """One value to enter: within [low, high], or one of `words`. `current`: the value that stands, None where there is none.

    `round`: of a whole sheet; then `current` is what it comes to.
    """

    slot: str
    label: str
    low: str = ""
    high: str = ""
    words: tuple[str, ...] = ()
    current: Any = None
    round: str = ""


@dataclass(frozen=True, slots=True)
class EntrySubject:
    """A subject and what may be entered for it. `is_assigned`: it was given to this person by name; `lacks_self`: it has not yet
    rated itself, as it is to do before others rate it (S2-14).
    """

    id: int
    key: str
    name: str
    slots: tuple[Slot, ...]
    is_assigned: bool = False
    lacks_self: bool = False


@dataclass(frozen=True, slots=True)
class EntryList:
    """A cycle and all that a person may enter in it. Beyond `MOST` subjects they are only counted: that is for a workbook."""

    cycle: Cycle
    subjects: tuple[EntrySubject, ...]
    count: int

    @property
    def missing(self) -> int:
        """How many values are not there yet."""
        return sum(slot.current is None for subject in self.subjects for slot in subject.slots)


async def list_entries(person: Person) -> list[EntryList]:
    """What the person may enter, by cycle, newest first, the subjects assigned to them before others.

    Published cycles are closed to this door (not to the office's command).
    """
    actor = await find_actor(person.staff_no)
    published = [one.cycle_id for one in await Publication.all().only("cycle_id")]
    cycles = await Cycle.exclude(id__in=published).order_by("-year", "-id")
    raters = await raters_of_all(cycles)
    found = [one for cycle in cycles if (one := await _list(cycle, actor, raters[cycle.id]))]
    return [one for one in found if one.subjects or one.count > MOST]


async def _list(cycle: Cycle, actor: Actor, raters: Raters) -> EntryList | None:
    fitting = _fitting(cycle, actor, raters)
    count = await CycleSubject.filter(fitting).count() if fitting is not None else 0
    if fitting is None or not count:
        return None
    subjects = await CycleSubject.filter(fitting).order_by("position") if count <= MOST else []
    entries = await _entries(scheme_of(cycle), actor, raters, subjects)
    return EntryList(cycle, tuple(sorted(entries, key=lambda one: not one.is_assigned)), count)


def _fitting(cycle: Cycle, actor: Actor, raters: Raters) -> Q | None:
    """The subjects that the actor may enter something for; None where there can be none."""
    scheme = scheme_of(cycle)
    found = [Q(id__in=sorted(assigned))] if (assigned := raters.subjects_of(actor)) else []
    for kind in scheme.track_of:
        reach = raters.scope.reach_of(actor, _acts(scheme, kind, raters))
        if reach is None or reach:
            found.append(Q(kind=kind) if reach is None else Q(kind=kind, organisation_id__in=list(reach)))
    return Q(Q(*found, join_type="OR"), cycle_id=cycle.id, exempt=None) if found else None


def _rounds(scheme: Scheme, kind: str) -> list[Round]:
    return [one for one in rounds_of(scheme, kind).values() if one.key != SELF]


def _acts(scheme: Scheme, kind: str, raters: Raters) -> Iterator[str]:
    """What posts entitle to; not what is assigned by name."""
    yield from (one.act() for one in _rounds(scheme, kind) if one.key not in raters.assigned)
    yield from (slot.slot for slot in _choices(scheme, kind))


async def _entries(
    scheme: Scheme, actor: Actor, raters: Raters, subjects: Sequence[CycleSubject]
) -> list[EntrySubject]:
    ids = [one.id for one in subjects]
    standing = await Input.filter(subject_id__in=ids, replaced_at=None)
    current = {(one.subject_id, one.slot): one.value for one in standing}
    reopened = Rating.filter(subject_id__in=ids, rater_id=actor.person_id, state=DRAFT)
    drafts = set(await reopened.values_list("subject_id", "round"))
    own = Rating.filter(subject_id__in=ids, round=SELF, state=SUBMITTED)
    rated: set[Any] = set(await own.values_list("subject_id", flat=True))
    found = []
    for subject in subjects:
        rounds = [one for one in _rounds(scheme, subject.kind) if raters.may(actor, one, subject)]
        slots = [_slot(one, subject, current, drafts) for one in rounds if not _is_counted(one, subject, current)]
        slots += [
            replace(one, current=current.get((subject.id, one.slot)))
            for one in _choices(scheme, subject.kind)
            if raters.scope.may(actor, one.slot, subject)
        ]
        if slots:
            assigned = any(raters.is_assigned(actor, one, subject) for one in rounds)
            lacks_self = SELF in rounds_of(scheme, subject.kind) and subject.id not in rated
            found.append(EntrySubject(subject.id, subject.key, subject.name, tuple(slots), assigned, lacks_self))
    return found


def _is_counted(round: Round, subject: CycleSubject, current: Current) -> bool:
    """Whether counted ballots stand in place of the score."""
    return current.get((subject.id, f"ballots.{round.key}")) is not None


def _slot(round: Round, subject: CycleSubject, current: Current, drafts: set[tuple[int, str]]) -> Slot:
    if not round.is_sheet:
        (item,) = round.items
        assert item.low is not None
        assert item.high is not None
        value = current.get((subject.id, item.slot))
        return Slot(item.slot, item.label, show(item.low), show(item.high), current=value)
    total = None if (subject.id, round.key) in drafts else _total(round, subject, current)
    return Slot(f"round.{round.key}", round.label, current=total, round=round.key)


def _total(round: Round, subject: CycleSubject, current: Current) -> str | None:
    if round.total:
        return current.get((subject.id, round.total))
    given = [current.get((subject.id, item.slot)) for item in round.items if item.has_points]
    return None if None in given else show(sum((Fraction(str(one)) for one in given), Fraction(0)))


def _choices(scheme: Scheme, kind: str) -> Iterator[Slot]:
    for name, words in scheme.track_of[kind].choices.items():
        if words:
            yield Slot(f"facts.{name}", "等次", words=words)
