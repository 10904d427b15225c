"""Who may vote in a meeting or an evaluation, and in which class; looked up from what its file names."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from config.refusals import BadInput
from models.meetings import Meeting, MeetingClass
from models.organisations import Organisation, list_below
from models.people import Person
from services.meetings.meeting_files import MeetingFile


@dataclass(frozen=True, slots=True)
class VoterClass:
    """A class of voters; `weight` is a decimal string."""

    name: str
    weight: str


@dataclass(frozen=True, slots=True)
class Electorate:
    """The voters: person id -> number of the class in `classes`. `doubles`: 「姓名(工号)」 of people found in two classes."""

    classes: tuple[VoterClass, ...]
    people: dict[int, int]
    doubles: tuple[str, ...]

    def class_name(self, person_id: int) -> str | None:
        """The class that the person votes in, None where they do not vote."""
        number = self.people.get(person_id)
        return None if number is None else self.classes[number].name

    def sizes(self) -> dict[str, int]:
        """How many voters each class has."""
        sizes = {one.name: 0 for one in self.classes}
        for number in self.people.values():
            sizes[self.classes[number].name] += 1
        return sizes


async def electorate_of(meeting: Meeting) -> Electorate:
    """Everybody of the meeting's classes as the roster stands now."""
    classes = await MeetingClass.filter(meeting=meeting).order_by("position")
    return _told_apart(
        [(VoterClass(one.name, one.weight), await _members(one.voters, one.orgs)) for one in classes],
    )


async def electorate_of_branch(code: str, classes: Sequence[Mapping[str, Any]]) -> Electorate:
    """Everybody of an evaluation's classes (`models.evaluations`): of the branch and below it by status, others by name and place."""
    own = await list_below(code)
    found = []
    for one in classes:
        members = await Person.filter(organisation__code__in=own, status__in=one["statuses"])
        named = await _members(one["voters"], one["orgs"])
        found.append((VoterClass(one["name"], one["weight"]), [*members, *named]))
    return _told_apart(found)


def _told_apart(classes: list[tuple[VoterClass, list[Person]]]) -> Electorate:
    people: dict[int, int] = {}
    doubles: dict[str, None] = {}
    for number, (_, members) in enumerate(classes):
        for person in members:
            if people.setdefault(person.id, number) != number:
                doubles[f"{person.name}（{person.staff_no}）"] = None
    return Electorate(tuple(one for one, _ in classes), people, tuple(doubles))


async def _members(voters: Iterable[str], orgs: Iterable[str]) -> list[Person]:
    named = await Person.filter(staff_no__in=list(voters))
    of_orgs = await Person.filter(organisation__code__in=list(orgs))
    return list({person.id: person for person in (*named, *of_orgs)}.values())


async def check_people(file: MeetingFile) -> dict[str, int]:
    """Person ids by staff number of all that a meeting file names. Raises `BadInput` with every unknown or doubled person."""
    wanted = _named(file)
    people = {one.staff_no: one for one in await Person.filter(staff_no__in=[number for _, number in wanted])}
    faults = [f"{path}：工号「{number}」不在名册中" for path, number in wanted if number not in people]
    orgs = [(f"classes.{one.name}.orgs", code) for one in file.classes for code in one.orgs]
    known = {one.code for one in await Organisation.filter(code__in=[code for _, code in orgs])}
    faults += [f"{path}：组织编码「{code}」不在名册中" for path, code in orgs if code not in known]
    faults += await _doubles(file)
    if faults:
        raise BadInput(faults)
    return {number: one.id for number, one in people.items()}


def _named(file: MeetingFile) -> list[tuple[str, str]]:
    named = [
        (path, number) for path, numbers in (("hosts", file.hosts), ("leaders", file.leaders)) for number in numbers
    ]
    named += [(f"classes.{one.name}.voters", number) for one in file.classes for number in one.voters]
    return named + [("reporters", number) for number, _ in file.reporters]


async def _doubles(file: MeetingFile) -> list[str]:
    first: dict[int, str] = {}
    faults = []
    for one in file.classes:
        for person in await _members(one.voters, one.orgs):
            if first.setdefault(person.id, one.name) != one.name:
                faults.append(
                    f"classes.{one.name}：{person.name}（{person.staff_no}）同时在「{first[person.id]}」里，一人只能在一个类别投票"
                )
    return faults
