"""Follow-ups: interviews (约谈), changes of secretary, accountability with filing and notice, commendation; each recorded once."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from config.clock import SHANGHAI
from config.refusals import BadInput, Refusal
from models.cycles import Cycle
from models.follow_ups import OPEN, RECORDED, STANDING, WITHDRAWN, FollowUp, insert_follow_ups
from models.people import Person
from scoring.consequences import CONSEQUENCE_WORDS
from services.actors import find_actors
from services.audit import record
from services.day_words import shown_day
from services.dues import Due
from services.entitlements import FOLLOW_UP, Actor, Place, Scope, find_actor, posts_for, require_in, scope_at, scope_of
from services.rectifications.commendations import may_be_commended
from services.rectifications.rectifications import MAX_TEXT, Act
from services.trees import load_tree

ACCOUNTABILITY, FILING, NOTICE, COMMENDATION = "accountability", "filing", "notice", "commendation"
KIND_WORDS: Mapping[str, str] = {
    **{str(name): word for name, word in CONSEQUENCE_WORDS.items()},
    ACCOUNTABILITY: "问责",
    FILING: "报上级党委备案",
    NOTICE: "通报",
    COMMENDATION: "表彰",
}
# What people open by hand; the rest follows from published results.
BY_HAND = ("interview", "replace_secretary", ACCOUNTABILITY, NOTICE, COMMENDATION)
STATE_WORDS = {OPEN: "待办", RECORDED: "已登记", STANDING: "有效", WITHDRAWN: "已撤销"}
WORD = "约谈"


async def open_follow_up(
    act: Act, *, kind: str, organisation_id: int, reason: str, year: str = "", person_id: int | None = None
) -> FollowUp:
    """Open a follow-up by hand; accountability brings its filing and then its notice with it (S0-31, A6). A repeat opens nothing new.

    `year`: of a commendation, refused where a bar stands (`barred`, S0-29). Raises `Refusal` `not_entitled`, `BadInput`.
    """
    async with in_transaction():
        scope = await scope_at(organisation_id)
        await require_in(scope, act.actor, FOLLOW_UP, Place(organisation_id, person_id))
        if kind not in BY_HAND:
            raise BadInput([f"kind：可以登记的有 {'、'.join(BY_HAND)}"])
        if not reason.strip():
            raise BadInput(["reason：请写明事由"])
        if kind == COMMENDATION:
            await _check_bars(organisation_id, person_id, year)
        made = await _insert(act, act.source_key, kind, organisation_id, person_id, reason)
        if kind == ACCOUNTABILITY:
            filing = await _insert(act, f"{act.source_key}:filing", FILING, organisation_id, person_id, reason)
            await _insert(act, f"{act.source_key}:notice", NOTICE, organisation_id, person_id, reason, after=filing)
        await record(act.now, act.actor, "open_follow_up", f"follow_up:{made.id}", {"kind": kind})
    return made


async def _check_bars(organisation_id: int, person_id: int | None, year: str) -> None:
    if not year:
        raise BadInput(["year：请写明表彰哪一年度"])
    verdict = await may_be_commended(year, organisation_id=organisation_id, person_id=person_id)
    if not verdict.may:
        raise Refusal("barred", f"不能表彰：{'；'.join(verdict.reasons)}。")


async def _insert(
    act: Act,
    key: str,
    kind: str,
    organisation_id: int,
    person_id: int | None,
    reason: str,
    after: FollowUp | None = None,
) -> FollowUp:
    made = FollowUp(
        source_key=key,
        kind=kind,
        organisation_id=organisation_id,
        person_id=person_id,
        reason=reason.strip()[:MAX_TEXT],
        after=after,
        opened_by=act.actor,
        opened_at=act.now,
    )
    await insert_follow_ups([made])
    return await FollowUp.get(source_key=key)


async def record_follow_up(follow_up_id: int, *, done_on: date, outcome: str, act: Act) -> FollowUp:
    """Record when it was done and what came of it. The same record again changes nothing.

    Raises `Refusal`: `no_such_follow_up`, `not_entitled`, `recorded` (otherwise), `too_early` where something comes first;
    `BadInput` without an outcome, for a day to come or one before the follow-up was opened.
    """
    async with in_transaction():
        found = await _lock(follow_up_id)
        scope = await _scope_for(found)
        if not scope.may(await find_actor(act.actor), FOLLOW_UP, Place(found.organisation_id, found.person_id)):
            raise Refusal("not_entitled", f"您不能登记这一项，可以登记的职务：{posts_for(FOLLOW_UP)}。", 403)
        if found.state == RECORDED and (found.done_on, found.outcome) == (done_on, outcome.strip()[:MAX_TEXT]):
            return found
        await _check(found, done_on, outcome, act.today)
        found.state, found.done_on, found.outcome = RECORDED, done_on, outcome.strip()[:MAX_TEXT]
        found.recorded_by, found.recorded_at = act.actor, act.now
        await found.save(update_fields=["state", "done_on", "outcome", "recorded_by", "recorded_at"])
        await record(act.now, act.actor, "record_follow_up", f"follow_up:{found.id}", {"kind": found.kind})
    return found


async def _lock(follow_up_id: int) -> FollowUp:
    found = await FollowUp.filter(id=follow_up_id).select_for_update().first()
    if found is None:
        raise Refusal("no_such_follow_up", f"没有编号为 {follow_up_id} 的结果运用事项，请核对编号。", 404)
    return found


async def _check(found: FollowUp, done_on: date, outcome: str, today: date) -> None:
    if found.state != OPEN:
        raise Refusal("recorded", f"这一项{STATE_WORDS[found.state]}，不用再登记。")
    if not outcome.strip():
        raise BadInput(["请写明结果"])
    if found.after_id is not None:
        before = await FollowUp.get(id=found.after_id)
        if before.state != RECORDED or (before.done_on is not None and before.done_on > done_on):
            raise Refusal("too_early", f"要先{KIND_WORDS[before.kind]}，再{KIND_WORDS[found.kind]}。")
    if fault := day_fault(opened_on(found), done_on, today):
        raise BadInput([fault])


def opened_on(found: FollowUp) -> date:
    """The day in Shanghai on which it was opened."""
    return found.opened_at.astimezone(SHANGHAI).date()


def day_fault(opened: date, done_on: date, today: date) -> str:
    """Why it cannot have been done on that day, one sentence; empty where it can."""
    if done_on > today:
        return f"{shown_day(done_on)}还没有到，办完以后再登记"
    if done_on < opened:
        return f"这一项{shown_day(opened)}才提出，不会在{shown_day(done_on)}已办完，请核对日期"
    return ""


async def _scope_for(found: FollowUp) -> Scope:
    if found.cycle_id is not None:
        return await scope_of(await Cycle.get(id=found.cycle_id))
    return await scope_at(found.organisation_id)


async def list_open(person: Person) -> list[FollowUp]:
    """What this person can record now, oldest first; what waits for another is left out."""
    return await _open_for(await find_actor(person.staff_no), await _list_ready())


async def _list_ready() -> list[FollowUp]:
    ready = FollowUp.filter(Q(Q(after_id=None), Q(after__state=RECORDED), join_type="OR"), state=OPEN)
    return await ready.select_related("organisation", "person").order_by("id")


async def _open_for(actor: Actor, ready: Sequence[FollowUp]) -> list[FollowUp]:
    if not any(title in _POSTS for title, _ in actor.posts):
        return []
    tree, roots = await load_tree(), dict(await Cycle.all().values_list("id", "organisation_id"))
    return [
        one
        for one in ready
        if Scope(tree, int(roots.get(one.cycle_id, one.organisation_id))).may(
            actor, FOLLOW_UP, Place(one.organisation_id, one.person_id)
        )
    ]


_POSTS = frozenset(posts_for(FOLLOW_UP).split("、"))


async def list_follow_ups(cycle_id: int | None = None) -> list[FollowUp]:
    """All of them, or those of one cycle, in the order in which they were opened."""
    found = FollowUp.all() if cycle_id is None else FollowUp.filter(cycle_id=cycle_id)
    return await found.select_related("organisation", "person", "cycle").order_by("id")


async def list_dues(now: datetime, person_ids: Sequence[int]) -> list[Due]:
    """One due for everybody who has follow-ups to record."""
    ready = await _list_ready()
    found = []
    for actor in await find_actors(person_ids, _POSTS) if ready else []:
        count = len(await _open_for(actor, ready))
        if count and actor.person_id is not None:
            text, today = f"{count} 项约谈等结果运用等您登记", now.astimezone(SHANGHAI).date()
            found.append(Due(actor.person_id, "follow_ups", text, WORD, from_day=today))
    return found
