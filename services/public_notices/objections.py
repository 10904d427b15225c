"""Objections (异议) to what is on public notice: received with a number, answered by the office, the answer told (S2-35)."""

import hashlib
import hmac
from datetime import datetime

from tortoise.transactions import in_transaction

from config.clock import SHANGHAI
from config.refusals import BadInput, Refusal
from config.settings import Settings
from models.cycles import CycleSubject
from models.objections import CORRECTED, RECEIVED, UPHELD, Objection, insert_once, list_open
from models.people import Person
from models.public_notices import PublicNotice, list_running
from services.audit import record
from services.dues import Due
from services.entitlements import ANSWER, OBJECT, Actor, Place, Scope, find_actor, require_in, scope_at
from services.notices.notices import plan_notice, say_told
from services.public_notices.public_notices import day_of, is_running
from services.requests.pending import Pending
from services.trees import Tree

MAX_TEXT = 1000
OUTCOMES = {UPHELD: "维持", CORRECTED: "更正"}
ANSWER_WORD = "答复异议"
_NOTICE = "objection"


async def submit_objection(
    settings: Settings, key: str, notice_id: int, text: str, *, person_id: int, now: datetime
) -> Objection:
    """Receive a person's objection to a running notice. A repeat with the same `key` (of the message) gives the same one.

    Raises `Refusal`: `not_running`, `not_entitled`; `BadInput` for a text that is empty or too long.
    """
    source_key = hmac.new(settings.session_key[0], f"objection:{key}".encode(), hashlib.sha256).hexdigest()
    if not 0 < len(text.strip()) <= MAX_TEXT:
        raise BadInput([f"text：请写明异议的内容，不超过 {MAX_TEXT} 字"])
    async with in_transaction():
        # Held against its end, which waits for the objections that have been received.
        notice = await PublicNotice.filter(id=notice_id).select_for_update().first()
        before = await Objection.get_or_none(source_key=source_key)
        if before is not None:
            return before
        if notice is None or not is_running(notice, day_of(now)):
            raise Refusal("not_running", "这份公示现在不在公示期内，不能再提异议；有意见请回复 投诉建议。")
        person = await Person.get(id=person_id)
        if not await may_object(await find_actor(person.staff_no), notice):
            raise Refusal("not_entitled", "异议由公示范围内的人员和本人提出；其他意见请回复 投诉建议。", 403)
        made = await insert_once(
            Objection(source_key=source_key, notice=notice, person=person, text=text.strip(), received_at=now)
        )
        await record(now, person.staff_no, "submit_objection", f"objection:{made.id}", {"notice": notice.id})
    return made


async def may_object(actor: Actor, notice: PublicNotice) -> bool:
    """Whether they are on the notice's roster, or assessed in its cycle wherever they belong now."""
    scope = await scope_at(notice.organisation_id)
    if scope.may(actor, OBJECT) or notice.cycle_id is None:
        return scope.may(actor, OBJECT)
    return await CycleSubject.filter(cycle_id=notice.cycle_id, person_id=actor.person_id).exists()


async def list_objectionable(person: Person, now: datetime) -> list[PublicNotice]:
    """The running notices that the person may object to, newest first."""
    actor = await find_actor(person.staff_no)
    return [one for one in await list_running(day_of(now)) if await may_object(actor, one)]


async def answer_objection(objection_id: int, *, outcome: str, answer: str, now: datetime, actor: str) -> Objection:
    """Answer an objection: `upheld` (维持) or `corrected` (更正), with words that the person who objected is told.

    The same answer again changes nothing. Raises `Refusal`: `no_such_objection`, `not_entitled` (nobody answers their own),
    `answered` where somebody else was first; `BadInput` without words.
    """
    if outcome not in OUTCOMES:
        raise BadInput([f"outcome：应是 {'、'.join(OUTCOMES)} 之一"])
    if not 0 < len(answer.strip()) <= MAX_TEXT:
        raise BadInput([f"text：请写明答复，不超过 {MAX_TEXT} 字"])
    async with in_transaction():
        found = await Objection.filter(id=objection_id).select_for_update().first()
        if found is None:
            raise Refusal("no_such_objection", f"没有编号为 {objection_id} 的异议，请核对编号。", 404)
        await found.fetch_related("notice")
        scope = await scope_at(found.notice.organisation_id)
        await require_in(scope, actor, ANSWER, Place(found.notice.organisation_id, found.person_id))
        if (found.outcome, found.answer) == (outcome, answer.strip()):
            return found
        if found.outcome != RECEIVED:
            raise Refusal("answered", f"这条异议已经答复（{OUTCOMES[found.outcome]}），没有再记。")
        found.outcome, found.answer, found.answered_by, found.answered_at = outcome, answer.strip(), actor, now
        await found.save(update_fields=["outcome", "answer", "answered_by", "answered_at"])
        await plan_notice(_NOTICE, found.person_id, f"objection:{found.id}", _told(found), now)
        await record(now, actor, "answer_objection", f"objection:{found.id}", {"outcome": outcome})
    return found


async def say_answered(found: Objection) -> str:
    """How the answer comes to whoever objected, for whoever gave it."""
    return await say_told(_NOTICE, f"objection:{found.id}", "提出人")


def _told(found: Objection) -> str:
    """Where it can be read goes first: a long answer is cut in what is pushed."""
    head = f"您对「{found.notice.title}」的异议（{reference_of(found)}）已答复：{OUTCOMES[found.outcome]}。"
    return f"{head}回复 异议 随时可看。{found.answer}"


def reference_of(objection: Objection) -> str:
    """Its number as people are told it: the day, and its own number."""
    return f"{objection.received_at.astimezone(SHANGHAI):%Y%m%d}-{objection.id}"


async def list_own(person_id: int) -> list[Objection]:
    """What a person has objected to, newest first, with the notices."""
    return await Objection.filter(person_id=person_id).order_by("-id").select_related("notice").limit(20)


async def list_objections(*, open_only: bool) -> list[Objection]:
    """All of them, newest first, with persons and notices."""
    rows = Objection.filter(outcome=RECEIVED) if open_only else Objection.all()
    return await rows.order_by("-id").select_related("person", "notice")


def _may_answer(tree: Tree, actor: Actor, one: Objection) -> bool:
    place = Place(one.notice.organisation_id, one.person_id)
    return Scope(tree, one.notice.organisation_id).may(actor, ANSWER, place)


def _due(person_id: int, one: Objection) -> Due:
    text = f"答复对「{one.notice.title}」的异议（{reference_of(one)}）"
    return Due(person_id, f"objection:{one.id}", text, ANSWER_WORD, by=one.notice.to_day)


PENDING = Pending(ANSWER, list_open, _may_answer, _due)
