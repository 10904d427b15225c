"""What happens to an item under way: progress, reported done, verified by another person, or returned with a reason (S4-30)."""

from tortoise.transactions import in_transaction

from config.refusals import BadInput, Refusal
from models.rectifications import (
    CLOSED,
    DONE,
    PLANNING,
    PROGRESS,
    REOPENED,
    REPORTED,
    RETURNED,
    VERIFIED,
    RectificationItem,
    RectificationStep,
)
from services.audit import record
from services.entitlements import VERIFY, Place, find_actor, posts_for
from services.notices.notices import plan_notice
from services.rectifications.rectifications import (
    Act,
    check_open,
    is_involved,
    lock_item,
    note_step,
    require_worker,
    scope_for,
)
from services.rectifications.responsibilities import find_head, is_vacated


async def report_progress(item_id: int, text: str, act: Act, *, photo: str = "") -> RectificationItem:
    """Note what was done so far: one line, a photo (WeChat's MediaId), or both. A repeat notes it once."""
    return await _work(item_id, PROGRESS, text, photo, act)


async def report_done(item_id: int, text: str, act: Act, *, photo: str = "") -> RectificationItem:
    """Report that the problem is put right; from then on it waits for another person's verification. A repeat changes nothing."""
    return await _work(item_id, REPORTED, text, photo, act)


async def _work(item_id: int, kind: str, text: str, photo: str, act: Act) -> RectificationItem:
    async with in_transaction():
        item = await lock_item(item_id)
        await require_worker(item, act.actor)
        if await RectificationStep.filter(source_key=act.source_key).exists():
            return item
        check_open(item)
        if item.state == PLANNING:
            raise Refusal("not_planned", "这一项还没有措施和期限。请先定下来，再报告进展。")
        if item.state == DONE:
            raise Refusal("under_verification", "这一项已经报告完成，正等核实。")
        if kind == REPORTED:
            item.state, item.reported_by = DONE, act.actor
            await item.save(update_fields=["state", "reported_by"])
        await note_step(item, kind, text, act, photo)
    return item


async def verify_item(item_id: int, act: Act, *, remark: str = "") -> RectificationItem:
    """Confirm that the problem is put right (销号). The same verification again changes nothing.

    Raises `Refusal`: `not_entitled`; `same_person` for who is responsible, concerned, or reported it done; `not_done`.
    """
    async with in_transaction():
        item = await lock_item(item_id)
        await _require_verifier(item, act.actor)
        if item.state == CLOSED:
            return item
        if item.state != DONE:
            raise Refusal("not_done", "这一项还没有报告完成，不能销号。")
        await _settle(item, CLOSED, act)
        await note_step(item, VERIFIED, remark, act)
        await record(act.now, act.actor, "verify_rectification", f"rectification:{item.id}", {})
    return item


async def reopen_item(item_id: int, reason: str, act: Act) -> RectificationItem:
    """Return an item that was reported done or closed, with a reason. A repeat changes nothing. Raises as `verify_item`."""
    async with in_transaction():
        item = await lock_item(item_id)
        await _require_verifier(item, act.actor)
        if item.state == REOPENED:
            return item
        if item.state not in (DONE, CLOSED):
            raise Refusal("not_done", "这一项还在整改，不用退回。")
        if not reason.strip():
            raise BadInput(["reason：请写明退回的理由"])
        await _settle(item, REOPENED, act)
        await note_step(item, RETURNED, reason, act)
        await record(act.now, act.actor, "reopen_rectification", f"rectification:{item.id}", {"reason": reason.strip()})
        assert item.responsible_id is not None, "what was reported done was planned"
        say = f"有一项整改被退回：{item.problem[:60]}。理由：{reason.strip()[:100]}。回复 整改 接着办。"
        head = await find_head(item.organisation_id) if await is_vacated(item) else None
        for hearer in {item.responsible_id, head or item.responsible_id}:
            await plan_notice("rectification", hearer, f"returned:{act.source_key}"[:64], say, act.now)
    return item


async def _settle(item: RectificationItem, state: str, act: Act) -> None:
    item.state, item.settled_by, item.settled_at = state, act.actor, act.now
    await item.save(update_fields=["state", "settled_by", "settled_at"])


async def _require_verifier(item: RectificationItem, actor: str) -> None:
    found = await find_actor(actor)
    if is_involved(found, item):
        raise Refusal("same_person", "整改由另一个人核实：责任人和报告完成的人不能自己销号。", 403)
    if not (await scope_for(item)).may(found, VERIFY, Place(item.organisation_id, item.person_id)):
        raise Refusal("not_entitled", f"您不能核实这一项，可以核实的职务：{posts_for(VERIFY)}（上级组织）。", 403)
