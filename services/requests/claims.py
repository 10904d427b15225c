"""Vetoes, bonuses and downgrades: reported by one person, confirmed or rejected by another, with reasons (S0-21, S3-10, S3-11)."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from tortoise.transactions import in_transaction

from config.refusals import BadInput, Refusal
from models.claims import BONUS, CLAIMED, CONFIRMED, DOWNGRADE, REJECTED, VETO, Claim
from models.cycles import Cycle, CycleSubject
from scoring import faults
from scoring.document import read_document
from services.audit import record
from services.canonical import canonical_json
from services.cycles.cycles import lock_cycle, scheme_of
from services.cycles.subjects import find_subject
from services.dues import Due
from services.entitlements import CLAIM, CONFIRM, Actor, Scope, require
from services.notices.notices import plan_notice
from services.requests.parties import find_parties
from services.requests.pending import Pending
from services.runs.documents import claim_json
from services.trees import Tree

KINDS = (VETO, BONUS, DOWNGRADE)
KIND_WORDS = {VETO: "一票否决", BONUS: "加分", DOWNGRADE: "降档"}
DECIDE_WORD = "认定"


@dataclass(frozen=True, slots=True)
class ClaimSpec:
    """What is claimed. `rule` for a veto; `amount`: points of a bonus, levels of a downgrade; `on` and `until` where dated."""

    subject: str
    kind: str
    reason: str
    rule: str = ""
    amount: str = ""
    on: date | None = None
    until: date | None = None


async def file_claim(cycle_id: int, spec: ClaimSpec, *, now: datetime, actor: str) -> Claim:
    """Report a veto, bonus or downgrade; until it is confirmed a band waits for it. The same claim again is the first one."""
    async with in_transaction():
        cycle = await lock_cycle(cycle_id)
        subject = await find_subject(cycle.id, spec.subject)
        await require(actor, cycle, CLAIM, subject)
        claim = _make(spec, subject, now, actor)
        _check(cycle, subject, claim)
        before = await Claim.get_or_none(subject_id=subject.id, fingerprint=claim.fingerprint)
        if before is not None:
            return before
        await claim.save()
        await record(now, actor, "file_claim", f"claim:{claim.id}", {"kind": spec.kind, "subject": subject.key})
    return claim


def require_undecided(claim: Claim) -> None:
    """For who has just filed it: raise `Refusal` `decided` where the same was decided before, for nobody will decide it again."""
    if claim.state != CLAIMED:
        verdict = "已经认定" if claim.state == CONFIRMED else "没有认定"
        say = f"同样的事项提过（编号 {claim.id}），{verdict}，这一次没有提交。有新的情况，请写进事由再提。"
        raise Refusal("decided", say, is_final=True)


def _make(spec: ClaimSpec, subject: CycleSubject, now: datetime, actor: str) -> Claim:
    if not spec.reason.strip():
        raise BadInput(["reason：请写明事由"])
    if spec.kind not in KINDS:
        raise BadInput([f"kind：没有「{faults.clip(spec.kind)}」{faults.suggest(spec.kind, KINDS)}"])
    if spec.kind == DOWNGRADE and not (spec.amount.isascii() and spec.amount.isdigit()):
        raise BadInput(["amount：降档须写明几级，如 1"])
    told: dict[str, Any] = {name: None if value is None else str(value) for name, value in asdict(spec).items()}
    return Claim(
        subject=subject,
        kind=spec.kind,
        rule=spec.rule,
        amount=spec.amount,
        happened_on=spec.on,
        until=spec.until,
        reason=spec.reason.strip(),
        fingerprint=hashlib.sha256(canonical_json({**told, "subject": subject.key}).encode()).hexdigest(),
        claimed_by=actor,
        claimed_at=now,
        state=CLAIMED,
    )


def _check(cycle: Cycle, subject: CycleSubject, claim: Claim) -> None:
    """As the engine will read it, so that no later run fails on it."""
    row = {"id": "1", "kind": subject.kind, "facts": {claim.kind: [claim_json(claim)]}}
    document = {"scheme": cycle.scheme, "cycle": cycle.year, "settings": {}, "subjects": [row]}
    try:
        read_document(scheme_of(cycle), document)
    except faults.BadInput as error:
        raise BadInput([faults.placed(error.say, error.path.rpartition(".")[2])]) from error


async def decide_claim(claim_id: int, *, confirm: bool, reason: str, now: datetime, actor: str) -> Claim:
    """Confirm or reject a claim, with a reason, by an entitled person other than who made it. The same decision again changes nothing.

    Raises `Refusal`: `no_such_claim`, `not_entitled`, `same_person`, `decided` where it was decided otherwise.
    """
    async with in_transaction():
        claim = await Claim.filter(id=claim_id).select_related("subject").first()
        if claim is None:
            raise Refusal("no_such_claim", f"没有编号为 {claim_id} 的事项，请核对编号。", 404)
        cycle = await lock_cycle(claim.subject.cycle_id)
        await require(actor, cycle, CONFIRM, claim.subject)
        await claim.refresh_from_db()
        state = CONFIRMED if confirm else REJECTED
        if claim.state == state:
            return claim
        _check_decision(claim, actor, reason)
        claim.state, claim.decided_by, claim.decided_at, claim.decision = state, actor, now, reason.strip()
        await claim.save(update_fields=["state", "decided_by", "decided_at", "decision"])
        for person_id in await find_parties(claim.subject, claim.claimed_by):
            await plan_notice("claim", person_id, f"claim:{claim.id}", _told(claim, cycle), now)
        await record(now, actor, "decide_claim", f"claim:{claim.id}", {"state": state, "reason": reason.strip()})
    return claim


def _told(claim: Claim, cycle: Cycle) -> str:
    verdict = "已认定" if claim.state == CONFIRMED else "不予认定"
    return f"「{cycle.title}」{claim.subject.name}：{claim_words(claim, cycle)}{verdict}。理由：{claim.decision}"


def claim_words(claim: Claim, cycle: Cycle) -> str:
    """「加分 2 分」「降档 1 级」「一票否决（发生重大安全事件）」, for people; a claim with its subject loaded."""
    unit = {BONUS: f" {claim.amount} 分", DOWNGRADE: f" {claim.amount} 级"}
    vetoes = scheme_of(cycle).track_of[claim.subject.kind].vetoes_by_id
    title = vetoes[claim.rule].title if claim.rule in vetoes else claim.rule
    return f"{KIND_WORDS[claim.kind]}{unit.get(claim.kind, f'（{title}）')}"


def _check_decision(claim: Claim, actor: str, reason: str) -> None:
    if claim.state != CLAIMED:
        raise Refusal("decided", "这件事已经认定过了，不能再改；情况有变请另行提出。")
    if claim.claimed_by == actor:
        raise Refusal("same_person", "提出的人不能自己认定，请由另一位有权的人认定。", 403)
    if not reason.strip():
        raise BadInput(["reason：请写明认定的理由"])


async def list_claims(cycle_id: int) -> list[Claim]:
    """All claims of a cycle, in the order in which they were made."""
    return await Claim.filter(subject__cycle_id=cycle_id).select_related("subject").order_by("id")


async def _list_waiting() -> list[Claim]:
    return await Claim.filter(state=CLAIMED).order_by("id").select_related("subject__cycle")


def _may_decide(tree: Tree, actor: Actor, one: Claim) -> bool:
    scope = Scope(tree, one.subject.cycle.organisation_id)
    return one.claimed_by != actor.name and scope.may(actor, CONFIRM, one.subject)


def _due(person_id: int, one: Claim) -> Due:
    return Due(person_id, f"claim:{one.id}", f"认定{one.subject.name}的{KIND_WORDS[one.kind]}事项", DECIDE_WORD)


PENDING = Pending(CONFIRM, _list_waiting, _may_decide, _due)
