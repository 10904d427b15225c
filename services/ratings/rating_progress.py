"""How far each rater is: so many assigned, so many handed in."""

from collections import Counter
from dataclasses import dataclass

from models.assignments import list_assignments
from models.cycles import Cycle
from models.people import Person
from models.ratings import SUBMITTED, list_ratings
from services.ratings.seats import holders_of


@dataclass(frozen=True, slots=True)
class RaterProgress:
    """One rater in one round. `assigned`: subjects given to them by name; `done`: sheets of theirs that are handed in."""

    round: str
    person: Person
    assigned: int
    done: int


async def list_progress(cycle: Cycle) -> list[RaterProgress]:
    """Everybody who is assigned now or has handed in anything, by round and staff number. A few queries."""
    assigned, ratings = await list_assignments([cycle.id]), await list_ratings([cycle.id])
    holders = await holders_of(assigned)
    seated = await Person.filter(id__in={who for who in holders.values() if who is not None})
    people = {one.id: one for one in seated} | {one.rater.id: one.rater for one in ratings}
    given = Counter((one.round, who) for one in assigned if (who := holders[one.id]) is not None)
    done = Counter((one.round, one.rater_id) for one in ratings if one.state == SUBMITTED)
    found = [
        RaterProgress(round, people[person], given[round, person], done[round, person])
        for round, person in {*given, *done}
    ]
    return sorted(found, key=lambda one: (one.round, one.person.staff_no))
