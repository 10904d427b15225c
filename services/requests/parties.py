"""Who is to be told what was decided about a subject: the person, or whoever leads the organisation; and who asked for it."""

from collections.abc import Collection

from models.cycles import CycleSubject
from models.people import Person
from services.entitlements import SELF_RATE
from services.successors import find_successors


async def find_parties(subject: CycleSubject, *staff_nos: str | None) -> list[int]:
    """Numbers of the people concerned, each once: those named (unknown ones, such as `command`, are passed over), then the subject."""
    named = await Person.filter(staff_no__in=[one for one in staff_nos if one]).order_by("id")
    return list(dict.fromkeys([*(person.id for person in named), *await _of(subject)]))


async def _of(subject: CycleSubject) -> list[int]:
    if subject.person_id is not None:
        return [subject.person_id]
    return await _heads([subject.organisation_id])


async def _heads(organisation_ids: Collection[int]) -> list[int]:
    """The secretary of each, the deputy where it has none."""
    successors = await find_successors(SELF_RATE, organisation_ids)
    heads = (successors.who(one) for one in organisation_ids)
    return [one for one in heads if one is not None]


async def find_assessed(cycle_id: int) -> list[int]:
    """Numbers of all people whom a cycle assesses, and of those who lead the organisations that it assesses; each once."""
    subjects = await CycleSubject.filter(cycle_id=cycle_id, exempt=None).order_by("position")
    organisations = dict.fromkeys(one.organisation_id for one in subjects if one.person_id is None)
    people = [one.person_id for one in subjects if one.person_id is not None]
    return list(dict.fromkeys([*people, *await _heads(list(organisations))]))
