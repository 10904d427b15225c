"""审核: which filings wait for somebody's verdict, giving it, and the checklist that the office keeps of each report."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from models.cycles import Cycle
from models.filings import Filing, FilingStep, steps_of
from services.cycles.cycles import scheme_of
from services.dues import Due
from services.entitlements import Actor, Scope, list_holders
from services.filings.filing_rules import CLEAR_POINTS, act_of, paper_of, states_of
from services.filings.filing_sheets import Move, Sheet, check_mover, sheet_of
from services.filings.filings import move_filing, open_filing, write_parts
from services.trees import Tree, load_tree

CLEAR, UNCLEAR = "讲清楚了", "没有讲清楚"


class _Desk(NamedTuple):
    """Where filings of one paper of a cycle wait, and the act of whoever takes them from there."""

    cycle: Cycle
    paper: str
    state: str
    act: str


async def _desks() -> list[_Desk]:
    """Every desk of every cycle that has filings."""
    ids = await Filing.all().distinct().values_list("cycle_id", "paper")
    cycles = {one.id: one for one in await Cycle.filter(id__in={cycle_id for cycle_id, _ in ids})}
    found = []
    for cycle_id, key in ids:
        scheme = scheme_of(cycles[cycle_id])
        states = states_of(scheme, paper_of(scheme, key)).values()
        waits = (state for state in states if state.hand in ("office", "leaders"))
        found += [_Desk(cycles[cycle_id], key, state.name, act_of(key, state.hand)) for state in waits]
    return found


def _on(desks: Iterable[_Desk]) -> Q:
    return Q(*(Q(cycle_id=one.cycle.id, paper=one.paper, state=one.state) for one in desks), join_type="OR")


class _Waiting(NamedTuple):
    """A filing on a desk, with its moves, the newest first."""

    sheet: Sheet
    steps: Sequence[FilingStep]

    def is_for(self, actor: Actor, tree: Tree) -> bool:
        """Whether the actor takes it from there: entitled, and none of those who handed it in or reviewed it."""
        sheet = self.sheet
        act = act_of(sheet.paper.key, sheet.state.hand)
        is_free = check_mover(sheet, self.steps, actor.name) is None
        return is_free and Scope(tree, sheet.cycle.organisation_id).may(actor, act, sheet.subject)


async def _list_on(desks: Sequence[_Desk]) -> list[_Waiting]:
    """What lies on these desks, the longest waiting first."""
    rows = await Filing.filter(_on(desks)).select_related("cycle", "subject").order_by("changed_at", "id")
    steps = await steps_of([one.id for one in rows])
    return [_Waiting(sheet_of(one, one.cycle, one.subject), steps.get(one.id, ())) for one in rows]


async def list_waiting(actor: Actor) -> list[Sheet]:
    """The filings that wait for this actor's verdict, the longest waiting first; none that they handed in or reviewed themselves."""
    tree = await load_tree()
    desks = [one for one in await _desks() if Scope(tree, one.cycle.organisation_id).may(actor, one.act)]
    return [one.sheet for one in await _list_on(desks) if one.is_for(actor, tree)] if desks else []


async def review_filing(
    filing_id: int, move: Move, *, unclear: Sequence[str] | None = None, now: datetime, actor: str
) -> Sheet:
    """Pass a filing on or send it back. `unclear`: which of the 五个讲清楚 are not met (S4-13), None where it was not asked.

    A repeat changes nothing. Raises what `services.filings.filings.move_filing` raises.
    """
    async with in_transaction():
        sheet = await move_filing(filing_id, move, now=now, actor=actor)
        if unclear is not None and sheet.subject is not None:
            opened = await open_filing(sheet.cycle.id, CLEAR_POINTS, sheet.subject.key, now=now, actor=actor)
            parts = {part.name: [UNCLEAR if part.name in unclear else CLEAR] for part in opened.paper.parts}
            await write_parts(opened.filing.id, parts, now=now, actor=actor)
    return sheet


async def read_clear_points(sheet: Sheet) -> dict[str, str]:
    """What the office noted of each of the 五个讲清楚 of a report; empty where nobody has."""
    found = await Filing.get_or_none(cycle_id=sheet.cycle.id, paper=CLEAR_POINTS, subject_id=sheet.filing.subject_id)
    return {name: entries[0] for name, entries in found.filled.items()} if found else {}


async def list_dues(now: datetime, person_ids: Sequence[int]) -> list[Due]:
    """How many filings wait on each desk for these people: those that `list_waiting` lists for each of them."""
    desks = await _desks()
    holders = {act: await list_holders(act, person_ids) for act in {one.act for one in desks}}
    waiting = await _list_on(desks) if any(holders.values()) else []
    tree = await load_tree()
    return [
        _due(actor.person_id, desk, count)
        for desk in desks
        if (there := [one for one in waiting if _lies_on(desk, one.sheet.filing)])
        for actor in holders[desk.act]
        if actor.person_id is not None and (count := sum(one.is_for(actor, tree) for one in there))
    ]


def _lies_on(desk: _Desk, filing: Filing) -> bool:
    return (filing.cycle_id, filing.paper, filing.state) == (desk.cycle.id, desk.paper, desk.state)


def _due(person_id: int, desk: _Desk, count: int) -> Due:
    paper = paper_of(scheme_of(desk.cycle), desk.paper)
    text = f"「{desk.cycle.title}」{count} 份{paper.title}等您办理（{desk.state}）"
    key, cycle = f"review:{desk.cycle.id}:{desk.paper}:{desk.state}", desk.cycle
    return Due(person_id, key, text, "审核", scheme=cycle.scheme, cycle_id=cycle.id)
