"""Questions about photos and late records (S1-24): put to the branch first, then with its answer to the reviewer, to nobody else.

A question says what was seen and asks; it marks nobody, counts for nothing and blocks nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from config.clock import SHANGHAI
from config.record_kinds import photo_questions, record_kinds
from config.refusals import BadInput, Refusal
from models.cycles import Cycle, CycleSubject
from models.media import DROPPED, STORED, MediaItem
from models.people import Person
from models.photos import BULK, NEAR, OTHER_DAY, PhotoPrint, PhotoQuestion, find_near, lock_prints
from models.records import REVIEWED, Record, RecordStep, lock_record
from services.cycles.stages import stage_days_of
from services.entitlements import KEEP_RECORD, Place, require_in, scope_at
from services.notices.notices import plan_notice
from services.records.photo_files import Photo, bands_near, bands_of
from services.records.record_keepers import find_keeper, find_keepers
from services.successors import list_places

NOTICE = "record_question"
MAX_ANSWER = 200
_WITHIN, _BEFORE_DEADLINE = timedelta(days=1), timedelta(days=7)


async def note_photo(media_id: UUID, photo: Photo, now: datetime) -> None:
    """Keep what a stored photo tells of itself, and ask where there is something to ask, inside the caller's transaction."""
    if photo.print is not None or photo.taken_on is not None:
        bands = bands_of(photo.print) if photo.print is not None else (None,) * 4
        made = PhotoPrint(media_id=media_id, print=photo.print, taken_on=photo.taken_on)
        await made.update_from_dict({f"band_{n}": band for n, band in enumerate(bands)}).save()
    await ask_about([media_id], now)


async def ask_about(media_ids: Sequence[UUID], now: datetime) -> None:
    """Ask about those of these photos that are stored, belong to a record and give cause. A repeat asks nothing twice."""
    fitting = PhotoPrint.filter(media_id__in=list(media_ids), media__state=STORED).exclude(media__record_id=None)
    prints = await fitting.select_related("media__record").order_by("media__position", "id")
    if prints:
        await lock_prints()
    for one in prints:
        record = one.media.record
        assert record is not None, "filtered above"
        await _ask_of_day(one, record, now)
        await _ask_of_near(one, record, now)


async def _ask_of_day(one: PhotoPrint, record: Record, now: datetime) -> None:
    taken = one.taken_on
    if taken is not None and abs((taken - record.held_on).days) > photo_questions().days_apart:
        await _ask(OTHER_DAY, record, now, media_id=one.media_id, detail={"taken_on": taken.isoformat()})


async def _ask_of_near(one: PhotoPrint, record: Record, now: datetime) -> None:
    if one.print is None:
        return
    near = await find_near(one.print, bands_near(one.print), photo_questions().near_bits, record.id)
    if near is not None:
        await _ask(NEAR, record, now, media_id=one.media_id, other_id=near[1])


async def ask_of_bulk(record: Record, now: datetime) -> None:
    """Ask once a day where a branch writes down many activities long after they were held, inside the caller's transaction."""
    limits = photo_questions()
    today = now.astimezone(SHANGHAI).date()
    late = Record.filter(
        organisation_id=record.organisation_id,
        kept_at__gt=now - _WITHIN,
        held_on__lt=today - timedelta(days=limits.late_days),
    )
    count = await late.count()
    if count < limits.bulk_records or record.held_on >= today - timedelta(days=limits.late_days):
        return
    deadline = await _next_deadline(record.organisation_id, today)
    detail: dict[str, object] = {"count": count}
    if deadline is not None:
        detail |= {"deadline": deadline[0], "by": deadline[1].isoformat()}
    await _ask(BULK, record, now, detail=detail, key=f"bulk:{record.organisation_id}:{today}")


async def _next_deadline(organisation_id: int, today: date) -> tuple[str, date] | None:
    """The stage of a cycle of this branch that ends within a week, so that haste before it is seen as such."""
    ids = await CycleSubject.filter(organisation_id=organisation_id).distinct().values_list("cycle_id", flat=True)
    days = await stage_days_of(await Cycle.filter(id__in=list(ids)))
    found = [
        (one.due, one.stage.title)
        for stages in days.values()
        for one in stages.values()
        if one.due is not None and today <= one.due <= today + _BEFORE_DEADLINE
    ]
    return (min(found)[1], min(found)[0]) if found else None


