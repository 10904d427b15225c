"""Every message is handled once, whatever WeChat repeats and whichever process dies; one message of a person at a time.

Redis keys of a person share the hash tag {person}, so a script's keys lie in one slot of a cluster:

- `zp:{person}:in:<message>`  the claim: `r<owner>` running, `l<owner>` running late, `d<reply>` done, `s<realm>` done with a sealed
  reply, `n` done without a reply to repeat. Running states are leases kept up by a heartbeat; done states stay 90 s.
- `zp:{person}:lock`          the owner that is handling a message of this person, a lease as well
- `zp:{person}:desk`          hash: `rev` fencing number, `body` what `bot.sessions` keeps, `seal` the realm of the sealed part
- `zp:{person}:seal:<realm>`  hash: `session` and up to two replies `r:<message>`, all SecretBox-encrypted by `bot.sessions`

One script call lets a message in, one lets it out. Each process also remembers the names (nothing else) of what it has handled
or has in hand: where Redis is flushed between two deliveries, the second would else be taken for a new message, and what was
typed as the answer to one question would be counted as the answer to another.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis

LEASE_MS = 3000
"""A killed claimant is taken over by the delivery that comes 5 s after the first."""
HEARTBEAT_S = 0.9
DONE_MS = 90_000
"""Longer than the platform repeats (15 s) by far; contract: at least 60 s."""
SEAL_MS = 30 * 60_000
"""A secret flow's session and replies live no longer than this after its last step."""

_ENTER = """
local claim = redis.call('GET', KEYS[1])
if claim then
  local state, value = string.sub(claim, 1, 1), string.sub(claim, 2)
  if state == 's' then return {state, value, redis.call('HGET', ARGV[3] .. value, 'r:' .. ARGV[4]) or ''} end
  return {state, value}
end
if not redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return {'b', redis.call('HGET', KEYS[3], 'rev') or '0'} end
redis.call('SET', KEYS[1], 'r' .. ARGV[1], 'PX', ARGV[2])
local desk = redis.call('HMGET', KEYS[3], 'rev', 'body', 'seal')
local sealed = ''
if desk[3] and desk[3] ~= '' then sealed = redis.call('HGET', ARGV[3] .. desk[3], 'session') or '' end
return {'new', desk[1] or '0', desk[2] or '', desk[3] or '', sealed}
"""

# The lock is still ours; or it is gone and nobody has written since (a flushed Redis): then saving loses nothing.
_LEAVE = """
if KEYS[4] then redis.call('SET', KEYS[4], ARGV[14], 'PX', ARGV[15]) end
local lock, rev = redis.call('GET', KEYS[2]), redis.call('HGET', KEYS[3], 'rev')
if lock ~= ARGV[1] and (lock or (rev and rev ~= ARGV[2])) then return 0 end
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
redis.call('HSET', KEYS[3], 'rev', ARGV[2] + 1, 'body', ARGV[5], 'seal', ARGV[7])
redis.call('PEXPIRE', KEYS[3], ARGV[6])
if ARGV[8] ~= '' then
  local seal, message = ARGV[13] .. ARGV[8], ARGV[11]
  if ARGV[9] == '' then redis.call('DEL', seal) else redis.call('HSET', seal, 'session', ARGV[9]) end
  if ARGV[10] ~= '' then
    local last = redis.call('HMGET', seal, 'last', 'before')
    if last[2] then redis.call('HDEL', seal, 'r:' .. last[2]) end
    redis.call('HSET', seal, 'r:' .. message, ARGV[10], 'last', message)
    if last[1] and last[1] ~= message then redis.call('HSET', seal, 'before', last[1]) end
  end
  redis.call('PEXPIRE', seal, ARGV[12])
end
if lock then redis.call('DEL', KEYS[2]) end
return 1
"""

_BEAT = """
local claim = redis.call('GET', KEYS[1])
if claim ~= 'r' .. ARGV[1] and claim ~= 'l' .. ARGV[1] then return 0 end
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
if ARGV[3] == '1' then redis.call('SET', KEYS[1], 'l' .. ARGV[1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return 1
"""

_DROP = """
local claim = redis.call('GET', KEYS[1])
if claim == 'r' .. ARGV[1] or claim == 'l' .. ARGV[1] then redis.call('DEL', KEYS[1]) end
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
return 1
"""


def person_key(person: str, name: str) -> str:
    """The Redis key of something kept of a person (hashed openid); the braces put all of it into one slot of a cluster."""
    return f"zp:{{{person}}}:{name}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where one message of one person lives in Redis; both names come from `bot.names`."""

    person: str
    message: str

    @property
    def keys(self) -> list[str]:
        """Claim, lock, desk."""
        return [
            person_key(self.person, f"in:{self.message}"),
            person_key(self.person, "lock"),
            person_key(self.person, "desk"),
        ]

    @property
    def seal_prefix(self) -> str:
        """To which a realm is added."""
        return person_key(self.person, "seal:")


