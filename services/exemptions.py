"""Being left out of a cycle for special reasons (暂不列入): one applies, another approves or rejects (S2-34)."""

from datetime import datetime

from tortoise.transactions import in_transaction

from config.refusals import BadInput, Refusal
from models.cycles import CycleSubject
from models.exemptions import APPLIED, APPROVED, REJECTED, Exemption
from services.audit import record
from services.cycles import lock_cycle
from services.entitlements import APPLY, EXEMPT, require
from services.subjects import find_subject


async def apply_exemption(cycle_id: int, subject: str, *, reason: str, now: datetime, actor: str) -> Exemption:
    """Ask that a subject be left out. While one application stands, another is the same one. It changes no result by itself."""
    async with in_transaction():
        cycle = await lock_cycle(cycle_id)
        found = await find_subject(cycle.id, subject)
        await require(actor, cycle, APPLY, found)
        if not reason.strip():
            raise BadInput(["reason:请写明申请的理由"])
        if found.exempt is not None:
            raise Refusal("exempt", f"「{found.name}」已经不列入本次考核：{found.exempt}")
        standing = await Exemption.filter(subject_id=found.id).exclude(state=REJECTED).first()
        if standing is not None:
            return standing
        made = await Exemption.create(subject=found, reason=reason.strip(), applied_by=actor, applied_at=now)
        await record(now, actor, "apply_exemption", f"exemption:{made.id}", {"subject": found.key})
    return made


async def decide_exemption(exemption_id: int, *, approve: bool, reason: str, now: datetime, actor: str) -> Exemption:
    """Approve or reject an application, by an entitled person other than who applied. The same decision again changes nothing.

    An approved subject leaves every denominator from the next run on. Raises `Refusal`: `no_such_exemption`, `not_entitled`,
    `same_person`, `decided`.
    """
    async with in_transaction():
        found = await Exemption.filter(id=exemption_id).select_related("subject").first()
        if found is None:
            raise Refusal("no_such_exemption", f"没有编号为 {exemption_id} 的申请，请核对编号。", 404)
        cycle = await lock_cycle(found.subject.cycle_id)
        await require(actor, cycle, EXEMPT, found.subject)
        await found.refresh_from_db()
        state = APPROVED if approve else REJECTED
        if found.state == state:
            return found
        _check_decision(found, actor, reason)
        found.state, found.decided_by, found.decided_at, found.decision = state, actor, now, reason.strip()
        await found.save(update_fields=["state", "decided_by", "decided_at", "decision"])
        if approve:
            await CycleSubject.filter(id=found.subject_id).update(exempt=found.reason)
        await record(
            now, actor, "decide_exemption", f"exemption:{found.id}", {"state": state, "reason": reason.strip()}
        )
    return found


def _check_decision(found: Exemption, actor: str, reason: str) -> None:
    if found.state != APPLIED:
        raise Refusal("decided", "这份申请已经有了决定，不能再改；情况有变请重新申请。")
    if found.applied_by == actor:
        raise Refusal("same_person", "申请人不能自己批准，请由组织部的另一位同志批准。", 403)
    if not reason.strip():
        raise BadInput(["reason:请写明批准或不批准的理由"])


async def list_exemptions(cycle_id: int) -> list[Exemption]:
    """All applications of a cycle, in the order in which they were made."""
    return await Exemption.filter(subject__cycle_id=cycle_id).select_related("subject").order_by("id")
