"""Keeping records of organisational life (S1-12 to S1-17): written once, changed with a history, used wherever evidence is asked for."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from tortoise.expressions import Q
from tortoise.functions import Count
from tortoise.transactions import in_transaction

from config.clock import SHANGHAI
from config.record_kinds import RecordKind, record_kinds
from config.refusals import BadInput, Refusal
from models.media import DROPPED, MediaItem
from models.musters import Muster
from models.photos import PhotoQuestion
from models.records import (
    KEPT,
    RETURNED,
    REVIEWED,
    Attendance,
    Record,
    RecordStep,
    insert_once,
    lock_record,
    records_of,
)
from models.uploads import Upload
from services.entitlements import (
    KEEP_RECORD,
    READ_CONFIDENTIAL,
    READ_RECORD,
    Actor,
    Place,
    Scope,
    find_actor,
    require_in,
)
from services.records.attendances import has_attendance, put_attendance
from services.records.record_media import claim_media
from services.records.record_questions import ask_of_bulk
from services.trees import Tree, load_tree

MAX_TOPIC, MAX_PLACE, MAX_TEXT = 200, 100, 4000
_COMMITTEE_KIND = "党委"
_HOW_TO_CHANGE = "请点要改的一项，也可以接着说、补照片或文件；不改就点 取消。"


@dataclass(frozen=True, slots=True)
class RecordContent:
    """What somebody confirmed. `absent`: person id → word. `media`: source keys in the order in which they came.

    `checks`: check key → whether it was done; `remark`: what was said of what was not. `muster`: id of the activity's code.
    """

    kind: str
    held_on: date
    topic: str
    place: str = ""
    host: str = ""
    procedure: str = ""
    minutes: str = ""
    absent: Mapping[int, str] = field(default_factory=dict)
    concerns: int | None = None
    stage: str = ""
    checks: Mapping[str, bool] = field(default_factory=dict)
    remark: str = ""
    media: tuple[str, ...] = ()
    muster: int | None = None


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One record as evidence. Of a confidential one only its kind and day are told. `photos`: how many came with it."""

    id: int
    kind: str
    title: str
    organisation_id: int
    held_on: date
    topic: str
    place: str
    expected: int
    present: int
    photos: int
    state: str
    is_confidential: bool


async def keep_record(key: str, organisation_id: int, content: RecordContent, *, actor: str, now: datetime) -> Record:
    """Keep a new record of a branch. A repeat with the same `key` gives the record that is there.

    `key`: inbox key of the message that confirmed it; `actor`: staff number. Raises `Refusal`: `not_entitled`; `BadInput`.
    """
    kind = _kind(content.kind)
    async with in_transaction():
        keeper = await require_keeper(organisation_id, actor)
        _check(content, kind, now)
        record, is_new = await insert_once(_filled(Record(), key, organisation_id, keeper, content, now))
        if is_new:
            await RecordStep.create(record=record, at=now, by=actor, act="kept")
            await _take_muster(record, content)
            await put_attendance(record, kind, content.absent)
            await claim_media(record, content.media, now)
            await ask_of_bulk(record, now)
    return record


async def change_record(record_id: int, version: int, content: RecordContent, *, actor: str, now: datetime) -> Record:
    """Correct a record, by its branch; what stood before stays readable. A returned one is put forward again.

    `version`: what the change was made from; who was expected when it was kept stays expected. The same change again changes nothing;
    another one in between, or a review, refuses it. Raises `Refusal`: `no_such_record`, `not_entitled`, `reviewed`,
    `changed_meanwhile`, `unchanged` where a returned one is put forward as it was returned; `BadInput`.
    """
    kind = _kind(content.kind)
    async with in_transaction():
        record = await hold_for_keeper(record_id, actor)
        _check(content, kind, now)
        if record.version == version + 1 and await _is_same(record, kind, content):
            return record
        if record.state == REVIEWED:
            raise Refusal(
                "reviewed", f"这条记录已经审过，不能再改。确有错误，请审核的同志回复 审核记录{record.id} 退回。"
            )
        if record.version != version:
            raise Refusal("changed_meanwhile", "这条记录刚刚被改过，没有覆盖。请重新打开再改。")
        if record.state == RETURNED and await _is_as_returned(record, kind, content):
            raise Refusal("unchanged", f"还没有改动，没有重新交：退回时请您改的是「{record.reason}」。{_HOW_TO_CHANGE}")
        await RecordStep.create(record=record, at=now, by=actor, act="changed", before=await _snapshot(record))
        await _overwrite(record, content)
        await put_attendance(record, kind, content.absent)
        await claim_media(record, content.media, now)
    return record


