"""Photos and voice that people sent: noted with the message, fetched by a worker before the platform forgets them (three days)."""

import asyncio
import io
import logging
from datetime import datetime, timedelta
from typing import Literal
from uuid import uuid4

from prometheus_client import Counter
from tortoise.transactions import in_transaction

from bot.tokens import WeChatError
from models import media
from models.media import LOST, STORED, MediaItem
from services.records.photo_files import Photo, read_photo
from services.records.record_questions import note_photo
from services.runtime import Runtime

# The platform keeps what people send for three days (wechat-platform §4).
KEPT_BY_PLATFORM = timedelta(days=3)
# An item belongs to who took it for this long; fetching is cut off before, so that nobody else has begun by then.
LEASE = timedelta(minutes=2)
CUT_OFF_SECONDS = 90
# Unknown or expired: asking again is of no use.
_GONE = {40007, 46001}
MAX_BYTES = 10 * 1024 * 1024
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=15), timedelta(hours=1)

FETCHES = Counter("zhiping_media_total", "Media items dealt with by this worker", ["outcome"])

log = logging.getLogger(__name__)
Kind = Literal["image", "voice"]


async def expect_media(
    kind: Kind,
    media_id: str,
    source_key: str,
    complaint_id: int | None,
    now: datetime,
    *,
    rectification_step_id: int | None = None,
) -> None:
    """Note a photo or voice to be fetched, inside the caller's transaction. A repeat of `source_key` does nothing."""
    item = MediaItem(
        id=uuid4(),
        kind=kind,
        media_id=media_id,
        source_key=source_key,
        complaint_id=complaint_id,
        rectification_step_id=rectification_step_id,
        due_at=now,
        received_at=now,
    )
    await media.insert_new(item)


async def fetch_due(rt: Runtime, now: datetime, limit: int = 8) -> int:
    """Fetch up to `limit` due items at once; how many were taken. No two workers fetch one item at the same time.

    Killed midway, an item is taken again after `LEASE`; content that was stored already is stored once.
    """
    taken = await media.claim_due(now, now + LEASE, limit)
    await asyncio.gather(*(_fetch(rt, item, now) for item in taken))
    return len(taken)


def pause_after(attempts: int) -> timedelta:
    """How long to wait after that many failed attempts: 15 s, doubled each time, an hour at most."""
    return min(_FIRST_PAUSE * (1 << min(attempts - 1, 20)), _LONGEST_PAUSE)


async def _fetch(rt: Runtime, item: MediaItem, now: datetime) -> None:
    try:
        async with asyncio.timeout(CUT_OFF_SECONDS):
            content = io.BytesIO()
            info = await rt.wechat.get_media(item.media_id, content, MAX_BYTES)
            photo = await asyncio.to_thread(_read, item, content.getvalue(), info.content_type)
            if photo is None:
                await _give_up(item, "unreadable")
                return
            sha256 = await asyncio.to_thread(rt.files.put, photo.content)
    except (WeChatError, OSError) as error:  # the platform, the network, the disk; a TimeoutError is an OSError
        await _put_off(item, error, now)
        return
    async with in_transaction():
        await media.lock_content(sha256)
        await asyncio.to_thread(rt.files.put, photo.content)  # there already, unless it was forgotten meanwhile
        if await media.settle_stored(item, sha256, photo.content_type[:64]) and item.kind == "image":
            await note_photo(item.id, photo, now)
    FETCHES.labels(STORED).inc()


def _read(item: MediaItem, content: bytes, content_type: str) -> Photo | None:
    """What may be stored of it: of a photo nothing that tells where it was taken, and nothing at all where that cannot be known."""
    return read_photo(content, content_type) if item.kind == "image" else Photo(content, content_type)


async def _put_off(item: MediaItem, error: Exception, now: datetime) -> None:
    """Try again later, unless it cannot be had any more."""
    reason = error.reason if isinstance(error, WeChatError) else type(error).__name__
    errcode = getattr(error, "errcode", None)
    if _is_final(error) or now - item.received_at >= KEPT_BY_PLATFORM:
        await _give_up(item, reason, errcode)
        return
    _note(item, reason, errcode, is_lost=False)
    await media.postpone(item, now + pause_after(item.attempts))


async def _give_up(item: MediaItem, reason: str, errcode: int | None = None) -> None:
    """It cannot be had any more, or must not be kept."""
    _note(item, reason, errcode, is_lost=True)
    await media.settle_lost(item)


def _note(item: MediaItem, reason: str, errcode: int | None, *, is_lost: bool) -> None:
    facts = {"item": str(item.id), "reason": reason, "errcode": errcode, "lost": is_lost}
    log.warning("media not fetched", extra={"action": "media_not_fetched", **facts})
    FETCHES.labels(LOST if is_lost else "retry").inc()


def _is_final(error: Exception) -> bool:
    return isinstance(error, WeChatError) and (error.errcode in _GONE or error.reason == "too_large")
