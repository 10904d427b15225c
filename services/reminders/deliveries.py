"""Pushing what was planned (services.notices.notices) to people's phones, where WeChat lets us (design §7).

**At most once.** Whether a push that was interrupted reached the person cannot be known. Such a notice is recorded as `unknown`
and never pushed again, for a doubled message harms trust and a missing one still stands in 任务.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from prometheus_client import Counter

from bot.client import Outcome, Status
from bot.replies import MAX_BYTES, render
from config.clock import SHANGHAI
from models import notices
from models.burdens import add_pushed
from models.notices import DIGEST, LISTED, REFUSED, SENT, UNKNOWN, Notice
from models.subscriptions import forget_consents, give_back_consent, take_consent
from services.notices.burdens import month_of
from services.notices.rations import forget_rations, take_ration, take_template
from services.reminders.letters import Letter, compose_letter
from services.runtime import Runtime

# Longer than the client may take for a call with all that belongs to it.
LEASE = timedelta(minutes=2)
# More would wait for connections to Redis and PostgreSQL, or run out of them.
_AT_ONCE = 50
TICK_SECONDS = 2
"""How often `send_due` runs (`scheduler.jobs`)."""
# The platform sees no window, or no message left in it (wechat-platform §2).
_NO_WINDOW = {45015, 45047}
_NO_CONSENT = 43101
_CUT = "……（全文请回复 任务）"

_STATES = {Status.SENT: SENT, Status.REFUSED: REFUSED, Status.UNKNOWN: UNKNOWN}

PUSHES = Counter("zhiping_notices_total", "Notices dealt with by this worker", ["outcome"])

log = logging.getLogger(__name__)


async def send_due(rt: Runtime, now: datetime, limit: int | None = None) -> int:
    """Push due notices at once, up to `limit`, else as many as a tick may (`PUSHES_PER_SECOND`); how many were taken.

    Any number of workers may do this at the same time; a tick is one worker's, so that all together keep the platform's pace.
    """
    await _record_unknown(now)
    most = rt.settings.pushes_per_second * TICK_SECONDS if limit is None else limit
    taken = await notices.claim_due(now, now + LEASE, most)
    openids = await notices.find_openids(taken)
    hands = asyncio.Semaphore(_AT_ONCE)

    async def deal_with(notice: Notice) -> bool:
        async with hands:
            return await _deal_with(rt, notice, openids.get(notice.person_id), now)

    sent = await asyncio.gather(*map(deal_with, taken))
    if told := [notice.person_id for notice, is_sent in zip(taken, sent, strict=True) if is_sent]:
        await add_pushed(month_of(now), told)
    return len(taken)


async def _record_unknown(now: datetime) -> None:
    abandoned = await notices.abandon_expired(now)
    if abandoned:
        PUSHES.labels(UNKNOWN).inc(abandoned)
        log.warning("notices abandoned", extra={"action": "notices_abandoned", "count": abandoned})


async def _deal_with(rt: Runtime, notice: Notice, openid: str | None, now: datetime) -> bool:
    """Push one notice, or leave it to 任务: its person has unbound or unfollowed, or no way to them is known to be open, or it is
    a digest whose day is over. Whether it was sent.
    """
    if notice.kind == DIGEST and _is_over(rt, notice, now):
        openid = None
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
    return outcome is not None and outcome.status is Status.SENT


def _is_over(rt: Runtime, digest: Notice, now: datetime) -> bool:
    """Whether a digest comes too late: on another day, or when nobody may be disturbed."""
    local = now.astimezone(SHANGHAI)
    return not digest.slot.startswith(str(local.date())) or local.hour in rt.settings.quiet


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
        outcome = await _guard(notice, rt.wechat.send_text(openid, _fitting(letter)))
        if outcome.errcode in _NO_WINDOW:
            await forget_rations(rt, openid)
    one = letter.template
    if one and _may_go_on(outcome) and await take_template(rt, now):
        outcome = await _guard(notice, rt.wechat.send_template(openid, one.template_id, one.data, one.url))
    one = letter.subscription
    if one and _may_go_on(outcome) and await take_consent(openid, one.template_id):
        outcome = await _guard(notice, rt.wechat.send_subscription(openid, one.template_id, one.data, one.url))
        if outcome.errcode == _NO_CONSENT:
            await forget_consents(openid, one.template_id)
        elif outcome.status is Status.RETRY_AT:
            await give_back_consent(openid, one.template_id)
    return outcome


def _may_go_on(outcome: Outcome | None) -> bool:
    return outcome is None or outcome.errcode in _NO_WINDOW


def _fitting(letter: Letter) -> str:
    """The text as the platform takes it; it refuses a longer one."""
    text, page = render(letter.text), render("", page=letter.page)
    if len((text + page).encode()) <= MAX_BYTES:
        return text + page
    room = MAX_BYTES - len((_CUT + page).encode())
    return text.encode()[:room].decode("utf-8", "ignore") + _CUT + page


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
