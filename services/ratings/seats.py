"""Who sits in the seats of a round now: a draw gives a subject to an organisation, so its seat goes with the post of the secretary."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.assignments import Assignment, Draw, list_assignments
from models.cycles import CycleSubject
from models.people import Person
from models.ratings import SUBMITTED, Rating
from services.entitlements import SELF_RATE
from services.ratings.assignments import concerns, homes_of
from services.successors import Successors, find_successors


@dataclass(frozen=True, slots=True)
class Seat:
    """An assignment with who holds it now, and whether the subject is rated in that round, by whoever."""

    assignment: Assignment
    holder: Person | None
    is_rated: bool


async def list_seats(cycle_id: int, round: str | None = None) -> list[Seat]:
    """The seats of a cycle, of one round or of all, by round and subject."""
    rows = await list_assignments([cycle_id], round)
    done = await Rating.filter(subject__cycle_id=cycle_id, state=SUBMITTED).values_list("subject_id", "round")
    rated, holders = {(int(subject), str(key)) for subject, key in done}, await holders_of(rows)
    people = {one.id: one for one in await Person.filter(id__in={who for who in holders.values() if who is not None})}
    return [Seat(one, people.get(holders[one.id] or 0), (one.subject_id, one.round) in rated) for one in rows]


async def holders_of(assignments: Sequence[Assignment]) -> dict[int, int | None]:
    """Assignment id → who rates: whom the office named, or who leads the organisation that was drawn; None where nobody does.

    Whoever was drawn keeps the seat as long as they lead it; nobody keeps one for what has become theirs since then. The assignments
    come with their subjects.
    """
    drawn = [one for one in assignments if one.draw_id is not None]
    of_branches = {one.person_id for one in assignments if one.subject.person_id is None}
    homes = await homes_of(await Person.filter(id__in=of_branches)) if of_branches else set()
    found = {one.id: None if concerns(one.subject, one.person_id, homes) else one.person_id for one in assignments}
    return found | await _seated(drawn) if drawn else found


async def _seated(drawn: Sequence[Assignment]) -> dict[int, int | None]:
    places = await _reviewers(drawn)
    successors = await find_successors(SELF_RATE, set(places.values()))
    passed_on = [
        one for one in drawn if one.id in places and successors.who(places[one.id], one.person_id) != one.person_id
    ]
    return await _passed_on(passed_on, places, successors) if passed_on else {}


async def _passed_on(
    seats: Sequence[Assignment], places: Mapping[int, int], successors: Successors
) -> dict[int, int | None]:
    """To the first of the heads who would not rate what is theirs."""
    heads = {one.id: successors.all_of(places[one.id]) for one in seats}
    people = Person.filter(id__in={person for those in heads.values() for person in those})
    homes = await homes_of(await people)
    return {
        one.id: next((person for person in heads[one.id] if not concerns(one.subject, person, homes)), None)
        for one in seats
    }


async def _reviewers(drawn: Sequence[Assignment]) -> dict[int, int]:
    """Assignment id → the organisation that was drawn to rate; people who were drawn or named as such have none."""
    draws = {one.id: one.found.get("reviewers", {}) for one in await Draw.filter(id__in={one.draw_id for one in drawn})}
    keys = {one.id: draws[one.draw_id].get(one.subject.key) for one in drawn if one.draw_id is not None}
    cycles = {one.subject.cycle_id for one in drawn}
    rows = CycleSubject.filter(cycle_id__in=cycles, key__in={key for key in keys.values() if key}, person_id=None)
    places = {(row.cycle_id, row.key): row.organisation_id for row in await rows}
    found = {one.id: places.get((one.subject.cycle_id, keys[one.id])) for one in drawn}
    return {number: place for number, place in found.items() if place is not None}