async def list_records(
    organisation_id: int, since: date, until: date, kinds: Collection[str] | None = None
) -> list[RecordLine]:
    """What a branch recorded from `since` to `until`, both included, by day: evidence for self-rating, reports and duties.

    `kinds`: keys of config/record_kinds.yaml; None for all. Three queries whatever their number.
    """
    return await list_lines([organisation_id], since, until, kinds)


async def list_lines(
    organisation_ids: Collection[int] | None, since: date, until: date, kinds: Collection[str] | None = None
) -> list[RecordLine]:
    """The same for several branches; None stands for all."""
    found = records_of(organisation_ids, since, until, kinds)
    counted = await found.annotate(photos=Count("media", _filter=Q(media__kind="image")))
    return [_line(record) for record in counted]


def _line(record: Record) -> RecordLine:
    kind = record_kinds()[record.kind]
    return RecordLine(
        id=record.id,
        kind=record.kind,
        title=kind.title,
        organisation_id=record.organisation_id,
        held_on=record.held_on,
        topic="" if kind.confidential else record.topic,
        place="" if kind.confidential else record.place,
        expected=record.expected,
        present=record.present,
        photos=getattr(record, "photos", 0),
        state=record.state,
        is_confidential=kind.confidential,
    )


async def record_scope(organisation_id: int) -> Scope:
    """Where acts on a branch's records count: its party committee (党委) with all below, where offices and teams are appointed."""
    return scope_within(await load_tree(), organisation_id)


def scope_within(tree: Tree, organisation_id: int) -> Scope:
    """The same in a tree that is at hand. Without a committee above, the topmost organisation."""
    upwards = list(tree.upwards(organisation_id))
    root = next((node for node in upwards if node.kind == _COMMITTEE_KIND), upwards[-1])
    return Scope(tree, root.id)


async def list_kept_places(actor: str) -> list[int]:
    """The organisations whose records this person keeps."""
    found, tree = await find_actor(actor), await load_tree()
    held = dict.fromkeys(at for _, at in found.posts)
    return [one for one in held if scope_within(tree, one).may(found, KEEP_RECORD, Place(one))]


async def require_keeper(organisation_id: int, actor: str) -> Actor:
    """Who keeps the records of this organisation now. Raises `Refusal` `not_entitled`."""
    return await require_in(await record_scope(organisation_id), actor, KEEP_RECORD, Place(organisation_id))


async def hold_for_keeper(record_id: int, actor: str) -> Record:
    """The record, held until the caller's transaction ends, for whoever keeps its branch's records and may see this one.

    Raises `Refusal`: `no_such_record`, also of a confidential one that they may not know of; `not_entitled`.
    """
    record, found, tree = await lock_record(record_id), await find_actor(actor), await load_tree()
    if record is None or (record_kinds()[record.kind].confidential and not may_see(record, found, tree)):
        raise no_such_record(record_id)
    await require_keeper(record.organisation_id, actor)
    return record


def may_see(record: Record, actor: Actor, tree: Tree) -> bool:
    """Whether the table lets this person see the record; whoever kept it always may."""
    if actor.person_id is not None and record.kept_by_id == actor.person_id:
        return True
    act = READ_CONFIDENTIAL if record_kinds()[record.kind].confidential else READ_RECORD
    return scope_within(tree, record.organisation_id).may(actor, act, Place(record.organisation_id))


def no_such_record(record_id: int) -> Refusal:
    """What is said of a number that no record has, or none that the person may see."""
    return Refusal("no_such_record", f"没有编号为 {record_id} 的记录，请核对编号。", 404)


