"""Who rates whom: the one place where the table of entitlements and the assignments of a round meet."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from config.refusals import Refusal
from models.assignments import Assignment
from models.cycles import Cycle, CycleSubject
from scoring.rounds import SELF, Round, rounds_of
from scoring.scheme import Scheme
from services.cycles.cycles import scheme_of
from services.cycles.inputs import WhyNot, by_posts
from services.entitlements import OFFICE, SELF_RATE, Actor, Scope, find_actor, find_handed_over, posts_for
from services.ratings.seats import holders_of
from services.trees import Tree, load_tree

Seats = Mapping[str, frozenset[tuple[int, int]]]
"""round → (subject id, person id) of all who are assigned in it now; a round that is not there has no assignments."""


@dataclass(frozen=True, slots=True)
class Raters:
    """Of one cycle: `assigned` goes before the posts of the table wherever a round has any assignment."""

    scope: Scope
    assigned: Seats

    def may(self, actor: Actor, round: Round, subject: CycleSubject) -> bool:
        """Whether the actor rates this subject in this round. Nobody rates themselves, but for the self-rating."""
        if round.key == SELF:
            return self.scope.may(actor, SELF_RATE, subject)
        if actor.person_id is None or actor.person_id == subject.person_id:
            return False
        if round.key in self.assigned:
            return (subject.id, actor.person_id) in self.assigned[round.key]
        return self.scope.may(actor, round.act(), subject)

    def transcribes(self, actor: Actor, slot: str, subject: CycleSubject) -> bool:
        """Whether the actor may put in what others gave on paper: the office by that post alone, or the command line."""
        office = tuple(post for post in actor.posts if post[0] in OFFICE)
        return self.scope.may(replace(actor, posts=office), slot, subject)

    def is_assigned(self, actor: Actor, round: Round, subject: CycleSubject) -> bool:
        """Whether the actor was assigned to this subject by name."""
        return (subject.id, actor.person_id) in self.assigned.get(round.key, frozenset())

    def subjects_of(self, actor: Actor) -> set[int]:
        """The subjects that the actor is assigned to in any round."""
        return {subject for pairs in self.assigned.values() for subject, person in pairs if person == actor.person_id}


async def raters_of(cycle: Cycle) -> Raters:
    """The raters of a cycle, as posts and assignments stand now."""
    return (await raters_of_all([cycle]))[cycle.id]


async def raters_of_all(cycles: Collection[Cycle], tree: Tree | None = None) -> dict[int, Raters]:
    """The same for many cycles, by cycle id, with a few queries."""
    rows = await Assignment.filter(subject__cycle_id__in=[one.id for one in cycles]).select_related("subject")
    holders = await holders_of(rows)
    seats: dict[int, dict[str, set[tuple[int, int]]]] = {}
    for one in rows:
        pairs = seats.setdefault(one.subject.cycle_id, {}).setdefault(one.round, set())
        if (person := holders[one.id]) is not None:
            pairs.add((one.subject_id, person))
    tree = tree or await load_tree()
    return {
        one.id: Raters(
            Scope(tree, one.organisation_id), {key: frozenset(found) for key, found in seats.get(one.id, {}).items()}
        )
        for one in cycles
    }


async def entry_rule(cycle: Cycle) -> WhyNot:
    """Who may put which value into the cycle: where its round is assigned the assigned alone, whatever posts others hold."""
    raters, scheme = await raters_of(cycle), scheme_of(cycle)
    rounds = {kind: _assigned_slots(scheme, kind, raters.assigned) for kind in scheme.track_of}
    of_post = by_posts(raters.scope)

    def why_not(actor: Actor, slot: str, subject: CycleSubject) -> str:
        round = rounds[subject.kind].get(slot)
        if round is None or raters.transcribes(actor, slot, subject):
            return of_post(actor, slot, subject)
        return "" if raters.may(actor, round, subject) else f"「{round.label}」已经分派了打分人，这一项没有分派给您"

    return why_not


def _assigned_slots(scheme: Scheme, kind: str, assigned: Seats) -> dict[str, Round]:
    """Slot → the assigned round that gives it: its total, or its lines where they count themselves."""
    rounds = [one for one in rounds_of(scheme, kind).values() if one.key in assigned]
    return {slot: one for one in rounds for slot in ([one.total] if one.total else [item.slot for item in one.items])}


async def require_rater(cycle: Cycle, subject: CycleSubject, round: Round, staff_no: str) -> Actor:
    """The actor, where they may rate. Raises `Refusal`: `name_needed`, `own_rating`, `not_assigned`, `not_entitled`."""
    return await require_rater_of_all(cycle, [(subject, round)], staff_no)


async def require_rater_of_all(cycle: Cycle, rated: Sequence[tuple[CycleSubject, Round]], staff_no: str) -> Actor:
    """The same for several subjects, each with its round, with the queries of one."""
    actor, raters = await find_actor(staff_no), await raters_of(cycle)
    for subject, round in rated:
        if not raters.may(actor, round, subject):
            raise await _refusal(raters, actor, subject, round)
    return actor


async def _refusal(raters: Raters, actor: Actor, subject: CycleSubject, round: Round) -> Refusal:
    if actor.is_command:
        return Refusal("name_needed", "打分要由具体的人负责，请用 --by 写明工号。", 403)
    if round.key != SELF and subject.person_id == actor.person_id:
        return Refusal("own_rating", "这是您本人的考核，不能自己给自己打分。", 403)
    if round.key in raters.assigned:
        say = f"「{round.label}」已经分派了打分人，「{subject.name}」没有分派给您；有出入请联系组织部门。"
        return Refusal("not_assigned", say, 403)
    act = SELF_RATE if round.key == SELF else round.act()
    if handed_over := await find_handed_over(raters.scope, actor, act, subject):
        return handed_over
    return Refusal("not_entitled", f"您不能打这一项，可以打分的职务：{posts_for(act)}（在本范围内）。", 403)
