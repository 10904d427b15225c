"""Who is to be told what was decided about a subject: the person, or the secretaries of the organisation; and who asked for it."""

from models.cycles import CycleSubject
from models.people import SECRETARY, Person, Post


async def find_parties(subject: CycleSubject, *staff_nos: str | None) -> list[int]:
    """Numbers of the people concerned, each once: those named (unknown ones, such as `command`, are passed over), then the subject."""
    named = await Person.filter(staff_no__in=[one for one in staff_nos if one]).order_by("id")
    return list(dict.fromkeys([*(person.id for person in named), *await _of(subject)]))


async def _of(subject: CycleSubject) -> list[int]:
    if subject.person_id is not None:
        return [subject.person_id]
    seats = Post.filter(title=SECRETARY, organisation_id=subject.organisation_id)
    return [post.person_id for post in await seats]


async def find_assessed(cycle_id: int) -> list[int]:
    """Numbers of all people whom a cycle assesses, and of the secretaries of the organisations that it assesses; each once."""
    subjects = await CycleSubject.filter(cycle_id=cycle_id, exempt=None).order_by("position")
    organisations = {one.organisation_id for one in subjects if one.person_id is None}
    seats = await Post.filter(title=SECRETARY, organisation_id__in=list(organisations))
    people = [one.person_id for one in subjects if one.person_id is not None]
    return list(dict.fromkeys([*people, *(post.person_id for post in seats)]))