@dataclass(frozen=True, slots=True)
class New:
    """The message is ours to handle. `body` and `sealed` are what was kept (see `Kept`); empty where there is nothing.

    `behind`: where it had to wait for another message of the person, the `rev` that it found when it came.
    """

    place: Place
    owner: str
    rev: int
    body: bytes = field(repr=False)
    seal: str
    sealed: bytes = field(repr=False)
    behind: int | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Not now. `is_duplicate`: an earlier delivery is handling it, and answers; else another message of the person is before it.

    `rev`: of the desk as that other message found it.
    """

    is_duplicate: bool
    rev: int = 0


@dataclass(frozen=True, slots=True)
class Done:
    """Handled before. `reply` is to be said again (None: nothing to say); with a realm it is encrypted."""

    reply: bytes | None = field(repr=False)
    realm: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """What to leave behind. `claim`: see the module; `seal`: realm of the topmost secret session, if any.

    `sealed_realm`: the realm whose sealed part changes in this turn, with its new `session` (empty: it is over) and `reply`.
    """

    claim: bytes = field(repr=False)
    body: bytes = field(repr=False)
    body_ttl_ms: int
    seal: str = ""
    sealed_realm: str = ""
    session: bytes = field(default=b"", repr=False)
    reply: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Note:
    """Something else to keep of the person, under `person_key(person, name)`; written on the way, at no extra call."""

    name: str
    value: str
    ttl_ms: int


class Inbox:
    """Claims, locks and what is kept between messages; see the module. All methods raise `redis.RedisError` when Redis is down."""

    def __init__(self, redis: Redis) -> None:
        self._enter = redis.register_script(_ENTER)
        self._leave = redis.register_script(_LEAVE)
        self._beat = redis.register_script(_BEAT)
        self._drop = redis.register_script(_DROP)
        self._in_hand: set[str] = set()
        self._handled: dict[str, float] = {}

    async def enter(self, place: Place) -> New | Waiting | Done:
        """Claim the message and lock the person, and load what was kept; or say why not. Never waits."""
        owner = secrets.token_hex(8)
        state, *values = await self._run(self._enter, place, owner, LEASE_MS, place.seal_prefix, place.message)
        if state == b"new":
            rev, body, seal, sealed = values
            return await self._once(New(place, owner, int(rev), body, seal.decode(), sealed))
        if state == b"s":
            return Done(values[1] or None, values[0].decode())
        if state in (b"l", b"n"):
            return Done(None)
        if state == b"b":
            return Waiting(is_duplicate=False, rev=int(values[0]))
        return Done(values[0]) if state == b"d" else Waiting(is_duplicate=True)

    async def _once(self, new: New) -> New | Waiting | Done:
        message = new.place.message
        if message in self._in_hand or message in self._handled:
            await self._run(self._drop, new.place, new.owner)
            return Waiting(is_duplicate=True) if message in self._in_hand else Done(None)
        self._in_hand.add(message)
        return new

    async def leave(self, new: New, kept: Kept, note: Note | None = None) -> bool:
        """Save, remember the reply, free claim and lock; all or nothing. False: another has taken over, say nothing.

        The note is kept in either case.
        """
        ttl = SEAL_MS if kept.session else DONE_MS
        args = (new.rev, kept.claim, DONE_MS, kept.body, kept.body_ttl_ms, kept.seal)
        sealed = (kept.sealed_realm, kept.session, kept.reply, new.place.message, ttl, new.place.seal_prefix)
        noted = (note.value, note.ttl_ms) if note else ()
        keys = [*new.place.keys, *([person_key(new.place.person, note.name)] if note else ())]
        try:
            return bool(await self._leave(keys=keys, args=(new.owner, *args, *sealed, *noted)))
        finally:
            self._remember(new.place.message)

    def _remember(self, message: str) -> None:
        now = time.monotonic()
        self._in_hand.discard(message)
        self._handled[message] = now
        while self._handled and next(iter(self._handled.values())) < now - DONE_MS / 1000:
            del self._handled[next(iter(self._handled))]

    async def keep_up(self, new: New, *, late: bool = False) -> bool:
        """Renew both leases; `late` also marks the claim, so that duplicates are not kept waiting. False: lost."""
        return bool(await self._run(self._beat, new.place, new.owner, LEASE_MS, int(late)))

    async def drop(self, new: New) -> None:
        """Give the message up without having handled it; the next delivery may."""
        self._in_hand.discard(new.place.message)
        await self._run(self._drop, new.place, new.owner)

    @staticmethod
    async def _run(script: Any, place: Place, *args: Any) -> Any:
        return await script(keys=place.keys, args=args)
