"""Rectification items: opened from one of four sources (S4-29), planned, and who may work on them and verify them."""

from dataclasses import dataclass
from datetime import date, datetime

from tortoise.transactions import in_transaction

from config.clock import SHANGHAI
from config.refusals import BadInput, Refusal
from models.cycles import Cycle
from models.people import Person
from models.rectifications import (
    CLOSED,
    DONE,
    PLANNED,
    PLANNING,
    SOURCES,
    WITHDRAWN,
    WORKING,
    RectificationItem,
    RectificationStep,
    insert_items,
    insert_step,
)
from scoring.scheme import Scheme
from services.audit import record
from services.cycles.cycles import scheme_of
from services.day_words import shown_day
from services.entitlements import (
    OPEN_ITEM,
    VERIFY,
    WORK_OFF,
    Actor,
    Place,
    Scope,
    find_actor,
    require_in,
    scope_at,
    scope_of,
)
from services.notices.notices import plan_notice
from services.records.media import expect_media
from services.rectifications.rectification_plans import Plan, plan_faults

MAX_TEXT = 500


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something when. `source_key`: the same for every repeat of one message (`Caller.key` in the chat)."""

    actor: str
    now: datetime
    source_key: str

    @property
    def today(self) -> date:
        """The day in Shanghai."""
        return self.now.astimezone(SHANGHAI).date()


async def open_item(
    act: Act,
    *,
    organisation_id: int,
    source: str,
    problem: str,
    person_id: int | None = None,
    cycle_id: int | None = None,
    plan: Plan | None = None,
) -> RectificationItem:
    """Open an item; with a plan it is under way at once. A repeat of the `source_key` gives the item of the first time.

    Raises `Refusal` `not_entitled`; `BadInput` for an unknown source, an empty problem, a plan with faults.
    """
    async with in_transaction():
        cycle = await Cycle.get(id=cycle_id) if cycle_id is not None else None
        await require_in(await _scope(cycle, organisation_id), act.actor, OPEN_ITEM, Place(organisation_id, person_id))
        if source not in SOURCES:
            raise BadInput([f"source：问题来源只能是 {'、'.join(SOURCES)}"])
        if not problem.strip():
            raise BadInput(["problem：请写明问题"])
        made = RectificationItem(
            source_key=act.source_key,
            organisation_id=organisation_id,
            person_id=person_id,
            cycle_id=cycle_id,
            source=source,
            problem=problem.strip()[:MAX_TEXT],
            opened_by=act.actor,
            opened_at=act.now,
        )
        await insert_items([made])
        item = await lock_item(await _id_of(act.source_key))
        if plan is not None and item.state == PLANNING:
            await _plan(item, plan, act)
        await record(act.now, act.actor, "open_rectification", f"rectification:{item.id}", {"source": source})
    return item


async def _id_of(source_key: str) -> int:
    return (await RectificationItem.get(source_key=source_key)).id


async def plan_item(item_id: int, plan: Plan, act: Act) -> RectificationItem:
    """Set measure, responsible person, support and last day, also anew while it is under way. The same plan again changes nothing.

    Raises `Refusal`: `no_such_item`, `not_entitled`, `closed`, `no_such_person`; `BadInput` with what the plan lacks.
    """
    async with in_transaction():
        item = await lock_item(item_id)
        await _require_planner(item, act.actor)
        check_open(item)
        if item.state == DONE:
            raise Refusal("under_verification", "这一项已经报告完成，正等核实，现在不能改措施。")
        await _plan(item, plan, act)
    return item


async def _plan(item: RectificationItem, plan: Plan, act: Act) -> None:
    faults = plan_faults(await scheme_for(item), item.problem, plan, act.today)
    if faults:
        raise BadInput(faults)
    responsible = await Person.get_or_none(staff_no=plan.responsible)
    if responsible is None:
        raise Refusal("no_such_person", f"名册中没有工号为「{plan.responsible}」的人，请核对责任人。", 404)
    item.measure, item.support, item.due_on = plan.measure.strip()[:MAX_TEXT], plan.support.strip()[:128], plan.due_on
    item.responsible = responsible
    item.state = WORKING if item.state == PLANNING else item.state
    await item.save(update_fields=["measure", "support", "due_on", "responsible_id", "state"])
    assert item.due_on is not None, "a plan without it has faults"
    support = f"；支持单位：{item.support}" if item.support else ""
    text = f"{item.measure}；责任人：{responsible.name}{support}；时限：{shown_day(item.due_on)}"
    await note_step(item, PLANNED, text, act)
    if responsible.staff_no != act.actor:
        say = f"您是一项整改的责任人：{item.problem[:60]}。{shown_day(item.due_on)}前完成，回复 整改 报告进展。"
        # Told anew where the last day has changed.
        await plan_notice("rectification", responsible.id, f"planned:{item.id}:{item.due_on}", say, act.now)


async def note_step(item: RectificationItem, kind: str, text: str, act: Act, photo: str = "") -> None:
    """Write down a step within the caller's transaction, with the photo (WeChat's MediaId) that goes with it. A repeat does nothing."""
    key = act.source_key if kind != PLANNED else f"plan:{act.source_key}"[:96]
    step = RectificationStep(
        source_key=key, item=item, kind=kind, text=text.strip()[:MAX_TEXT], by=act.actor, at=act.now
    )
    if await insert_step(step) and photo:
        kept = await RectificationStep.get(source_key=key)
        await expect_media("image", photo, key[:64], None, act.now, rectification_step_id=kept.id)


async def lock_item(item_id: int) -> RectificationItem:
    """The item, held until the caller's transaction ends. Raises `Refusal` `no_such_item`."""
    found = await RectificationItem.filter(id=item_id).select_for_update().first()
    if found is None:
        raise Refusal("no_such_item", f"没有编号为 {item_id} 的整改事项，请核对编号。", 404)
    return found


