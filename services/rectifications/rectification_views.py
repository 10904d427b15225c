"""What a person is shown of one rectification item, and what they may do with it."""

from dataclasses import dataclass

from tortoise.expressions import Q

from config.clock import shown
from config.refusals import Refusal
from models.media import MediaItem
from models.people import Person, Post
from models.rectifications import (
    CLOSED,
    DONE,
    PLANNED,
    PLANNING,
    REOPENED,
    STEP_WORDS,
    WITHDRAWN,
    WORKING,
    RectificationItem,
    RectificationStep,
)
from services.actors import name_actors
from services.day_words import shown_day
from services.entitlements import OPEN_ITEM, Actor, Place, Scope, find_actor
from services.rectifications.rectification_plans import needs_support
from services.rectifications.rectifications import may_verify, may_work, scheme_for, scope_for
from services.rectifications.responsibilities import find_head, is_vacated
from services.trees import load_tree

STATE_WORDS = {
    PLANNING: "未定措施",
    WORKING: "整改中",
    DONE: "待核实",
    CLOSED: "已销号",
    REOPENED: "重新整改",
    WITHDRAWN: "已撤销",
}
# What can be chosen from on a phone.
MOST_PLACES = 200
_SHOWN_STEPS = 8


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item with names, and what this person may do: `plan`, `report`, `check`, or nothing but look (empty)."""

    item: RectificationItem
    text: str
    act: str


async def view_item(item_id: int, person: Person) -> ItemView:
    """The item as this person sees it. Raises `Refusal` `no_such_item` where there is none, or none that concerns them."""
    item = await RectificationItem.filter(id=item_id).select_related("organisation", "person", "responsible").first()
    actor = await find_actor(person.staff_no)
    scope = await scope_for(item) if item is not None else None
    works = item is not None and scope is not None and may_work(scope, actor, item)
    verifies = item is not None and scope is not None and may_verify(scope, actor, item)
    if item is None or not (works or verifies or _may_look(scope, actor, item)):
        raise Refusal("no_such_item", f"没有编号为 {item_id} 的、与您有关的整改事项。回复 整改 看您的清单。", 404)
    return ItemView(item, await _describe(item), _act(item, works, verifies))


def _may_look(scope: Scope | None, actor: Actor, item: RectificationItem) -> bool:
    """Who could have opened it may see it."""
    return scope is not None and scope.may(actor, OPEN_ITEM, Place(item.organisation_id, item.person_id))


def _act(item: RectificationItem, works: bool, verifies: bool) -> str:
    if works and item.state == PLANNING:
        return "plan"
    if works and item.state in (WORKING, REOPENED):
        return "report"
    return "check" if verifies and item.state in (DONE, CLOSED) else ""


async def _describe(item: RectificationItem) -> str:
    whose = f"{item.organisation.name}{f' {item.person.name}' if item.person else ''}"
    basis = f"\n依据：{item.clause}" if item.clause else ""
    head = f"{whose}（{STATE_WORDS[item.state]}，{item.source}）\n问题：{item.problem}{basis}"
    if item.responsible is None or item.due_on is None:
        return head
    support = f"\n支持单位：{item.support}" if item.support else ""
    plan = f"\n措施：{item.measure}\n责任人：{item.responsible.name}{support}\n时限：{shown_day(item.due_on)}"
    return head + plan + await _describe_steps(item)


async def _describe_steps(item: RectificationItem) -> str:
    """What happened since it was planned, oldest first; the plan as it is now stands above."""
    own = RectificationStep.filter(item_id=item.id)
    happened = await own.exclude(kind=PLANNED).order_by("-id").limit(_SHOWN_STEPS)
    # A last day that was moved is not forgotten: who verifies sees the ones before.
    moved = (await own.filter(kind=PLANNED).order_by("-id").limit(_SHOWN_STEPS))[1:]
    steps = sorted((*happened, *moved), key=lambda step: step.id)
    photos = [one.rectification_step_id for one in await MediaItem.filter(rectification_step__item_id=item.id)]
    names = await name_actors({step.by for step in steps})
    lines = []
    for step in steps:
        count = photos.count(step.id)
        said = f"原来的{step.text.rpartition('；')[2]}" if step.kind == PLANNED else step.text[:60]
        told = f"{said}{f'（照片 {count} 张）' if count else ''}"
        head = f"· {shown(step.at)} {names[step.by]} {STEP_WORDS[step.kind]}"
        lines.append(f"{head}：{told}" if told else head)
    return "\n" + "\n".join(lines) if lines else ""


@dataclass(frozen=True, slots=True)
class PlanView:
    """What planning an item needs: who may be responsible (name → staff number), who is by default, whether support is asked."""

    names: dict[str, str]
    default: str
    default_name: str
    support: bool


async def view_plan(item: RectificationItem) -> PlanView:
    """For the question about measure, responsible person and last day. People of the same name are told apart by nobody: left out."""
    head = await Person.get_or_none(id=await find_head(item.organisation_id) or 0)
    named = None if await is_vacated(item) else item.responsible
    default = named or item.person or head or item.responsible
    # Of a merged branch, and of a department, those too of the one that acts for it.
    places = {item.organisation_id, (await load_tree()).committees[item.organisation_id]}
    # The committee may belong elsewhere: a general branch has no members of its own.
    seated = await Post.filter(organisation_id__in=places).values_list("person_id", flat=True)
    own = Q(organisation_id__in=places)
    people = await Person.filter(Q(own, Q(id__in=[*seated, default.id if default else 0]), join_type="OR")).order_by(
        "staff_no"
    )
    seen = [one.name for one in people]
    names = {one.name: one.staff_no for one in people if seen.count(one.name) == 1}
    support = needs_support(await scheme_for(item))
    return PlanView(names, default.staff_no if default else "", default.name if default else "", support)


async def list_places(person: Person) -> list[tuple[int, str, str, bool]]:
    """Where this person may open an item: (organisation, name, code, whether it is their own), departments left out."""
    tree, actor = await load_tree(), await find_actor(person.staff_no)
    return [
        (node.id, node.name, node.code, node.id == person.organisation_id)
        for node in tree.by_id.values()
        if node.kind != "部门" and Scope(tree, node.id).may(actor, OPEN_ITEM, Place(node.id))
    ]
