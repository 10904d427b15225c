"""How far each rater is: so many assigned, so many handed in."""

from collections import Counter
from dataclasses import dataclass

from models.assignments import list_assignments
from models.cycles import Cycle
from models.people import Person
from models.ratings import SUBMITTED, list_ratings


@dataclass(frozen=True, slots=True)
class RaterProgress:
    """One rater in one round. `assigned`: subjects given to them by name; `done`: sheets of theirs that are handed in."""

    round: str
    person: Person
    assigned: int
    done: int


async def list_progress(cycle: Cycle) -> list[RaterProgress]:
    """Everybody who is assigned or has handed in anything, by round and staff number. Two queries."""
    assigned, ratings = await list_assignments([cycle.id]), await list_ratings([cycle.id])
    people = {one.person.id: one.person for one in assigned} | {one.rater.id: one.rater for one in ratings}
    given = Counter((one.round, one.person_id) for one in assigned)
    done = Counter((one.round, one.rater_id) for one in ratings if one.state == SUBMITTED)
    found = [
        RaterProgress(round, people[person], given[round, person], done[round, person])
        for round, person in {*given, *done}
    ]
    return sorted(found, key=lambda one: (one.round, one.person.staff_no))
