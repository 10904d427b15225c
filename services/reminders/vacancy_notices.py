"""A secretary has gone, nobody has come, and there is work that nobody can go on with: the office is told, once for each vacancy."""

from datetime import datetime

from tortoise.transactions import in_transaction

from models.notices import list_told
from models.people import SECRETARY, FormerPost, list_holders_of
from services.entitlements import OFFICE, SET_UP, list_holders
from services.notices.notices import plan_notices
from services.reminders.handovers import WORD, find_heads, list_stranded, may_settle
from services.runtime import Runtime
from services.trees import load_tree

KIND = "vacancy"


async def tell_due(rt: Runtime, now: datetime) -> int:
    """Tell the office of every vacancy that has left work behind and that it has not heard of; how many. A repeat tells nothing twice.

    Work that is stranded later, while the post is still vacant, is told of then.
    """
    async with in_transaction():
        vacant = await _list_untold()
        stranded = await list_stranded(now) if vacant else []
        tree = await load_tree()
        told = 0
        for former in vacant:
            places = tree.of_committee[tree.committees[former.organisation_id]]
            left = sum(one.organisation_id in places for one in stranded)
            if left:
                where = tree.by_id[former.organisation_id].name
                text = f"{where}书记的职务空着：{former.person.name}已卸任，还没有接任的，有 {left} 件事没有人接手。"
                text += f"回复 {WORD} 看是哪些事；接任的人定了，请更新名册。"
                office = await _list_office(former.organisation_id)
                await plan_notices(KIND, office, _slot(former), text, now)
                told += bool(office)
    return told


async def _list_untold() -> list[FormerPost]:
    """Whose going left a post of secretary vacant until now, one an organisation, where nobody of the office was told so."""
    heads = await find_heads()
    gone = FormerPost.filter(title=SECRETARY, told_at=None).exclude(organisation_id__in=list(heads))
    by_place: dict[int, list[FormerPost]] = {}
    for one in await gone.order_by("id").select_related("person"):
        by_place.setdefault(one.organisation_id, []).append(one)
    told = await list_told(KIND, [_slot(one) for those in by_place.values() for one in those])
    return [those[-1] for those in by_place.values() if not any(_slot(one) in told for one in those)]


def _slot(former: FormerPost) -> str:
    return f"vacancy:{former.id}"


async def _list_office(organisation_id: int) -> list[int]:
    """Those who set up the organisation."""
    tree = await load_tree()
    actors = await list_holders(SET_UP, await list_holders_of(OFFICE))
    return [one.person_id for one in actors if one.person_id and may_settle(tree, one, organisation_id)]
