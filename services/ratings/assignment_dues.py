"""Rounds that only those rate whom the office names (互评, 抽查): what is assigned in them, and what the office still has to assign."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.assignments import Assignment
from models.cycles import Cycle
from models.inputs import Input
from models.ratings import Rating
from scoring.rounds import SELF, Round, rounds_of
from services.cycles.cycles import scheme_of
from services.cycles.stages import StageDays, list_running, stage_days_of
from services.dues import Due
from services.entitlements import ASSIGN, OFFICE, Actor, Scope, list_holders, posts_for
from services.trees import load_tree

WORD = "分派"
_AHEAD = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class NamedRound:
    """A round of a running cycle with the days of its stage. `assigned`: lines; `is_begun`: somebody has rated in it, or a score
    that came on paper has been entered."""

    cycle: Cycle
    round: Round
    days: StageDays
    assigned: int
    is_begun: bool

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to be named for it."""
        return not self.assigned and not self.is_begun and self.days.finished_at is None


async def list_named_rounds(now: datetime) -> list[NamedRound]:
    """Those of all running cycles without a published result, in the order of the year."""
    cycles = await list_running(now, published=False)
    rounds = {cycle.id: tuple(_rounds(cycle)) for cycle in cycles}
    ids = [one for one, found in rounds.items() if found]
    if not ids:
        return []
    days = await stage_days_of(cycles)
    lines = Assignment.filter(subject__cycle_id__in=ids).values_list("subject__cycle_id", "round")
    assigned = Counter((int(cycle), str(key)) for cycle, key in await lines)
    begun = await _begun(ids, [round for found in rounds.values() for round in found])
    return [
        NamedRound(
            cycle, one, days[cycle.id][one.stage.key], assigned[cycle.id, one.key], (cycle.id, one.act()) in begun
        )
        for cycle in cycles
        for one in rounds[cycle.id]
        if one.stage is not None
    ]


def _rounds(cycle: Cycle) -> Iterator[Round]:
    """The rounds that no post but the office's gives."""
    scheme = scheme_of(cycle)
    found = {one.key: one for kind in scheme.track_of for one in rounds_of(scheme, kind).values()}
    for one in found.values():
        if one.key != SELF and one.stage is not None and posts_for(one.act()) == "、".join(OFFICE):
            yield one


async def _begun(cycle_ids: Sequence[int], rounds: Sequence[Round]) -> set[tuple[int, str]]:
    """(cycle, what is given) wherever anything is there already."""
    acts = {one.key: one.act() for one in rounds}
    rated = Rating.filter(subject__cycle_id__in=list(cycle_ids), round__in=list(acts)).distinct()
    entered = Input.filter(subject__cycle_id__in=list(cycle_ids), replaced_at=None, slot__in=list(acts.values()))
    standing = entered.exclude(content="null").distinct()
    return {
        *((int(cycle), acts[str(key)]) for cycle, key in await rated.values_list("subject__cycle_id", "round")),
        *((int(cycle), str(slot)) for cycle, slot in await standing.values_list("subject__cycle_id", "slot")),
    }


async def list_dues(now: datetime, person_ids: Sequence[int]) -> list[Due]:
    """For the office: each such round is to be assigned from the day on which its stage begins (S0-09, S0-10)."""
    actors = await list_holders(ASSIGN, person_ids)
    waiting = [one for one in await list_named_rounds(now) if one.is_open] if actors else []
    tree = await load_tree() if waiting else None
    return [
        _due(actor, one)
        for one in waiting
        for actor in actors
        if tree is not None and Scope(tree, one.cycle.organisation_id).may(actor, ASSIGN)
    ]


def _due(actor: Actor, one: NamedRound) -> Due:
    assert actor.person_id is not None, "actors here are people"
    first = min((day for day in (one.days.soft, one.days.due) if day is not None), default=None)
    return Due(
        actor.person_id,
        f"assign:{one.cycle.id}:{one.round.key}",
        f"「{one.cycle.title}」{one.round.label}还没有分派打分人",
        WORD,
        by=one.days.due,
        soft_by=one.days.soft,
        from_day=one.days.starts or (first - _AHEAD if first is not None else None),
        scheme=one.cycle.scheme,
        cycle_id=one.cycle.id,
    )
