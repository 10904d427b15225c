"""What a person may enter in a cycle, and what of it is there already: for the flow 打分 and for 任务."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from models.cycles import Cycle, CycleSubject
from models.inputs import list_standing
from models.people import Person
from models.runs import Publication
from scoring.numbers import show
from scoring.scheme import Track
from services.cycles import scheme_of
from services.entitlements import OFFICE, Actor, Scope, find_actor
from services.trees import load_tree


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
    """A cycle and all that a person may enter in it."""

    cycle: Cycle
    subjects: tuple[EntrySubject, ...]

    @property
    def missing(self) -> int:
        """How many values are not there yet."""
        return sum(slot.current is None for subject in self.subjects for slot in subject.slots)


async def list_entries(person: Person) -> list[EntryList]:
    """What the person may enter, by cycle, newest first. Published cycles are closed to this door (not to the office's command)."""
    return await _list(await find_actor(person.staff_no))


async def list_duties(person: Person) -> list[EntryList]:
    """The same without what the office may only transcribe for others."""
    actor = await find_actor(person.staff_no)
    posts = tuple((title, organisation) for title, organisation in actor.posts if title not in OFFICE)
    return [one for one in await _list(replace(actor, posts=posts)) if one.missing]


async def _list(actor: Actor) -> list[EntryList]:
    if not actor.posts:
        return []
    published = [one.cycle_id for one in await Publication.all().only("cycle_id")]
    cycles = Cycle.exclude(id__in=published).order_by("-year", "-id")
    tree = await load_tree()
    found = []
    for cycle in await cycles:
        subjects = tuple([one async for one in _subjects(cycle, actor, Scope(tree, cycle.organisation_id))])
        if subjects:
            found.append(EntryList(cycle, subjects))
    return found


async def _subjects(cycle: Cycle, actor: Actor, scope: Scope) -> Any:
    scheme = scheme_of(cycle)
    current = {(one.subject_id, one.slot): one.value for one in await list_standing(cycle.id)}
    for subject in await CycleSubject.filter(cycle_id=cycle.id, exempt=None).order_by("position"):
        slots = tuple(
            replace(slot, current=current.get((subject.id, slot.slot)))
            for slot in _slots(scheme.track_of[subject.kind])
            if scope.may(actor, slot.slot, subject) and not _is_counted(subject, slot, current)
        )
        if slots:
            yield EntrySubject(subject.key, subject.name, slots)


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