def _kind(key: str) -> RecordKind:
    kind = record_kinds().get(key)
    if kind is None:
        raise BadInput([f"kind：没有「{key}」这种记录"])
    return kind


def _check(content: RecordContent, kind: RecordKind, now: datetime) -> None:
    faults = []
    if not content.topic.strip() and not kind.checks:
        faults.append("topic：请说明主题或内容")
    if content.held_on > now.astimezone(SHANGHAI).date():
        faults.append("held_on：日期还没有到，请核对")
    if len(content.topic) > MAX_TOPIC or len(content.place) > MAX_PLACE:
        faults.append(f"topic：主题不超过 {MAX_TOPIC} 字，地点不超过 {MAX_PLACE} 字")
    if max(len(content.minutes), len(content.procedure), len(content.remark)) > MAX_TEXT:
        faults.append(f"minutes：记录不超过 {MAX_TEXT} 字，更长的请拍照")
    if kind.concerns and content.concerns is None:
        faults.append(f"concerns：请说明{kind.concerns}")
    if set(content.checks) != {check.key for check in kind.checks}:
        faults.append("checks：有检查项没有回答")
    if faults:
        raise BadInput(faults)


def _values(content: RecordContent) -> dict[str, Any]:
    """The columns that a content sets."""
    answers = {"checks": dict(content.checks), "remark": content.remark.strip(), "stage": content.stage}
    return {
        "held_on": content.held_on,
        "topic": content.topic.strip(),
        "place": content.place.strip(),
        "host": content.host[:64],
        "procedure": content.procedure.strip(),
        "minutes": content.minutes.strip(),
        "concerns_id": content.concerns,
        "answers": answers,
    }


def _filled(
    record: Record, key: str, organisation_id: int, keeper: Actor, content: RecordContent, now: datetime
) -> Record:
    values = _values(content) | {"kind": content.kind, "organisation_id": organisation_id}
    return record.update_from_dict(
        values | {"source_key": f"record:{key}"[:64], "kept_by_id": keeper.person_id, "kept_at": now}
    )


async def _overwrite(record: Record, content: RecordContent) -> None:
    record.update_from_dict(_values(content))
    record.state, record.reason, record.version = KEPT, "", record.version + 1
    await record.save()


async def _is_same(record: Record, kind: RecordKind, content: RecordContent) -> bool:
    """Whether the record is what this content makes of it, who was missing and the photos included."""
    if any(getattr(record, name) != value for name, value in _values(content).items()):
        return False
    loose = MediaItem.filter(source_key__in=content.media, record_id=None).exclude(position=DROPPED)
    return await has_attendance(record, kind, content.absent) and not await loose.exists()


async def _is_as_returned(record: Record, kind: RecordKind, content: RecordContent) -> bool:
    """Whether nothing has come to it since it was returned: no other word, no photo, no file, no answer about its photos."""
    since = record.reviewed_at
    others = (
        RecordStep.filter(record_id=record.id, act__in=("photo", "dropped"), at__gte=since),
        Upload.filter(target_kind="record", target_id=record.id, uploaded_at__gte=since),
        PhotoQuestion.filter(record_id=record.id, answered_at__gte=since),
    )
    return await _is_same(record, kind, content) and not any([await one.exists() for one in others])


async def _snapshot(record: Record) -> dict[str, Any]:
    """What stands in a record now, as JSON."""
    rows = Attendance.filter(record_id=record.id, is_present=False).order_by("id")
    absent = {str(row.person_id): row.word for row in await rows}
    columns = ("topic", "place", "host", "procedure", "minutes", "concerns_id", "answers", "expected", "present")
    values = {name: getattr(record, name) for name in columns}
    return values | {"held_on": record.held_on.isoformat(), "absent": absent, "state": record.state}


async def _take_muster(record: Record, content: RecordContent) -> None:
    """Before anybody is counted: a scan either came before and is seen, or comes after and puts the record right itself."""
    if content.muster is not None:
        own = Muster.filter(id=content.muster, organisation_id=record.organisation_id, record_id=None)
        await own.update(record_id=record.id)


async def count_photos(record_id: int) -> int:
    """How many photos a record has."""
    return await MediaItem.filter(record_id=record_id, kind="image").count()
