"""One message from claim to answer: inbox in, dispatcher, inbox out; and the answer that comes too late."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from prometheus_client import Counter
from redis import RedisError

from bot.client import Outcome
from bot.conversation import Caller
from bot.dispatcher import Dispatcher
from bot.inbox import HEARTBEAT_S, Done, Inbox, Kept, New, Note, Place, Waiting
from bot.messages import InMessage
from bot.names import Names
from bot.replies import fit, render
from bot.runner import Answer
from bot.sessions import Desk, Sessions

_log = logging.getLogger(__name__)

PATIENCE_S = 60.0
"""How long a message waits for an earlier one of the same person before it is given up."""
REDIS_S = 3.0
"""A Redis that is down or hangs must leave time to say so; the client alone would try again for longer than the reply window."""

SLOTS = 64
"""Messages that a process works on at one time: more would only wait for Redis and PostgreSQL, and use up their connections."""

MOST_AT_ONCE = 20
"""Messages of one person in one process, of which one is handled and the others wait; nine photos sent together come at once."""
FLOODED = Counter("zhiping_callback_flooded", "Messages passed over because too many of one person were waiting")
TOO_MANY = "消息太多太快了，有几条没有处理。请稍等几秒，再发没有得到答复的。"

UNSURE = "系统繁忙，刚才这一条可能没有记下。请回复 继续，看看现在到了哪一步。"
"""Instead of a question that may not be the one where the session stands: the next answer would go astray."""

NoteOf = Callable[[InMessage, datetime], Note | None]
"""`(message, now)`: what else to keep of the person who sent this, such as what it entitles us to send them."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A message that was answered, for who counts. `is_question`: a flow asks now; `seconds`: from its question before to the message.

    Of secret flows there is none: how many messages they took would tell who went through them.
    """

    openid: str = field(repr=False)
    is_question: bool
    seconds: int | None


Observe = Callable[[Exchange, datetime], None]
"""`(exchange, now)`: must be quick and must not raise."""

SendText = Callable[[str, str], Awaitable[Outcome]]
"""`async (openid, text)`: a customer-service message."""


@dataclass(slots=True)
class Delivery:
    """One request of the platform. `is_late`: it has been answered with `success` already, so an answer must go another way."""

    is_late: bool = False


class Reception:
    """See the module. `now` reads the clock: a message is handled at the instant it gets its turn, not when it arrived."""

    def __init__(
        self,
        app_id: str,
        names: Names,
        inbox: Inbox,
        sessions: Sessions,
        dispatcher: Dispatcher,
        send_text: SendText,
        now: Callable[[], datetime],
        note_of: NoteOf = lambda message, now: None,
        observe: Observe = lambda exchange, now: None,
    ) -> None:
        self._app_id = app_id
        self._names = names
        self._inbox = inbox
        self._sessions = sessions
        self._dispatcher = dispatcher
        self._send_text = send_text
        self._now = now
        self._note_of = note_of
        self._observe = observe
        self._slots = asyncio.Semaphore(SLOTS)
        self._present: dict[str, int] = {}

    async def receive(self, message: InMessage, delivery: Delivery) -> str | None:
        """The text to reply, or None for nothing. `redis.RedisError` or `TimeoutError`: it could not be claimed at all."""
        place = Place(self._names.person(message.openid), self._names.message(self._app_id, message))
        present = self._present.get(place.person, 0)
        if present >= MOST_AT_ONCE:  # each one asks Redis for its turn many times a second, at everybody's cost
            FLOODED.inc()
            return TOO_MANY if message.kind != "event" else None
        self._present[place.person] = present + 1
        try:
            return await self._receive(message, place, delivery)
        finally:
            self._present[place.person] -= 1
            if not self._present[place.person]:
                del self._present[place.person]

    async def _receive(self, message: InMessage, place: Place, delivery: Delivery) -> str | None:
        entered = await self._wait_for_turn(place, delivery)
        if isinstance(entered, New):
            try:
                return await self._handle(message, entered, delivery)
            finally:
                self._slots.release()
        if entered is None or entered.reply is None:
            return None
        if entered.realm:
            return await self._sessions.reveal(place, entered.realm, entered.reply)
        return entered.reply.decode()

    async def _wait_for_turn(self, place: Place, delivery: Delivery) -> New | Done | None:
        """Short polling with jitter. A duplicate gives up once it is late: the first delivery answers.

        With `New` comes a slot, to be released when the message is handled: from claim to answer nothing waits for another.
        """
        loop = asyncio.get_running_loop()
        deadline, pause = loop.time() + PATIENCE_S, 0.01
        behind: int | None = None
        while loop.time() < deadline:
            entered = await self._enter(place)
            if not isinstance(entered, Waiting):
                return replace(entered, behind=behind) if isinstance(entered, New) else entered
            if behind is None and not entered.is_duplicate:
                behind = entered.rev
            if entered.is_duplicate and delivery.is_late:
                return None
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))
            pause = min(pause * 1.5, 0.15)
        _log.error(
            "a message waited too long for its turn", extra={"action": "message_dropped", "person": place.person}
        )
        return None

    async def _enter(self, place: Place) -> New | Waiting | Done:
        """One try to claim; whoever only waits holds no slot."""
        await self._slots.acquire()
        entered: New | Waiting | Done | None = None
        try:
            async with asyncio.timeout(REDIS_S):
                entered = await self._inbox.enter(place)
            return entered
        finally:
            if not isinstance(entered, New):
                self._slots.release()

    async def _handle(self, message: InMessage, new: New, delivery: Delivery) -> str | None:
        heartbeat = _Heartbeat(self._inbox, new, delivery)
        try:
            now = self._now()
            desk = await self._sessions.open(new, now)
            caller = Caller(message.openid, new.place.message, now, self._app_id)
            answer = await self._dispatcher.respond(message, caller, new.place, desk)
            self._tell(message, desk, answer, now)
            shown, kept = await self._wrap_up(new, answer, now, delivery)
            is_saved = await self._leave(new, kept, self._note_of(message, now))
        except BaseException:
            await self._inbox.drop(new)  # the next delivery may try
            raise
        finally:
            heartbeat.stop()
        if is_saved is False or shown is None:
            return None
        if is_saved is None and answer.is_question:
            shown = UNSURE
        if delivery.is_late:
            await self._send_late(message, answer, shown)
            return None
        return shown

    def _tell(self, message: InMessage, desk: Desk, answer: Answer, now: datetime) -> None:
        if answer.text is None or answer.realm or any(entry.realm for entry in desk.stack):
            return
        asked = desk.top.session.asked_at if desk.top and desk.top.session and not desk.top.paused else 0
        seconds = message.created_at - asked if asked else None
        self._observe(Exchange(message.openid, answer.is_question, seconds), now)

    async def _wrap_up(self, new: New, answer: Answer, now: datetime, delivery: Delivery) -> tuple[str | None, Kept]:
        """The text as it is shown, and what to keep."""
        if answer.text is None:
            return None, await self._sessions.keep(new, answer.desk, now, None, answer.realm)
        ready = answer.text if answer.is_rendered else render(answer.text, answer.options, answer.hints, answer.page)
        shown, rest = fit(ready)
        desk = replace(answer.desk, rest=rest, rest_realm=answer.realm if rest else "")
        if delivery.is_late:  # the question is not seen in time: what is typed meanwhile answers an earlier one
            desk = desk.paused()
        reply = None if delivery.is_late else shown
        return shown, await self._sessions.keep(new, desk, now, reply, answer.realm)

    async def _leave(self, new: New, kept: Kept, note: Note | None) -> bool | None:
        """Whether the answer is ours to give. None: Redis fails now, so nobody knows; what the message did is committed elsewhere."""
        try:
            async with asyncio.timeout(REDIS_S):
                return await self._inbox.leave(new, kept, note)
        except (RedisError, TimeoutError) as error:
            _log.error("a session was not saved", extra={"action": "session_lost", "error": type(error).__name__})
            return None

    async def _send_late(self, message: InMessage, answer: Answer, shown: str) -> None:
        """Once, as a customer-service message; of a secret flow only where to go on."""
        text = (answer.late_text or "请回复 继续。") if answer.realm else shown
        outcome = await self._send_text(message.openid, text)
        extra = {"action": "late_answer", "status": outcome.status.value, "errcode": outcome.errcode}
        _log.info("an answer went out late", extra=extra)


class _Heartbeat:
    """Keeps the leases up while a message is handled. Costs one timer where the handler is quick."""

    def __init__(self, inbox: Inbox, new: New, delivery: Delivery) -> None:
        self._inbox, self._new, self._delivery = inbox, new, delivery
        self._task: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(HEARTBEAT_S, self._begin)

    def stop(self) -> None:
        """No beat after this."""
        self._timer.cancel()
        if self._task is not None:
            self._task.cancel()

    def _begin(self) -> None:
        self._task = asyncio.create_task(self._beat())

    async def _beat(self) -> None:
        while True:
            if not await self._is_kept_up():
                return
            await asyncio.sleep(HEARTBEAT_S)

    async def _is_kept_up(self) -> bool:
        try:
            return await self._inbox.keep_up(self._new, late=self._delivery.is_late)
        except RedisError:
            return True  # a hiccup; the lease decides
