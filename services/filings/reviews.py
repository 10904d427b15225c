"""审核: which filings wait for somebody's verdict, giving it, and the checklist that the office keeps of each report."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from models.cycles import Cycle
from models.filings import Filing, last_steps
from services.cycles.cycles import scheme_of
from services.dues import Due
from services.entitlements import Actor, Scope, list_holders
from services.filings.filing_rules import CLEAR_POINTS, act_of, paper_of, states_of
from services.filings.filing_sheets import Move, Sheet, check_hands, sheet_of
from services.filings.filings import move_filing, open_filing, write_parts
from services.trees import load_tree

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


async def list_waiting(actor: Actor) -> list[Sheet]:
    """The filings that wait for this actor's verdict, the longest waiting first; none that they handed in or reviewed themselves."""
    tree = await load_tree()
    desks = [one for one in await _desks() if Scope(tree, one.cycle.organisation_id).may(actor, one.act)]
    if not desks:
        return []
    rows = await Filing.filter(_on(desks)).select_related("cycle", "subject").order_by("changed_at", "id")
    steps = await last_steps([one.id for one in rows])
    found = []
    for filing in rows:
        sheet = sheet_of(filing, filing.cycle, filing.subject)
        act = act_of(filing.paper, sheet.state.hand)
        is_free = check_hands(sheet, steps.get(filing.id), actor.name) is None
        if is_free and Scope(tree, filing.cycle.organisation_id).may(actor, act, filing.subject):
            found.append(sheet)
    return found


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
    """How many filings wait on each desk, for those who take them from there."""
    desks = await _desks()
    if not desks:
        return []
    counts: dict[tuple[int, str, str], int] = {}
    for row in await Filing.filter(_on(desks)).values_list("cycle_id", "paper", "state"):
        counts[row] = counts.get(row, 0) + 1
    tree = await load_tree()
    holders = {act: await list_holders(act, person_ids) for act in {one.act for one in desks}}
    return [
        _due(actor.person_id, desk, count)
        for desk in desks
        if (count := counts.get((desk.cycle.id, desk.paper, desk.state), 0))
        for actor in holders[desk.act]
        if actor.person_id is not None and Scope(tree, desk.cycle.organisation_id).may(actor, desk.act)
    ]


def _due(person_id: int, desk: _Desk, count: int) -> Due:
    paper = paper_of(scheme_of(desk.cycle), desk.paper)
    text = f"「{desk.cycle.title}」{count} 份{paper.title}等您办理（{desk.state}）"
    return Due(person_id, f"review:{desk.cycle.id}:{desk.paper}:{desk.state}", text, "审核", scheme=desk.cycle.scheme)
