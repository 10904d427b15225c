"""Looking into records (S1-16, S1-18): who may see one, accept it, or return it with a reason; what came back is the branch's due."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.functions import Count
from tortoise.transactions import in_transaction

from config.record_kinds import RecordKind, record_kinds
from config.refusals import BadInput, Refusal
from models.media import MediaItem
from models.photos import PhotoQuestion
from models.records import KEPT, RETURNED, REVIEWED, Attendance, Record, RecordStep, lock_record
from models.uploads import Upload, list_uploads
from services.dues import Due
from services.entitlements import (
    KEEP_RECORD,
    REVIEW_RECORD,
    Actor,
    Place,
    Scope,
    find_actor,
    list_holders,
    require_in,
)
from services.notices.notices import plan_notice
from services.records.record_keepers import find_keeper, find_keepers
from services.records.record_questions import list_for_review
from services.records.records import may_see, no_such_record, record_scope, scope_within
from services.successors import Stranded, list_places
from services.trees import Tree, load_tree

RETURNED_NOTICE = "record_returned"
MAX_REASON = 200
_MOST_LISTED = 200
_WRITTEN = ("kept", "changed", "photo")


@dataclass(frozen=True, slots=True)
class RecordView:
    """All of one record that its reader may see. `absent`: name and word. `questions`: those that are for this reader. `files`: what was
    brought by the page, such as the minutes."""

    record: Record
    kind: RecordKind
    absent: tuple[tuple[str, str], ...]
    photos: int
    voices: int
    questions: tuple[PhotoQuestion, ...]
    steps: tuple[RecordStep, ...]
    files: tuple[Upload, ...]


async def read_one(record_id: int, *, actor: str, now: datetime) -> RecordView:
    """One record, for whoever may see it. Raises `Refusal` `no_such_record`, also where somebody may not know of it."""
    record = await Record.get_or_none(id=record_id).select_related("organisation", "kept_by", "concerns")
    found, tree = await find_actor(actor), await load_tree()
    if record is None or not may_see(record, found, tree):
        raise no_such_record(record_id)
    return await view_record(record, found, tree, now)


async def view_record(record: Record, actor: Actor, tree: Tree, now: datetime) -> RecordView:
    """What the actor may read of a record that they may see; it comes with organisation, keeper and whom it concerns."""
    absent = Attendance.filter(record_id=record.id, is_present=False).order_by("id").select_related("person")
    media = [item.kind for item in await MediaItem.filter(record_id=record.id)]
    scope = scope_within(tree, record.organisation_id)
    is_reviewer = scope.may(actor, REVIEW_RECORD, Place(record.organisation_id))
    return RecordView(
        record=record,
        kind=record_kinds()[record.kind],
        absent=tuple((row.person.name, row.word) for row in await absent),
        photos=media.count("image"),
        voices=media.count("voice"),
        questions=tuple(await list_for_review([record.id], now)) if is_reviewer else (),
        steps=tuple(await RecordStep.filter(record_id=record.id).order_by("id")),
        files=tuple(await list_uploads("record", record.id)),
    )


async def list_records_to_review(actor: str) -> list[Record]:
    """Records that wait for this person, oldest activity first, at most 200; never a confidential one, never their own branch's."""
    found, tree = await find_actor(actor), await load_tree()
    places = [one for one in tree.by_id if _may_review(scope_within(tree, one), found, one)] if found.posts else []
    waiting = Record.filter(state=KEPT, organisation_id__in=places, kind__in=_open_kinds())
    others = waiting.exclude(id__in=await _touched_by(actor))
    return await others.order_by("held_on", "id").limit(_MOST_LISTED).select_related("organisation")


async def find_reviewable(record_id: int, actor: str) -> Record | None:
    """The record of that number, where this person may accept or return it: one that waits, or that was accepted already."""
    found = await Record.get_or_none(id=record_id, state__in=(KEPT, REVIEWED), kind__in=_open_kinds())
    if found is None or await _touched_by(actor, found.id):
        return None
    scope = await record_scope(found.organisation_id)
    return found if _may_review(scope, await find_actor(actor), found.organisation_id) else None


def _may_review(scope: Scope, actor: Actor, organisation_id: int) -> bool:
    """Whoever is of the team or the office and keeps a branch's records as well leaves those to others (S0-21)."""
    place = Place(organisation_id)
    return scope.may(actor, REVIEW_RECORD, place) and not (
        actor.person_id is not None and scope.may(actor, KEEP_RECORD, place)
    )


async def _touched_by(actor: str, record_id: int | None = None) -> list[int]:
    """The ids of records that wait for review, or of this one, in which this person has written anything."""
    wanted = {"record__state": KEPT} if record_id is None else {"record_id": record_id}
    steps = RecordStep.filter(by=actor, act__in=_WRITTEN, **wanted)
    return [int(str(one)) for one in await steps.distinct().values_list("record_id", flat=True)]


