"""Ratings that nobody can give now: of organisations that nobody leads, in seats whose holder is gone, sheets given back to nobody."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from models.assignments import Assignment
from models.cycles import Cycle, CycleSubject
from models.inputs import list_entered
from models.ratings import SUBMITTED, Rating
from scoring.rounds import SELF, rounds_of
from services.cycles.coverages import is_rated
from services.cycles.cycles import scheme_of
from services.cycles.stages import list_running
from services.entitlements import SELF_RATE
from services.ratings.reopenings import list_reopened
from services.ratings.seats import holders_of
from services.successors import Stranded, find_successors, list_departed


async def list_stranded(now: datetime) -> list[Stranded]:
    """In the running cycles without a published result."""
    cycles = {one.id: one for one in await list_running(now, published=False)}
    nobody = [row for row, people in await list_reopened(list(cycles.values()), None) if not people]
    return [
        *await _unled(cycles),
        *await _seats(cycles),
        *(_stranded(cycles, row.subject, row.round, "被退回，没有人重新提交") for row in nobody),
    ]


async def _unled(cycles: Mapping[int, Cycle]) -> list[Stranded]:
    rows = CycleSubject.filter(cycle_id__in=list(cycles), exempt=None, person_id=None).order_by("position")
    subjects = [one for one in await rows if SELF in rounds_of(scheme_of(cycles[one.cycle_id]), one.kind)]
    successors = await find_successors(SELF_RATE, {one.organisation_id for one in subjects})
    unled = [one for one in subjects if successors.who(one.organisation_id) is None]
    rated = await _rated(one.id for one in unled)
    return [_stranded(cycles, one, SELF, "没有人做") for one in unled if (one.id, SELF) not in rated]


async def _rated(subject_ids: Iterable[int]) -> set[tuple[int, str]]:
    rows = Rating.filter(subject_id__in=list(subject_ids), state=SUBMITTED)
    return {(int(subject), str(key)) for subject, key in await rows.values_list("subject_id", "round")}


async def _seats(cycles: Mapping[int, Cycle]) -> list[Stranded]:
    """Not rated yet: drawn for an organisation that nobody leads now, or given by name to somebody who has given up every post since
    then or now belongs to what they would rate.
    """
    rows = Assignment.filter(subject__cycle_id__in=list(cycles), subject__exempt=None).order_by("id")
    seats = await rows.select_related("subject", "person", "draw")
    ids = {one.subject_id for one in seats}
    rated, entered = await _rated(ids), await list_entered(list(ids))
    waiting = []
    for one in seats:
        round = rounds_of(scheme_of(cycles[one.subject.cycle_id]), one.subject.kind).get(one.round)
        if round is not None and not is_rated(one.subject, round, rated, entered):
            waiting.append(one)
    holders, departed = await holders_of(waiting), await list_departed()
    found = [(one, _why(one, holders[one.id], departed)) for one in waiting]
    return [_stranded(cycles, one.subject, one.round, why) for one, why in found if why]


def _why(seat: Assignment, holder: int | None, departed: set[int]) -> str:
    """Why nobody rates in this seat; empty where somebody does."""
    is_an_organisations = seat.draw is not None and seat.subject.key in seat.draw.found.get("reviewers", {})
    if is_an_organisations:
        return "抽到的组织现在没有人打分" if holder is None else ""
    if holder is None:
        return f"分派给{seat.person.name}，现在和被评的是一家，不能打分"
    return f"分派给{seat.person.name}，已卸任" if holder in departed else ""


def _stranded(cycles: Mapping[int, Cycle], subject: CycleSubject, round_key: str, what: str) -> Stranded:
    cycle = cycles[subject.cycle_id]
    round = rounds_of(scheme_of(cycle), subject.kind).get(round_key)
    label = round.label if round is not None else round_key
    return Stranded(subject.organisation_id, f"「{cycle.title}」{subject.name}{label}{what}")