async def _ask(
    kind: str,
    record: Record,
    now: datetime,
    *,
    media_id: UUID | None = None,
    other_id: int | None = None,
    detail: Mapping[str, object] | None = None,
    key: str = "",
) -> None:
    source_key = key or f"{kind}:{media_id}"
    question = PhotoQuestion(
        source_key=source_key, kind=kind, record_id=record.id, media_id=media_id, other_id=other_id, asked_at=now
    )
    question.detail = dict(detail or {})
    await PhotoQuestion.bulk_create([question], ignore_conflicts=True)
    there = await PhotoQuestion.get(source_key=source_key).select_related("record", "other")
    keeper = await find_keeper(record)
    if keeper is not None:
        await plan_notice(NOTICE, keeper, f"question:{there.id}", f"{say(there)}回复 照片说明 写一句即可。", now)


def say(question: PhotoQuestion) -> str:
    """The question to the branch. Another branch is not named to it."""
    record = question.record
    title = f"{record_kinds()[record.kind].title}（{_day(record.held_on)}）"
    if question.kind == OTHER_DAY:
        taken = _day(date.fromisoformat(question.detail["taken_on"]))
        return f"{title}有一张照片，照片里的拍摄日期是 {taken}，和活动不是同一天，请问是什么情况？"
    if question.kind == NEAR:
        return f"{title}有一张照片，和{_other(question, record)}里的一张很像，请问是同一次活动，还是发错了？"
    before = question.detail.get("deadline")
    when = f"（{before} {_day(date.fromisoformat(question.detail['by']))} 截止）" if before else ""
    return f"今天集中补记了 {question.detail['count']} 次较早的活动{when}，请问是什么情况？"


def _other(question: PhotoQuestion, record: Record) -> str:
    other = question.other
    assert other is not None, "a near photo has another record"
    whose = "本支部" if other.organisation_id == record.organisation_id else "另一个支部"
    return f"{whose} {_day(other.held_on)} 的记录"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


async def list_open_questions(person_id: int) -> list[PhotoQuestion]:
    """What waits for an answer of this person, oldest first: of records that they keep now, whoever kept them first."""
    places = await list_places(KEEP_RECORD, [person_id])
    waiting = PhotoQuestion.filter(record__organisation_id__in=places, answered_at=None) if places else None
    found = await waiting.order_by("id").select_related("record", "other") if waiting is not None else []
    keepers = await find_keepers(one.record for one in found)
    return [one for one in found if keepers[one.record_id] == person_id]


async def list_for_review(record_ids: Iterable[int], now: datetime) -> list[PhotoQuestion]:
    """What a reviewer may see: questions that the branch has answered, or had a week for."""
    asked_before = now - timedelta(days=photo_questions().unanswered_days)
    ripe = Q(answered_at__isnull=False) | Q(asked_at__lte=asked_before)
    found = PhotoQuestion.filter(ripe, record_id__in=list(record_ids))
    return await found.order_by("id").select_related("record", "other")


async def answer_question(question_id: int, answer: str, *, person_id: int, now: datetime, drop: bool = False) -> None:
    """Answer in one sentence, by whoever goes on with the record; `drop` takes the photo out of it. The last answer counts.

    Raises `Refusal`: `no_such_question`; `not_entitled` for who has handed over the post; `reviewed` where a photo of an accepted
    record shall go; `BadInput`.
    """
    if not 0 < len(answer.strip()) <= MAX_ANSWER:
        raise BadInput([f"answer：请写一句话，不超过 {MAX_ANSWER} 字"])
    async with in_transaction():
        question = await PhotoQuestion.filter(id=question_id).select_related("record").first()
        await _require_asked(question, person_id)
        assert question is not None, "nobody is asked nothing"
        if drop and question.media_id is not None:
            await _drop(question.record_id, question.media_id, person_id, now)
        await PhotoQuestion.filter(id=question.id).update(answer=answer.strip(), answered_at=now)


async def _require_asked(question: PhotoQuestion | None, person_id: int) -> None:
    """Of who kept the record and does no more the post is asked, so that they are told who has it now."""
    if question is None or person_id not in (await find_keeper(question.record), question.record.kept_by_id):
        raise Refusal("no_such_question", "没有等您说明的这一项。回复 任务 看看现在有什么要办的。", 404)
    at = question.record.organisation_id
    await require_in(await scope_at(at), (await Person.get(id=person_id)).staff_no, KEEP_RECORD, Place(at))


async def _drop(record_id: int, media_id: UUID, person_id: int, now: datetime) -> None:
    """Take a photo out of its record, which remembers that; never out of what somebody has accepted with it."""
    record = await lock_record(record_id)
    assert record is not None, "records are never deleted"
    if record.state == REVIEWED:
        raise Refusal("reviewed", "这条记录已经审过，照片不能再拿掉。请写一句说明：回复 照片说明。")
    if await MediaItem.filter(id=media_id, record_id=record_id).update(record_id=None, position=DROPPED):
        person = await Person.get(id=person_id)
        await RecordStep.create(record=record, at=now, by=person.staff_no, act="dropped")