async def review_record(
    record_id: int, version: int, *, accept: bool, reason: str, actor: str, now: datetime, accepted: bool = False
) -> Record:
    """Accept a record, or return it with a reason; whoever goes on with it is told. The same decision again changes nothing.

    `version`, `accepted`: what the reviewer has seen; one that was accepted may still be returned, by who knows that it was.
    Raises `Refusal`: `no_such_record`, `not_entitled`, `own_record`, `changed_meanwhile`, `decided`; `BadInput` without a reason.
    """
    async with in_transaction():
        record = await lock_record(record_id)
        if record is None or record_kinds()[record.kind].confidential:
            raise no_such_record(record_id)
        scope = await record_scope(record.organisation_id)
        found = await require_in(scope, actor, REVIEW_RECORD, Place(record.organisation_id))
        state = REVIEWED if accept else RETURNED
        if record.state == state and record.reviewed_by == actor and record.version == version:
            return record
        if not _may_review(scope, found, record.organisation_id) or await _touched_by(actor, record.id):
            raise Refusal("own_record", "这是您自己或您所在支部记的，请由另一位同志审核。", 403)
        _check_review(record, version, accept, reason)
        if record.state != (REVIEWED if accepted and not accept else KEPT):
            say = f"这条记录已经有人审过了，不用再审；确有错误要退回的，回复 审核记录{record.id}。"
            raise Refusal("decided", say)
        record.state, record.reviewed_by, record.reviewed_at, record.reason = state, actor, now, reason.strip()
        await record.save(update_fields=["state", "reviewed_by", "reviewed_at", "reason"])
        act = "accepted" if accept else "returned"
        await RecordStep.create(record=record, at=now, by=actor, act=act, reason=reason.strip())
        if not accept:
            await _tell(record, now)
    return record


def _check_review(record: Record, version: int, accept: bool, reason: str) -> None:
    if record.version != version:
        raise Refusal("changed_meanwhile", "支部刚刚改过这条记录，请重新看一遍再审。")
    if not accept and not 0 < len(reason.strip()) <= MAX_REASON:
        raise BadInput([f"reason：退回请写明理由，不超过 {MAX_REASON} 字"])


async def _tell(record: Record, now: datetime) -> None:
    text = f"{told(record)}退回了：{record.reason}。回复 改记录{record.id} 修改后再交。"
    keeper = await find_keeper(record)
    if keeper is not None:
        await plan_notice(RETURNED_NOTICE, keeper, f"record:{record.id}:{record.version}", text, now)


def told(record: Record) -> str:
    """A record in a few words: 「主题党日（2022年1月18日）」."""
    day = record.held_on
    return f"{record_kinds()[record.kind].title}（{day.year}年{day.month}月{day.day}日）"


async def list_dues(now: datetime, person_ids: Sequence[int]) -> list[Due]:
    """Returned records are due of whoever goes on with them, waiting ones, counted, of each who may take them; the documents set no
    day for either.
    """
    return [*await _list_returned(person_ids), *await _list_waiting(person_ids)]


async def _list_waiting(person_ids: Sequence[int]) -> list[Due]:
    """How many records wait for each of these people: those that `list_records_to_review` lists."""
    holders = await list_holders(REVIEW_RECORD, person_ids)
    waiting = await _count_waiting() if holders else {}
    touched = await _count_touched([one.name for one in holders]) if waiting else Counter[tuple[str, int]]()
    tree = await load_tree()
    scopes = {place: scope_within(tree, place) for place in waiting}
    dues = []
    for actor in holders:
        places = [place for place, scope in scopes.items() if _may_review(scope, actor, place)]
        count = sum(waiting[place] - touched[actor.name, place] for place in places)
        if count and actor.person_id is not None:
            dues.append(_due(actor.person_id, count))
    return dues


def _due(person_id: int, count: int) -> Due:
    return Due(person_id, f"record_review:{person_id}", f"{count} 份记录等您看", "审核记录")


async def _count_waiting() -> dict[int, int]:
    """By organisation how many records wait to be looked into."""
    rows = Record.filter(state=KEPT, kind__in=_open_kinds()).annotate(count=Count("id")).group_by("organisation_id")
    return {int(str(place)): int(str(count)) for place, count in await rows.values_list("organisation_id", "count")}


async def _count_touched(names: Sequence[str]) -> Counter[tuple[str, int]]:
    """In how many of those each of these people has written something: (staff number, organisation) → how many."""
    steps = RecordStep.filter(by__in=names, act__in=_WRITTEN, record__state=KEPT, record__kind__in=_open_kinds())
    rows = await steps.distinct().values_list("by", "record_id", "record__organisation_id")
    return Counter((str(by), int(str(place))) for by, _, place in rows)


def _open_kinds() -> list[str]:
    return [key for key, kind in record_kinds().items() if not kind.confidential]


async def _list_returned(person_ids: Sequence[int]) -> list[Due]:
    places, people = await list_places(KEEP_RECORD, person_ids), set(person_ids)
    returned = await Record.filter(state=RETURNED, organisation_id__in=places).order_by("id") if places else []
    keepers = await find_keepers(returned)
    return [
        Due(
            person_id=keeper,
            key=f"record:{record.id}:{record.version}",
            text=f"{told(record)}被退回，请修改",
            word=f"改记录{record.id}",
            from_day=None,
        )
        for record in returned
        if (keeper := keepers[record.id]) in people and keeper is not None
    ]


async def list_stranded(now: datetime) -> list[Stranded]:
    """Returned records, and records with a photo question, that nobody keeps now."""
    returned: Iterable[Record] = await Record.filter(state=RETURNED).order_by("id")
    questions = await PhotoQuestion.filter(answered_at=None).order_by("id").select_related("record")
    keepers = await find_keepers([*returned, *(one.record for one in questions)])
    waiting = [(one, "被退回，没有人修改") for one in returned] + [
        (one.record, "的照片没有人说明") for one in questions
    ]
    return [Stranded(one.organisation_id, f"{told(one)}{what}") for one, what in waiting if keepers[one.id] is None]
