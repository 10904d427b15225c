"""What is kept of a person's conversations between two messages, in Redis and, for long texts, as drafts in PostgreSQL.

A person's `Desk` is a stack of flows, the topmost in hand, the others waiting for 继续. Of a secret flow (design §5) the plain part
tells only which flow and realm; position, answers, context, the rest of a long reply and remembered replies are
SecretBox-encrypted under the realm's desk key and padded, so that their size does not tell an answer.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox
from redis.asyncio import Redis

from bot.conversation import Flow, Session
from bot.inbox import Kept, New, Place

DeskKey = Callable[[str], Awaitable[bytes | None]]
"""`async (realm) -> 32 bytes | None`; None where the realm is closed or unknown. Asked about twice a message, so it should be quick."""

MAX_STACK = 5
SECRET_TTL = timedelta(minutes=30)
_QUIET_TTL = timedelta(days=1)
_PAD = 2048
_ROOM = 4096
"""For answers and the rest of a reply in a sealed session, and for a whole sealed reply."""


@dataclass(frozen=True, slots=True)
class Drafts:
    """Where answers typed so far outlive Redis: async callables over PostgreSQL, handed in by `app.build`.

    `person` is the hashed openid of `bot.names`, `flow` a `flow_key`, the draft a JSON mapping. `list(person)`: of all flows, the
    newest first.
    """

    load: Callable[[str, str], Awaitable[Mapping[str, Any] | None]]
    save: Callable[[str, str, Mapping[str, Any]], Awaitable[None]]
    drop: Callable[[str, str], Awaitable[None]]
    list: Callable[[str], Awaitable[Sequence[Mapping[str, Any]]]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One flow on the desk. `session` is None while a sealed one has not been opened. `expires`: unix seconds."""

    flow: str
    key: str
    instance: str
    expires: int
    realm: str = ""
    paused: bool = False
    session: Session | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Desk:
    """All that is kept of one person. `rest`: of a long reply; `offered`: words that a bare number chooses from;
    `labels`: what they are shown as, which may be typed, too.

    `rest_realm`: of the secret flow that said it. `lost`: names of flows whose progress is gone (expired, closed, flushed), to be
    told once. `rev` and `behind`: see `bot.inbox.New`. Those four are not stored here.
    """

    stack: tuple[Entry, ...] = ()
    rest: str = field(default="", repr=False)
    offered: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    rest_realm: str = ""
    lost: tuple[str, ...] = ()
    rev: int = 0
    behind: int | None = None

    @property
    def top(self) -> Entry | None:
        """The flow in hand."""
        return self.stack[-1] if self.stack else None

    def put(self, entry: Entry) -> Desk:
        """With this entry topmost (replacing its former self); those below wait, the oldest gives way."""
        others = (replace(e, paused=True) for e in self.stack if e.instance != entry.instance)
        return replace(self, stack=(*others, entry)[-MAX_STACK:])

    def paused(self) -> Desk:
        """With the topmost flow waiting for 继续, too: what comes next may not be meant for its question."""
        return replace(self, stack=(*self.stack[:-1], _paused(self.stack[-1]))) if self.stack else self

    def without(self, instance: str) -> Desk:
        """Without that flow; the one below waits for 继续."""
        return replace(self, stack=tuple(replace(e, paused=True) for e in self.stack if e.instance != instance))


def _paused(entry: Entry) -> Entry:
    session = replace(entry.session, paused=True) if entry.session else None
    return replace(entry, paused=True, session=session)


def entry_for(flow: Flow, session: Session, now: datetime) -> Entry:
    """A session as it lies on the desk; its time starts anew."""
    ttl = min(flow.ttl, SECRET_TTL) if flow.secret else flow.ttl
    realm = str(session.context["realm"]) if flow.secret else ""
    expires = int((now + ttl).timestamp())
    return Entry(flow.name, session.key, session.instance, expires, realm, session.paused, session)


async def forget_realm(redis: Redis, realm: str) -> None:
    """Delete every sealed session and remembered reply of the realm. To be called once its desk key is destroyed; repeatable.

    They are looked for, not listed: a list would be lost in a flush that what is being written at that moment survives.
    """
    async for key in redis.scan_iter(f"zp:*:seal:{realm}", count=1000):
        await redis.unlink(key)  # one by one: they lie in different slots of a cluster


