"""Delivers one message to the back end: signing, cut-off, resends, faults, and what the person then sees."""

import asyncio
import secrets
import time
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
from yarl import URL

from sandbox import crypto, xmlform
from sandbox.answers import NOTHING, Answer, judge
from sandbox.chat import FAILURE_NOTICE
from sandbox.faults import Plan
from sandbox.person import Person
from sandbox.world import World

# The person did nothing that waits for an answer, so neither a reply nor a failure is shown.
SILENT_EVENTS = frozenset(
    {
        "unsubscribe",
        "VIEW",
        "view_miniprogram",
        "TEMPLATESENDJOBFINISH",
        "MASSSENDJOBFINISH",
        "subscribe_msg_popup_event",
        "subscribe_msg_change_event",
        "subscribe_msg_sent_event",
        "user_info_modified",
        "user_authorization_revoke",
        "wxa_media_check",
    }
)


@dataclass(frozen=True)
class Attempt:
    """One delivery. `outcome`: answered, timeout, refused or lost (answered, but the answer never arrived)."""

    number: int
    outcome: str
    status: int
    seconds: float
    answer: Answer
    ended: float
    repeat: bool = False

    @property
    def is_final(self) -> bool:
        """Whether the platform got an answer that it can show."""
        return self.outcome == "answered" and self.answer.kind != "failure"

    def json(self) -> dict[str, Any]:
        """JSON for the control API."""
        return {
            "number": self.number,
            "outcome": self.outcome,
            "status": self.status,
            "ms": round(self.seconds * 1000),
            "repeat": self.repeat,
            "answer": self.answer.json(),
        }


@dataclass(frozen=True)
class Delivered:
    """What the person saw in the end, and every delivery that led to it."""

    saw: Answer
    attempts: tuple[Attempt, ...] = ()

    def json(self) -> dict[str, Any]:
        """JSON for the control API."""
        return {"saw": self.saw.json(), "deliveries": [attempt.json() for attempt in self.attempts]}


async def deliver(world: World, person: Person, fields: dict[str, Any]) -> Delivered:
    """Deliver the message with these XML fields until answered or given up, and show the person the outcome."""
    plan = world.faults.plan(person.id)
    await asyncio.sleep(plan.delay) if plan.delay else None
    await _reorder(world, plan)
    attempts = await _run(world, person, fields, plan)
    saw = NOTHING if fields.get("Event") in SILENT_EVENTS else _seen(attempts)
    _show(world, person, saw)
    return Delivered(saw, tuple(attempts))


async def _reorder(world: World, plan: Plan) -> None:
    """Hold a message back until another one has overtaken it, or nothing comes for a while."""
    if not plan.reorder:
        return
    held = world.held = asyncio.Event()
    try:
        await asyncio.wait_for(held.wait(), world.settings.reorder_hold)
    except TimeoutError:
        world.held = None if world.held is held else world.held


async def _run(world: World, person: Person, fields: dict[str, Any], plan: Plan) -> list[Attempt]:
    if plan.overlap is None:
        attempts = await _series(world, person, fields, plan)
    else:
        series, extra = await asyncio.gather(
            _series(world, person, fields, plan), _overlapping(world, person, fields, plan.overlap)
        )
        attempts = sorted([*series, extra], key=lambda attempt: attempt.ended)
    if world.held:
        world.held.set()
        world.held = None
    if plan.repeat:
        again = await _attempt(world, person, fields, len(attempts) + 1)
        attempts.append(replace(again, repeat=True))
    return attempts


async def _overlapping(world: World, person: Person, fields: dict[str, Any], after: float) -> Attempt:
    await asyncio.sleep(after)
    return await _attempt(world, person, fields, 2)


async def _series(world: World, person: Person, fields: dict[str, Any], plan: Plan) -> list[Attempt]:
    settings, attempts = world.settings, list[Attempt]()
    for number in range(1, settings.deliveries + 1):
        attempt = await _attempt(world, person, fields, number, lose=plan.lose and number == 1)
        attempts.append(attempt)
        if attempt.is_final or (attempt.outcome == "answered" and not settings.retry_bad_answers):
            break
        if attempt.outcome == "refused" and number < settings.deliveries:
            await asyncio.sleep(settings.retry_pause)
    return attempts


async def _attempt(world: World, person: Person, fields: dict[str, Any], number: int, lose: bool = False) -> Attempt:
    started, status, outcome = time.monotonic(), 0, "answered"
    try:
        status, body = await _post(world, fields)
        answer = judge(world, status, body, fields)
    except TimeoutError:
        outcome, answer = "timeout", Answer("failure", reason=f"no answer within {world.settings.deadline:g} s")
    except aiohttp.ClientError as error:
        outcome, answer = "refused", Answer("failure", reason=f"connection failed: {type(error).__name__}")
    outcome = "lost" if lose and outcome == "answered" else outcome
    ended = time.monotonic()
    attempt = Attempt(number, outcome, status, ended - started, answer, ended)
    world.note("callback", phone=person.id, name=person.name, sent=fields, attempt=attempt.json())
    return attempt


async def _post(world: World, fields: dict[str, Any]) -> tuple[int, bytes]:
    url, body = seal(world, fields)
    timeout = aiohttp.ClientTimeout(total=world.settings.deadline)
    headers = {"Content-Type": "text/xml", "User-Agent": "Mozilla/4.0"}
    async with world.http.post(url, data=body, headers=headers, timeout=timeout, allow_redirects=False) as response:
        return response.status, await response.read()


def seal(world: World, fields: dict[str, Any]) -> tuple[URL, bytes]:
    """URL and body of one delivery: fresh timestamp, nonce, signature and ciphertext every time."""
    settings, plain = world.settings, xmlform.build(fields)
    clock = world.clock.real if settings.signing_clock == "real" else world.clock.now
    timestamp, nonce = str(int(clock())), str(secrets.randbelow(2_000_000_000))
    query = {"signature": crypto.sign(settings.token, timestamp, nonce), "timestamp": timestamp, "nonce": nonce}
    if settings.openid_in_query:
        query["openid"] = str(fields["FromUserName"])
    if settings.mode != "plain":
        encrypted = crypto.encrypt(settings.aes_key, settings.app_id, plain.encode())
        query |= {"encrypt_type": "aes", "msg_signature": crypto.sign(settings.token, timestamp, nonce, encrypted)}
        kept = fields if settings.mode == "compatible" else {"ToUserName": fields["ToUserName"]}
        plain = xmlform.build({**kept, "Encrypt": encrypted})
    return URL(settings.callback_url).update_query(query), plain.encode()


def _seen(attempts: list[Attempt]) -> Answer:
    """The first reply in time wins over `nothing`; a repeat after an answer is never shown."""
    shown = [attempt.answer for attempt in attempts if attempt.is_final and not attempt.repeat]
    replies = [answer for answer in shown if answer.kind == "reply"]
    if shown:
        return (replies or shown)[0]
    reasons = [attempt.answer.reason or attempt.outcome for attempt in attempts if not attempt.repeat]
    return Answer("failure", text=FAILURE_NOTICE, reason=reasons[-1])


def _show(world: World, person: Person, saw: Answer) -> None:
    if saw.kind == "reply":
        world.show(person, "account", saw.type, "reply", saw.text, saw.links, **saw.extra)
    elif saw.kind == "failure":
        world.show(person, "system", "failure", "notice", saw.text, reason=saw.reason)