def check_open(item: RectificationItem) -> None:
    """Raise `Refusal` `closed` or `withdrawn` where there is nothing more to do."""
    if item.state == CLOSED:
        raise Refusal("closed", "这一项已经销号。")
    if item.state == WITHDRAWN:
        raise Refusal("withdrawn", "这一项因结果更正已经撤销，不用再办。")


async def scheme_for(item: RectificationItem) -> Scheme | None:
    """The scheme under which the item was opened."""
    return scheme_of(await Cycle.get(id=item.cycle_id)) if item.cycle_id is not None else None


async def _scope(cycle: Cycle | None, organisation_id: int) -> Scope:
    return await scope_of(cycle) if cycle is not None else await scope_at(organisation_id)


async def scope_for(item: RectificationItem) -> Scope:
    """Where posts count for the item: within its cycle's organisation, or its own."""
    cycle = await Cycle.get(id=item.cycle_id) if item.cycle_id is not None else None
    return await _scope(cycle, item.organisation_id)


def may_work(scope: Scope, actor: Actor, item: RectificationItem) -> bool:
    """Whether they may plan and report: the branch's committee, the person concerned, the responsible person."""
    places = [Place(item.organisation_id, item.person_id)]
    if item.responsible_id is not None:
        places.append(Place(item.organisation_id, item.responsible_id))
    return any(scope.may(actor, WORK_OFF, place) for place in places)


async def _require_planner(item: RectificationItem, actor: str) -> None:
    """Whoever could have opened it with a plan may also plan it: the superior body sets days (S0-26), the office transcribes."""
    place = Place(item.organisation_id, item.person_id)
    if not (await scope_for(item)).may(await find_actor(actor), OPEN_ITEM, place):
        await require_worker(item, actor)


async def require_worker(item: RectificationItem, actor: str) -> None:
    """Raise `Refusal` `not_entitled` for who may not plan and report."""
    if not may_work(await scope_for(item), await find_actor(actor), item):
        raise Refusal("not_entitled", "这一项由所在支部的委员或责任人来办，您不能办。", 403)


def may_verify(scope: Scope, actor: Actor, item: RectificationItem) -> bool:
    """Whether they may verify or return: entitled, and none of those who worked on it."""
    return scope.may(actor, VERIFY, Place(item.organisation_id, item.person_id)) and not is_involved(actor, item)


def is_involved(actor: Actor, item: RectificationItem) -> bool:
    """Whether they are responsible or concerned, or reported it done: then another verifies."""
    mine = actor.person_id is not None and actor.person_id in (item.responsible_id, item.person_id)
    return mine or (item.reported_by != "" and actor.name == item.reported_by)
