"""Who answers for an item by name and holds the post no more: they stay named until another is; branch and office see it."""

from datetime import datetime

from models.rectifications import PLANNING, REOPENED, WORKING, RectificationItem, WeakOrganisation
from services.entitlements import WORK_OFF
from services.successors import Stranded, find_successors, list_departed, list_left
from services.trees import load_tree


async def list_vacated() -> list[RectificationItem]:
    """Items under way whose responsible person has given up the posts they had there, with that person; not of one's own problem."""
    left = await list_left()
    people = {person for person, _ in left}
    items = RectificationItem.filter(responsible_id__in=list(people), state__in=(WORKING, REOPENED))
    found = await items.order_by("id").select_related("responsible") if people else []
    tree = await load_tree()
    return [
        one
        for one in found
        if one.responsible_id != one.person_id and (one.responsible_id, tree.committees[one.organisation_id]) in left
    ]


async def is_vacated(item: RectificationItem) -> bool:
    """Whether the item is one of them."""
    return any(one.id == item.id for one in await list_vacated())


async def find_head(organisation_id: int) -> int | None:
    """Who leads an organisation's rectification now."""
    return (await find_successors(WORK_OFF, [organisation_id])).who(organisation_id)


async def list_stranded(now: datetime) -> list[Stranded]:
    """Items that nobody plans, and those whose responsible person holds the post no more; weak organisations likewise."""
    planning = await RectificationItem.filter(state=PLANNING, person_id=None).order_by("id")
    successors = await find_successors(WORK_OFF, {one.organisation_id for one in planning})
    found = [
        Stranded(one.organisation_id, f"整改「{one.problem[:20]}」没有人定措施")
        for one in planning
        if successors.who(one.organisation_id) is None
    ]
    for item in await list_vacated():
        name = item.responsible.name if item.responsible is not None else ""
        found.append(Stranded(item.organisation_id, f"整改「{item.problem[:20]}」的责任人{name}已卸任，还没有另定"))
    return [*found, *await _weak()]


async def _weak() -> list[Stranded]:
    departed = await list_departed()
    marks = WeakOrganisation.filter(cleared_at=None, responsible_id__in=list(departed)).order_by("id")
    rows = await marks.select_related("responsible") if departed else []
    return [Stranded(one.organisation_id, f"软弱涣散整顿的责任人{one.responsible.name}已卸任") for one in rows]
