"""Telling people things: planned in the database, pushed where WeChat lets us, and always there under 任务 (design §7).

**At most once.** Whether a push that was interrupted reached the person cannot be known. Such a notice is recorded as `unknown`
and never pushed again, for a doubled message harms trust and a missing one still stands in 任务.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import uuid4

from prometheus_client import Counter

from bot.client import Outcome, Status
from bot.replies import render
from models import notices
from models.notices import LISTED, REFUSED, SENT, UNKNOWN, Notice
from services.letters import Letter, compose_letter
from services.rations import forget_rations, take_ration
from services.runtime import Runtime

# Longer than the client may take for a call with all that belongs to it.
LEASE = timedelta(minutes=2)
# So that the repeat of a message, or a second look, shows again what its first answer showed.
SHOWN_AGAIN = timedelta(minutes=5)
SHOWN_AT_ONCE = 20
# The platform sees no window, or no message left in it (wechat-platform §2).
_NO_WINDOW = {45015, 45047}

_STATES = {Status.SENT: SENT, Status.REFUSED: REFUSED, Status.UNKNOWN: UNKNOWN}

PUSHES = Counter("zhiping_notices_total", "Notices dealt with by this worker", ["outcome"])

log = logging.getLogger(__name__)


async def plan_notice(kind: str, person_id: int, slot: str, text: str, due_at: datetime) -> None:
    """Plan to tell a person `text` at `due_at`, inside the caller's transaction. A repeat of (kind, person, slot) does nothing."""
    notice = Notice(id=uuid4(), kind=kind, person_id=person_id, slot=slot, text=text, due_at=due_at)
    await notices.insert_new(notice)


async def send_due(rt: Runtime, now: datetime, limit: int = 50) -> int:
    """Push up to `limit` due notices at once; how many were taken. Any number of workers may do this at the same time."""
    await _record_unknown(now)
    taken = await notices.claim_due(now, now + LEASE, limit)
    openids = await notices.find_openids(taken)
    await asyncio.gather(*(_deal_with(rt, notice, openids.get(notice.person_id), now) for notice in taken))
    return len(taken)


async def read_notices(person_id: int, now: datetime) -> list[str]:
    """What a person's 任务 shows, newest first; unread ones become read. What was read just now is shown again."""
    shown = await notices.list_shown(person_id, now, now - SHOWN_AGAIN, SHOWN_AT_ONCE)
    await notices.mark_read(shown, now)
    return [notice.text for notice in shown]


async def _record_unknown(now: datetime) -> None:
    abandoned = await notices.abandon_expired(now)
    if abandoned:
        PUSHES.labels(UNKNOWN).inc(abandoned)
        log.warning("notices abandoned", extra={"action": "notices_abandoned", "count": abandoned})


async def _deal_with(rt: Runtime, notice: Notice, openid: str | None, now: datetime) -> None:
    """Push one notice, or leave it to 任务: its person has unbound or unfollowed, or no way to them is known to be open."""
    letter = await _compose(rt, notice) if openid is not None else None
    outcome = await _push(rt, openid, letter, notice, now) if openid and letter else None
    if outcome is None:
        await _settle(notice, now, LISTED)
    elif outcome.status is Status.RETRY_AT:
        await notices.postpone(notice, outcome.retry_at or now + LEASE, outcome.errcode)
        PUSHES.labels("retry").inc()
    else:
        await _settle(notice, now, _STATES[outcome.status], outcome.errcode or None)
        if outcome.status is Status.SENT and openid and letter and letter.picture:
            await _send_picture(rt, openid, letter.picture, now)


async def _compose(rt: Runtime, notice: Notice) -> Letter:
    """The letter. A fault of ours stops nothing: the notice's own words are sent then."""
    try:
        return await compose_letter(rt, notice)
    except Exception:
        log.exception("letter failed", extra={"action": "letter_failed", "notice": str(notice.id)})
        return Letter(notice.text)


async def _push(rt: Runtime, openid: str, letter: Letter, notice: Notice, now: datetime) -> Outcome | None:
    """Ways in order, the next one only where nothing can have arrived by the one before; None where there is none."""
    outcome = None
    if await take_ration(rt, openid, now):
        outcome = await _guard(notice, rt.wechat.send_text(openid, render(letter.text, page=letter.page)))
        if outcome.errcode in _NO_WINDOW:
            await forget_rations(rt, openid)
    if letter.template and (outcome is None or outcome.errcode in _NO_WINDOW):
        template = letter.template
        outcome = await _guard(
            notice, rt.wechat.send_template(openid, template.template_id, template.data, template.url)
        )
    return outcome


async def _send_picture(rt: Runtime, openid: str, draw: Callable[[], bytes], now: datetime) -> None:
    """The picture beside a text that has arrived, once at most. Where it fails, the text's link still leads to it."""
    if not await take_ration(rt, openid, now):
        return
    try:
        picture = await asyncio.to_thread(draw)
        media_id = await rt.wechat.upload_media("image", picture, "brief.png", "image/png")
        await rt.wechat.send_image(openid, media_id)
    except Exception:
        log.exception("picture not sent", extra={"action": "picture_not_sent"})


async def _guard(notice: Notice, call: Awaitable[Outcome]) -> Outcome:
    """The call itself. A fault of ours stops no other notice, and what became of this one is not known."""
    try:
        return await call
    except Exception:
        log.exception("push failed", extra={"action": "push_failed", "notice": str(notice.id)})
        return Outcome(Status.UNKNOWN)


async def _settle(notice: Notice, now: datetime, state: str, errcode: int | None = None) -> None:
    await notices.settle(notice, now, state, errcode)
    PUSHES.labels(state).inc()
