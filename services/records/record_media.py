"""Photos and voice of records: noted as each message comes, claimed by the record that they are confirmed with, or added to it late."""

import asyncio
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from tortoise.transactions import in_transaction

from config.record_kinds import record_kinds
from config.refusals import Refusal
from config.settings import Settings
from models.media import DROPPED, STORED, MediaItem, insert_new, list_unclaimed, lock_content
from models.people import Person
from models.records import REVIEWED, Record, RecordStep, lock_record
from models.uploads import Upload
from services.entitlements import KEEP_RECORD, Place, require_in, scope_at
from services.records.media import Kind
from services.records.record_questions import ask_about
from services.runtime import Runtime

LATE = timedelta(minutes=15)
"""Photos that come so long after 确认 belong to what was confirmed: they may overtake it, and people send them one by one."""
LOOSE = timedelta(minutes=30)
"""Photos sent so long before the first word are taken for the record that is then begun."""
UNCLAIMED = timedelta(days=95)
"""Longer than a draft is kept; then what was sent for it is forgotten, too."""
MOST = 30
"""Photos of one record that are kept; what a camera holds is no record."""


def media_key(settings: Settings, media_id: str) -> str:
    """The source key of something sent: one for every delivery of it, telling nothing of the platform's id."""
    return hmac.new(settings.session_key[0], f"record-media:{media_id}".encode(), hashlib.sha256).hexdigest()


async def keep_media(settings: Settings, kind: Kind, media_id: str, person_id: int, now: datetime) -> str:
    """Note what a person has sent, to be fetched at once; it belongs to no record yet. Its key; a repeat changes nothing."""
    key = media_key(settings, media_id)
    item = MediaItem(
        id=uuid4(), kind=kind, media_id=media_id, source_key=key, keeper_id=person_id, due_at=now, received_at=now
    )
    await insert_new(item)
    return key


async def list_loose(person_id: int, now: datetime) -> list[str]:
    """The keys of photos that the person sent a little while ago and that no record has, in the order in which they came."""
    waiting = MediaItem.filter(keeper_id=person_id, record_id=None, kind="image", received_at__gte=now - LOOSE)
    kept = waiting.exclude(position=DROPPED)
    return [item.source_key for item in await kept.order_by("received_at", "id").limit(MOST)]


async def drop_media(person_id: int, keys: Sequence[str]) -> None:
    """The person wants none of these after all: no record takes them up, and they are forgotten with time."""
    loose = MediaItem.filter(source_key__in=list(keys), keeper_id=person_id, record_id=None)
    await loose.update(position=DROPPED)


async def forget_unclaimed(rt: Runtime, now: datetime, limit: int = 200) -> int:
    """Delete photos and voice that no record took up while a draft could have; how many. Any number of workers may do this."""
    found = await list_unclaimed(now - UNCLAIMED, limit)
    for item in found:
        await _forget(rt, item)
    return len(found)


async def _forget(rt: Runtime, item: MediaItem) -> None:
    async with in_transaction():
        if item.sha256:
            await lock_content(item.sha256)
        gone = await MediaItem.filter(id=item.id, record_id=None).delete()
        if gone and item.sha256 and not await _is_needed(item.sha256):
            await asyncio.to_thread(rt.files.remove, item.sha256)


async def _is_needed(sha256: str) -> bool:
    """Whether anything else has this content: sent a second time, or uploaded by a page."""
    return await MediaItem.filter(sha256=sha256).exists() or await Upload.filter(sha256=sha256).exists()


async def claim_media(record: Record, keys: Sequence[str], now: datetime) -> None:
    """Give these to the record, inside the caller's transaction, each at its place; those that another record has stay there."""
    taken = await MediaItem.filter(record_id=record.id).count()
    for place, key in enumerate(dict.fromkeys(keys)):
        loose = MediaItem.filter(source_key=key, record_id=None).exclude(keeper_id=None).exclude(position=DROPPED)
        await loose.update(record_id=record.id, position=taken + place)
    # After the update: a worker that stores one of them at this moment either sees the record or is seen here as done.
    there = MediaItem.filter(record_id=record.id, kind="image", state=STORED)
    await ask_about([item.id for item in await there], now)


async def find_just_kept(person_id: int, now: datetime) -> Record | None:
    """The record that this person confirmed last, where that was just now; a confidential one takes nothing by itself (S1-13)."""
    recent = Record.filter(kept_by_id=person_id, kept_at__gte=now - LATE).exclude(state=REVIEWED)
    newest = await recent.order_by("-kept_at", "-id").first()
    return None if newest is not None and record_kinds()[newest.kind].confidential else newest


async def add_late_photo(settings: Settings, media_id: str, record_id: int, person: Person, now: datetime) -> int:
    """Add a photo to a record that is confirmed already; how many it has then. A repeat adds nothing; `MOST` at most.

    Raises `Refusal` `reviewed` where somebody has accepted the record in the meantime, `not_entitled` for who keeps it no more.
    """
    async with in_transaction():
        record = await lock_record(record_id)
        assert record is not None, "records are never deleted"
        at = record.organisation_id
        await require_in(await scope_at(at), person.staff_no, KEEP_RECORD, Place(at))
        if record.state == REVIEWED:
            raise Refusal("reviewed", "刚才的记录已经审过，这张照片没有放进去。要记别的活动，请先回复 主题党日。")
        key = await keep_media(settings, "image", media_id, person.id, now)
        count = await MediaItem.filter(record_id=record_id, kind="image").count()
        is_there = await MediaItem.filter(source_key=key, record_id=record_id).exists()
        if count < MOST and not is_there:
            await claim_media(record, [key], now)
            await RecordStep.create(record=record, at=now, by=person.staff_no, act="photo")
        return await MediaItem.filter(record_id=record_id, kind="image").count()
