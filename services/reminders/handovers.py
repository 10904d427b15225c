"""交接: when a post has changed hands both sides are told once, and what nobody can go on with stands before the office."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from config.clock import SHANGHAI
from models.people import SECRETARY, FormerPost, Post
from services.dues import Due
from services.entitlements import SET_UP, Actor, Place, list_holders
from services.filings import paper_lists, reports
from services.notices.notices import plan_notice
from services.ratings import vacancies
from services.records import record_reviews
from services.records.records import scope_within
from services.rectifications import responsibilities
from services.reminders.handed_notices import settle_notices
from services.runtime import Runtime
from services.successors import Stranded, StrandedSource, has_left
from services.trees import Tree, load_tree

WORD, KIND = "交接", "handover"
_AT_ONCE = 200
SOURCES: tuple[StrandedSource, ...] = (
    record_reviews.list_stranded,
    vacancies.list_stranded,
    reports.list_stranded,
    paper_lists.list_stranded,
    responsibilities.list_stranded,
)


class Vacancy(NamedTuple):
    """What is stranded in one organisation."""

    organisation: str
    what: tuple[str, ...]


async def list_vacancies(actor: Actor, now: datetime) -> list[Vacancy]:
    """What is stranded in the organisations that this actor sets up, by organisation code."""
    tree = await load_tree()
    mine = [one for one in await list_stranded(now) if may_settle(tree, actor, one.organisation_id)]
    places = sorted({one.organisation_id for one in mine}, key=lambda at: tree.by_id[at].code)
    return [Vacancy(tree.by_id[at].name, tuple(one.what for one in mine if one.organisation_id == at)) for at in places]


async def count_stranded(now: datetime) -> int:
    """How many things nobody can go on with, wherever."""
    return len(await list_stranded(now))


async def list_stranded(now: datetime) -> list[Stranded]:
    """What nobody can go on with, wherever, noun by noun."""
    return [one for source in SOURCES for one in await source(now)]


def may_settle(tree: Tree, actor: Actor, organisation_id: int) -> bool:
    """Whether the actor sets up that organisation, so that it is theirs to see who goes on."""
    return scope_within(tree, organisation_id).may(actor, SET_UP, Place(organisation_id))


async def list_dues(now: datetime, person_ids: Sequence[int]) -> list[Due]:
    """One due for everybody of the office, from the day on which a post was last given up."""
    actors = await list_holders(SET_UP, person_ids)
    stranded, tree = await list_stranded(now) if actors else [], await load_tree()
    since = await _last_day() if stranded else None
    found = []
    for actor in actors:
        count = sum(may_settle(tree, actor, one.organisation_id) for one in stranded)
        if count and actor.person_id is not None:
            found.append(Due(actor.person_id, "handover", f"{count} 件事没有人接手，请核定", WORD, from_day=since))
    return found


async def _last_day() -> date | None:
    last = await FormerPost.all().order_by("-ended_at").first()
    return last.ended_at.astimezone(SHANGHAI).date() if last is not None else None


async def tell_due(rt: Runtime, now: datetime) -> int:
    """Settle what was handed over: who led an organisation and who leads it now are told, once there is somebody; how many posts.

    Any number of workers may do this.
    """
    async with in_transaction():
        heads = await find_heads()
        ready = Q(Q(organisation_id__in=list(heads)), ~Q(title=SECRETARY), join_type="OR")
        waiting = FormerPost.filter(ready, told_at=None).order_by("id").limit(_AT_ONCE)
        settled = await waiting.select_for_update(skip_locked=True)
        for one in settled:
            await settle_notices(one.person_id, one.organisation_id, now)
            if one.title == SECRETARY:
                await _tell(one, heads[one.organisation_id], now)
        await FormerPost.filter(id__in=[one.id for one in settled]).update(told_at=now)
    return len(settled)


async def find_heads() -> dict[int, Post]:
    """Who leads now what had a secretary of whose going nobody was told yet: of a merged branch, who leads what it was merged into."""
    untold = FormerPost.filter(title=SECRETARY, told_at=None).distinct()
    waiting = [int(str(one)) for one in await untold.values_list("organisation_id", flat=True)]
    if not waiting:
        return {}
    committees = (await load_tree()).committees
    posts = Post.filter(title=SECRETARY, organisation_id__in=[*waiting, *(committees[one] for one in waiting)])
    seated = {post.organisation_id: post for post in await posts.select_related("person")}
    heads = {one: seated.get(one) or seated.get(committees[one]) for one in waiting}
    return {one: post for one, post in heads.items() if post is not None}


async def _tell(former: FormerPost, post: Post, now: datetime) -> None:
    """Nothing to who has the post again. Who sits there still goes on with what they began, and both are told so."""
    if post.person_id == former.person_id:
        return
    where = (await load_tree()).by_id[former.organisation_id].name
    if await has_left(former.person_id, former.organisation_id):
        rest = "没有办完的已经转过去，您不用再办。您办过的都留着您的名字；写明由您本人负责的，仍在 任务 里。"
        begun = "前任没有办完的都在 任务 里，接着办就行；前任写好的都留着，不用重写。"
    else:
        rest = "其余没有办完的已经转过去；您经手、按现在的职务仍由您办的，还在您的 任务 里。"
        begun = "要您办的都在 任务 里，接着办就行；前任在这里还有职务，前任经手的有些仍由前任办完。"
    gave = f"{where}的工作现在由{post.person.name}同志负责。{rest}感谢您的付出。"
    took = f"您现在负责{where}的工作：{begun}"
    await plan_notice(KIND, former.person_id, f"gave:{former.id}", gave, now)
    await plan_notice(KIND, post.person_id, f"took:{post.id}:{former.organisation_id}", took, now)
