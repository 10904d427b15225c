"""All that Redis holds, as whoever has it can read it."""

import json

from redis.asyncio import Redis


async def everything_in(redis: Redis) -> bytes:
    """All keys and values."""
    seen: list[bytes] = []
    async for key in redis.scan_iter():
        kind = await redis.type(key)
        if kind == b"hash":
            seen += [key, *(part for pair in (await redis.hgetall(key)).items() for part in pair)]
        else:
            seen += [key, *(await redis.smembers(key))] if kind == b"set" else [key, await redis.get(key)]
    return b"\n".join(seen)


def is_in(word: str, seen: bytes) -> bool:
    """As UTF-8 or as JSON escapes."""
    return word.encode() in seen or json.dumps(word).strip('"').encode() in seen
