"""Who has which rectification items before them: to plan and work off, to verify; and what of it is due."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from config.clock import SHANGHAI
from models.cycles import Cycle
from models.people import Person
from models.rectifications import DONE, OPEN_STATES, PLANNING, REOPENED, WORKING, RectificationItem
from services.actors import find_actors
from services.dues import Due
from services.entitlements import OPEN_ITEM, VERIFY, WORK_OFF, Actor, Place, Scope, find_actor, posts_for, scope_at
from services.rectifications.lateness import lateness_of, listed_on
from services.rectifications.rectifications import may_verify, may_work
from services.rectifications.responsibilities import list_vacated
from services.successors import list_led, list_places
from services.trees import Tree, load_tree

# How long before its last day an item is spoken of.
AHEAD = timedelta(days=14)
WORD = "整改"


@dataclass(frozen=True, slots=True)
class Worklist:
    """A person's items, the nearest last day first and those without one at the end; those to verify; whether they may open one."""

    mine: tuple[RectificationItem, ...]
    to_verify: tuple[RectificationItem, ...]
    may_open: bool


async def list_items(person: Person) -> Worklist:
    """What stands before a person now."""
    actor, scopes = await find_actor(person.staff_no), await _load_scopes()
    seats = await list_places(WORK_OFF, [person.id])
    concerned = Q(Q(responsible_id=person.id), Q(person_id=person.id), Q(organisation_id__in=seats), join_type="OR")
    found = await _with_names(RectificationItem.filter(concerned, state__in=OPEN_STATES))
    mine = [one for one in found if may_work(scopes.of(one), actor, one)]
    own = await scope_at(person.organisation_id)
    may_open = own.may(actor, OPEN_ITEM, Place(person.organisation_id))
    return Worklist(tuple(mine), tuple(await _to_verify(actor, scopes)), may_open)


async def _to_verify(actor: Actor, scopes: "_Scopes") -> list[RectificationItem]:
    if not any(title in _VERIFIERS for title, _ in actor.posts):
        return []
    waiting = await _with_names(RectificationItem.filter(state=DONE))
    return [one for one in waiting if may_verify(scopes.of(one), actor, one)]


async def _with_names(items: QuerySet[RectificationItem]) -> list[RectificationItem]:
    rows = await items.select_related("organisation", "person", "responsible")
    return sorted(rows, key=lambda one: (one.due_on or date.max, one.id))


async def list_branch_items(organisation_id: int) -> list[RectificationItem]:
    """The list of one branch (一支部一清单, S0-25), closed items included, the nearest last day first."""
    return await _with_names(RectificationItem.filter(organisation_id=organisation_id))


async def list_dues(now: datetime, person_ids: Sequence[int]) -> list[Due]:
    """Items to plan, to work off, and to verify, of these people."""
    today = now.astimezone(SHANGHAI).date()
    heads = await list_led(WORK_OFF, person_ids)
    return [
        *await _own_dues(person_ids),
        *await _vacated_dues(heads),
        *await _planning_dues(today, person_ids, heads),
        *await _verifying_dues(today, person_ids),
    ]


async def _own_dues(person_ids: Sequence[int]) -> list[Due]:
    items = await RectificationItem.filter(responsible_id__in=person_ids, state__in=(WORKING, REOPENED))
    return [_due(one, one.responsible_id) for one in items if one.responsible_id is not None]


async def _vacated_dues(heads: Mapping[int, int]) -> list[Due]:
    """Who is named stays responsible; since they hold the post no more, whoever leads the branch goes on, or names another."""
    return [
        _due(one, heads[one.organisation_id], f"（责任人{one.responsible.name}已卸任，请接着办或另定责任人）")
        for one in await list_vacated()
        if one.organisation_id in heads and one.responsible is not None
    ]


def _due(item: RectificationItem, person_id: int, note: str = "") -> Due:
    assert item.due_on is not None, "the database holds it for every item under way"
    text = f"整改：{item.problem[:40]}{note}"
    return Due(person_id, f"rectification:{item.id}", text, WORD, by=item.due_on, from_day=item.due_on - AHEAD)


async def _planning_dues(today: date, person_ids: Sequence[int], heads: Mapping[int, int]) -> list[Due]:
    """Who plans: the person concerned, for a branch's own item who leads it."""
    theirs = Q(Q(person_id__in=person_ids), Q(person_id=None, organisation_id__in=list(heads)), join_type="OR")
    found = await RectificationItem.filter(theirs, state=PLANNING)
    late = await lateness_of(found, today)
    return [
        Due(
            one.person_id or heads[one.organisation_id],
            f"rectification:{one.id}",
            f"定整改措施和期限：{one.problem[:40]}{f'（已列入 {late.age(one)} 天）' if late.age(one) else ''}",
            WORD,
            by=late.plan_by.get(one.id),
            from_day=listed_on(one),
        )
        for one in found
    ]


_VERIFIERS = frozenset(posts_for(VERIFY).split("、"))


async def _verifying_dues(today: date, person_ids: Sequence[int]) -> list[Due]:
    waiting = await RectificationItem.filter(state=DONE)
    if not waiting:
        return []
    scopes = await _load_scopes()
    found = []
    for actor in await find_actors(person_ids, _VERIFIERS):
        count = sum(may_verify(scopes.of(one), actor, one) for one in waiting)
        if count and actor.person_id is not None:
            text = f"{count} 项整改等您核实"
            found.append(Due(actor.person_id, "rectification:verify", text, WORD, from_day=today))
    return found


class _Scopes:
    """The scope of each item: its cycle's, or that of its organisation."""

    def __init__(self, tree: Tree, roots: dict[int, int]) -> None:
        self._tree, self._roots = tree, roots

    def of(self, item: RectificationItem) -> Scope:
        root = self._roots.get(item.cycle_id) if item.cycle_id is not None else None
        return Scope(self._tree, root or item.organisation_id)


async def _load_scopes() -> _Scopes:
    roots = await Cycle.all().values_list("id", "organisation_id")
    return _Scopes(await load_tree(), {int(cycle): int(root) for cycle, root in roots})
