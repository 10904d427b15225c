"""Letting go of what Redis keeps of a phone, once it is another person's or nobody's."""

from __future__ import annotations

from redis.asyncio import Redis

from bot.inbox import person_key

_DESK_MS = 24 * 3600 * 1000

# What a message in hand right now would save belongs to the person before: its lock and number are gone, so `Inbox.leave` refuses.
_CLEAR = """
local rev = redis.call('HGET', KEYS[1], 'rev') or '0'
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('HSET', KEYS[1], 'rev', rev + 1, 'body', '', 'seal', '')
redis.call('PEXPIRE', KEYS[1], ARGV[1])
"""
_HUSH = """
local claim = redis.call('GET', KEYS[1])
if claim and string.sub(claim, 1, 1) == 'd' then redis.call('SET', KEYS[1], 'n', 'KEEPTTL') end
"""


async def forget_person(redis: Redis, person: str) -> None:
    """Drop the desk of a hashed openid (`bot.names`), its sealed sessions and its remembered replies; repeatable.

    A message of theirs that is being handled leaves nothing behind and is not answered. Raises `redis.RedisError`.
    """
    await redis.eval(_CLEAR, 2, person_key(person, "desk"), person_key(person, "lock"), _DESK_MS)
    async for key in redis.scan_iter(person_key(person, "seal:*"), count=1000):
        await redis.unlink(key)
    async for key in redis.scan_iter(person_key(person, "in:*"), count=1000):
        await redis.eval(_HUSH, 1, key)  # still known as handled, so that a repeat does not run it again
