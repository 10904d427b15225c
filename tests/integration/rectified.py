"""What tests of rectification, follow-ups and duties share: bound phones, a branch below the line, moved clocks."""

from datetime import datetime

from models.accounts import Account
from models.cycles import Cycle
from models.people import Person
from models.rectifications import RectificationItem
from services.ratings.entries import enter_inputs
from services.runs.publications import publish_run
from services.runs.runs import compute_run
from services.runtime import Runtime
from tests.integration.chatting import Phone
from tests.integration.cycles import LEADER, NOW, OFFICE, fill, make_cycle, scores_of


async def bound(rt: Runtime, staff_no: str, now: datetime = NOW) -> Phone:
    """The phone of a person who is bound."""
    phone = Phone(rt, f"o-{staff_no}", now)
    person = await Person.get(staff_no=staff_no)
    if not await Account.filter(openid=phone.openid).exists():
        await Account.create(openid=phone.openid, person=person, bound_at=now, consent="1")
    return phone


async def publish(cycle: Cycle, *, reason: str = "") -> None:
    """Compute and publish what the cycle holds now."""
    run = await compute_run(cycle.id, now=NOW, actor="command")
    await publish_run(run.id, now=NOW, actor=LEADER, accept_open=True, reason=reason)


async def low_branch() -> Cycle:
    """A published cycle in which 第一党支部 has two stars, and with it the member 1004 one."""
    cycle = await make_cycle()
    await fill(cycle)
    rows = scores_of("branch:0101", democratic="65", team="65", superior="65")
    rows = [row.__class__(row.subject, row.slot, row.value, "按原始记录更正") for row in rows]
    await enter_inputs(cycle.id, rows, actor=OFFICE, now=NOW)
    await publish(cycle)
    return cycle


async def item_of(organisation: str, staff_no: str | None = None) -> RectificationItem:
    """The only item of an organisation itself, or of a person."""
    return (
        await RectificationItem.get(organisation__code=organisation, person__staff_no=staff_no)
        if staff_no
        else (await RectificationItem.get(organisation__code=organisation, person_id=None))
    )
