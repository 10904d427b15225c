"""Being left out of a cycle for special reasons (暂不列入): one applies, another approves or rejects (S2-34)."""

from datetime import datetime

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from config.clock import shown
from config.refusals import BadInput, Refusal
from models.cycles import Cycle, CycleSubject
from models.exemptions import APPLIED, APPROVED, REJECTED, Exemption
from models.people import Person
from models.runs import Publication
from services.actors import name_actors
from services.audit import record
from services.cycles.cycles import lock_cycle
from services.cycles.subjects import find_subject
from services.dues import Due
from services.entitlements import APPLY, EXEMPT, Actor, Scope, find_actor, require
from services.notices.notices import plan_notice
from services.requests.parties import find_parties
from services.requests.pending import Pending
from services.trees import Tree, load_tree

DECIDE_WORD = "审批免评"


async def apply_exemption(cycle_id: int, subject: str, *, reason: str, now: datetime, actor: str) -> Exemption:
    """Ask that a subject be left out. It changes no result by itself. While one application stands, the same one again is that one.

    Raises `Refusal` `applied` for another one, whose reason nobody would read; `exempt`, `not_entitled`; `BadInput`.
    """
    async with in_transaction():
        cycle = await lock_cycle(cycle_id)
        found = await find_subject(cycle.id, subject)
        await require(actor, cycle, APPLY, found)
        if not reason.strip():
            raise BadInput(["reason：请写明申请的理由"])
        if found.exempt is not None:
            raise Refusal("exempt", f"「{found.name}」已经不列入本次考核：{found.exempt}")
        standing = await Exemption.filter(subject_id=found.id).exclude(state=REJECTED).first()
        if standing is not None:
            return await _same(standing, found, reason.strip())
        made = await Exemption.create(subject=found, reason=reason.strip(), applied_by=actor, applied_at=now)
        await record(now, actor, "apply_exemption", f"exemption:{made.id}", {"subject": found.key})
    return made


async def _same(standing: Exemption, subject: CycleSubject, reason: str) -> Exemption:
    if standing.reason == reason:
        return standing
    who = (await name_actors({standing.applied_by}))[standing.applied_by]
    before = f"{who}已于{shown(standing.applied_at)}为「{subject.name}」申请免评，正等组织部门决定，"
    raise Refusal("applied", f"{before}这一份没有提交。要补充理由，请直接告诉组织部门。", is_final=True)


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
        for person_id in await find_parties(found.subject, found.applied_by):
            await plan_notice("exemption", person_id, f"exemption:{found.id}", _told(found, cycle), now)
        await record(
            now, actor, "decide_exemption", f"exemption:{found.id}", {"state": state, "reason": reason.strip()}
        )
    return found


def _told(found: Exemption, cycle: Cycle) -> str:
    verdict = "已批准，不列入本次考核" if found.state == APPROVED else "没有批准"
    return f"「{cycle.title}」{found.subject.name}的免评申请{verdict}。理由：{found.decision}"


def _check_decision(found: Exemption, actor: str, reason: str) -> None:
    if found.state != APPLIED:
        raise Refusal("decided", "这份申请已经有了决定，不能再改；情况有变请重新申请。")
    if found.applied_by == actor:
        raise Refusal("same_person", "申请人不能自己批准，请由组织部门的另一位同志批准。", 403)
    if not reason.strip():
        raise BadInput(["reason：请写明批准或不批准的理由"])


async def list_appliable(person: Person) -> list[tuple[Cycle, CycleSubject]]:
    """Whom the person may apply for by themselves, in cycles without a published result: themselves, and the branch on whose
    committee they sit, with what was merged into it. Newest cycle first."""
    actor, tree = await find_actor(person.staff_no), await load_tree()
    places = {one for _, at in actor.posts for one in tree.of_committee[tree.committees[at]]}
    rows = CycleSubject.filter(Q(person_id=person.id) | Q(person_id=None, organisation_id__in=list(places)))
    rows = rows.exclude(cycle_id__in=[one.cycle_id for one in await Publication.all().only("cycle_id")])
    found = await rows.select_related("cycle").order_by("-cycle__year", "-cycle_id", "position")
    return [(one.cycle, one) for one in found if Scope(tree, one.cycle.organisation_id).may(actor, APPLY, one)]


async def find_standing(subject_id: int) -> Exemption | None:
    """The newest application for a subject."""
    return await Exemption.filter(subject_id=subject_id).order_by("-id").first()


async def list_exemptions(cycle_id: int) -> list[Exemption]:
    """All applications of a cycle, in the order in which they were made."""
    return await Exemption.filter(subject__cycle_id=cycle_id).select_related("subject").order_by("id")


async def _list_waiting() -> list[Exemption]:
    return await Exemption.filter(state=APPLIED).order_by("id").select_related("subject__cycle")


def _may_decide(tree: Tree, actor: Actor, one: Exemption) -> bool:
    scope = Scope(tree, one.subject.cycle.organisation_id)
    return one.applied_by != actor.name and scope.may(actor, EXEMPT, one.subject)


def _due(person_id: int, one: Exemption) -> Due:
    return Due(person_id, f"exemption:{one.id}", f"决定{one.subject.name}的免评申请", DECIDE_WORD)


PENDING = Pending(EXEMPT, _list_waiting, _may_decide, _due)
