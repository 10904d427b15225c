"""What a person may enter in a cycle, and what of it is there already: for the flow 打分 (for 任务: `services.entry_dues`)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tortoise.expressions import Q

from models.cycles import Cycle, CycleSubject
from models.inputs import Input
from models.people import Person
from models.runs import Publication
from scoring.numbers import show
from scoring.scheme import Track
from services.cycles import scheme_of
from services.entitlements import Actor, Scope, find_actor
from services.trees import load_tree

# What can be chosen from on a phone.
MOST = 200


@dataclass(frozen=True, slots=True)
class Slot:
    """One value to enter: within [low, high], or one of `words`. `current`: the value that stands, None where there is none."""

    slot: str
    label: str
    low: str = ""
    high: str = ""
    words: tuple[str, ...] = ()
    current: Any = None


@dataclass(frozen=True, slots=True)
class EntrySubject:
    """A subject and what may be entered for it."""

    key: str
    name: str
    slots: tuple[Slot, ...]


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
    """What the person may enter, by cycle, newest first. Published cycles are closed to this door (not to the office's command)."""
    return await _list(await find_actor(person.staff_no))


async def _list(actor: Actor) -> list[EntryList]:
    if not actor.posts:
        return []
    published = [one.cycle_id for one in await Publication.all().only("cycle_id")]
    tree = await load_tree()
    found = []
    for cycle in await Cycle.exclude(id__in=published).order_by("-year", "-id"):
        scope = Scope(tree, cycle.organisation_id)
        fitting = _fitting(cycle, actor, scope)
        count = 0 if fitting is None else await CycleSubject.filter(fitting).count()
        if fitting is not None and count:
            subjects = await CycleSubject.filter(fitting).order_by("position") if count <= MOST else []
            found.append(EntryList(cycle, tuple(await _with_slots(cycle, actor, scope, subjects)), count))
    return [one for one in found if one.subjects or one.count > MOST]


def _fitting(cycle: Cycle, actor: Actor, scope: Scope) -> Q | None:
    """The subjects that the actor may enter something for; None where there can be none."""
    found: list[Q] = []
    for kind, track in scheme_of(cycle).track_of.items():
        reach = scope.reach_of(actor, (slot.slot for slot in _slots(track)))
        if reach is None or reach:
            found.append(Q(kind=kind) if reach is None else Q(kind=kind, organisation_id__in=list(reach)))
    return Q(Q(*found, join_type="OR"), cycle_id=cycle.id, exempt=None) if found else None


async def _with_slots(cycle: Cycle, actor: Actor, scope: Scope, subjects: Sequence[CycleSubject]) -> list[EntrySubject]:
    tracks = scheme_of(cycle).track_of
    standing = await Input.filter(subject_id__in=[one.id for one in subjects], replaced_at=None)
    current = {(one.subject_id, one.slot): one.value for one in standing}
    found = []
    for subject in subjects:
        slots = tuple(
            replace(slot, current=current.get((subject.id, slot.slot)))
            for slot in _slots(tracks[subject.kind])
            if scope.may(actor, slot.slot, subject) and not _is_counted(subject, slot, current)
        )
        if slots:
            found.append(EntrySubject(subject.key, subject.name, slots))
    return found


def _is_counted(subject: CycleSubject, slot: Slot, current: dict[tuple[int, str], Any]) -> bool:
    """Whether counted ballots stand in place of the score."""
    return current.get((subject.id, slot.slot.replace("scores.", "ballots."))) is not None and slot.slot.startswith(
        "scores."
    )


def _slots(track: Track) -> Iterator[Slot]:
    for key, known in track.components.items():
        yield Slot(f"scores.{key}", known.label, show(known.low), show(known.high))
    for key, known in track.indicators.items():
        yield Slot(f"indicators.{key}", f"{known.label} {key.rpartition('.')[2]}", show(known.low), show(known.high))
    for name, words in track.choices.items():
        if words:
            yield Slot(f"facts.{name}", "等次", words=words)