class Sessions:
    """Reads and writes desks as `bot.inbox` carries them."""

    def __init__(self, redis: Redis, desk_key: DeskKey) -> None:
        self._redis = redis
        self._desk_key = desk_key

    async def open(self, new: New, now: datetime) -> Desk:
        """The desk that came with a claim. What has expired or cannot be unsealed is left out and named in `lost`."""
        stored = json.loads(new.body) if new.body else {}
        offered, labels = tuple(stored.get("offered", ())), tuple(stored.get("labels", ()))
        desk = Desk(rest=stored.get("rest", ""), offered=offered, labels=labels, rev=new.rev, behind=new.behind)
        for kept in stored.get("stack", ()):
            entry = _entry(kept)
            opened: tuple[Entry | None, str] = (entry, "")
            if entry.expires <= now.timestamp():
                opened = (None, "")
            elif entry.realm and entry.realm == new.seal:
                opened = await self._open_sealed(new.place, entry, new.sealed)
            desk = _with(desk, entry, *opened)
        return desk

    async def fetch(self, place: Place, entry: Entry) -> Session | None:
        """The session of an entry that `open` left sealed, since it was not the topmost secret one. None: it is gone."""
        if entry.session is not None:
            return entry.session
        sealed = await self._redis.hget(place.seal_prefix + entry.realm, "session")
        opened, _ = await self._open_sealed(place, entry, sealed if isinstance(sealed, bytes) else b"")
        return opened.session if opened else None

    async def is_open(self, realm: str) -> bool:
        """Whether secret flows of this realm can be held at all."""
        return await self._desk_key(realm) is not None

    async def keep(self, new: New, desk: Desk, now: datetime, reply: str | None, realm: str) -> Kept:
        """What to leave behind. `reply` None: nothing to repeat. `realm`: of the secret flow that spoke or ended, else empty.

        Where the realm was closed meanwhile nothing secret is written, and the reply is not remembered. The rest of what a secret
        flow says is kept with its session only, so not where that has ended.
        """
        key = await self._desk_key(realm) if realm else None
        entry = next((e for e in reversed(desk.stack) if e.realm == realm), None) if realm else None
        session = sealed_reply = b""
        if key is not None:
            if entry and entry.session:
                session = _seal(
                    key,
                    new.place,
                    {"session": _shallow(entry.session), "rest": desk.rest if desk.rest_realm == realm else ""},
                    entry.session.room,
                )
            sealed_reply = _seal(key, new.place, reply) if reply is not None else b""
        return Kept(
            claim=_claim(reply, realm, sealed_reply),
            body=_body(desk),
            body_ttl_ms=_body_ttl_ms(desk, now),
            seal=next((e.realm for e in reversed(desk.stack) if e.realm), ""),
            sealed_realm=realm,
            session=session,
            reply=sealed_reply,
        )

    async def reveal(self, place: Place, realm: str, sealed: bytes) -> str | None:
        """A remembered reply of a secret flow; None where its key is gone."""
        key = await self._desk_key(realm)
        return _unseal(key, place, sealed) if key is not None else None

    async def _open_sealed(self, place: Place, entry: Entry, sealed: bytes) -> tuple[Entry | None, str]:
        key = await self._desk_key(entry.realm) if sealed else None
        kept = _unseal(key, place, sealed) if key is not None else None
        if kept is None or kept["session"]["instance"] != entry.instance:
            return None, ""
        return replace(entry, session=Session(**kept["session"] | {"paused": entry.paused})), kept["rest"]


def _with(desk: Desk, entry: Entry, opened: Entry | None, rest: str) -> Desk:
    if opened is None:
        return replace(desk, lost=(*desk.lost, entry.flow))
    if not rest or opened.paused:  # something else was said since
        return replace(desk, stack=(*desk.stack, opened))
    return replace(desk, stack=(*desk.stack, opened), rest=rest, rest_realm=entry.realm)


def _entry(kept: dict[str, Any]) -> Entry:
    session = kept.pop("session", None)
    entry = Entry(**kept)
    return replace(entry, session=Session(**session | {"paused": entry.paused})) if session else entry


def _body(desk: Desk) -> bytes:
    stack = [_entry_json(entry) for entry in desk.stack]
    rest = "" if desk.rest_realm else desk.rest
    stored = {"stack": stack, "rest": rest, "offered": desk.offered, "labels": desk.labels}
    return json.dumps({k: v for k, v in stored.items() if v}, ensure_ascii=False).encode()


def _body_ttl_ms(desk: Desk, now: datetime) -> int:
    latest = max((e.expires for e in desk.stack), default=0)
    return int(max(latest - now.timestamp(), _QUIET_TTL.total_seconds()) * 1000)


def _entry_json(entry: Entry) -> dict[str, Any]:
    session = _shallow(entry.session) if entry.session and not entry.realm else None
    return _shallow(entry) | {"session": session}


def _shallow(value: Entry | Session) -> dict[str, Any]:
    """Fields by name. `dataclasses.asdict` would copy whole contexts for every message."""
    return {each.name: getattr(value, each.name) for each in fields(value)}


def _claim(reply: str | None, realm: str, sealed_reply: bytes) -> bytes:
    if reply is None or (realm and not sealed_reply):
        return b"n"
    return b"s" + realm.encode() if realm else b"d" + reply.encode()


def _seal(key: bytes, place: Place, value: Any, fixed: int = 0) -> bytes:
    """Encrypted and padded. `fixed`: about how many bytes hold it whatever was answered; they alone set the size."""
    data = json.dumps([place.person, value], ensure_ascii=False).encode()
    size = max(-(-fixed // _PAD) * _PAD + _ROOM, -(-len(data) // _PAD) * _PAD)
    return SecretBox(key).encrypt(data.ljust(size))


def _unseal(key: bytes, place: Place, sealed: bytes) -> Any:
    """The value, or None where it was sealed with another key or for another person."""
    try:
        person, value = json.loads(SecretBox(key).decrypt(sealed))
    except (CryptoError, ValueError):
        return None
    return value if person == place.person else None
