"""The access token: one for all processes, in Redis, fetched by one of them at a time, with `stable_token`.

A token that the platform refuses is compared with the kept one first: most often another process has fetched a new one already.
"""

from __future__ import annotations

import asyncio
import json
import random
import secrets
from typing import Any

import aiohttp
from redis import RedisError
from redis.asyncio import Redis

_TIMEOUT = aiohttp.ClientTimeout(total=6, connect=3)
_LOCK_MS = 8000
_FAILURE_MS = 10_000
_FORCE_S = 60
_EARLY_S = 300
_SHORTEST_S = 30

_UNLOCK = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class WeChatError(Exception):
    """An API call that failed. `errcode`: the platform's, None where it gave none. Bears no address, token or body.

    `may_have_arrived`: the request was sent, but the answer is missing or unreadable.
    """

    def __init__(self, errcode: int | None, reason: str, *, may_have_arrived: bool = False) -> None:
        super().__init__(f"{reason} {errcode}" if errcode is not None else reason)
        self.errcode = errcode
        self.reason = reason
        self.may_have_arrived = may_have_arrived


def read_answer(body: bytes) -> dict[str, Any]:
    """A JSON answer of the platform (sent as text/plain, too). Raises `WeChatError` for an errcode or for anything else."""
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise WeChatError(None, "unreadable", may_have_arrived=True)
    errcode = answer.get("errcode", 0)
    if errcode:
        raise WeChatError(errcode if isinstance(errcode, int) else None, "errcode")
    return answer


def unreachable(error: Exception) -> WeChatError:
    """A transport failure without its text, which names the address and thereby the token."""
    never_sent = isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)
    return WeChatError(None, type(error).__name__, may_have_arrived=not never_sent)


class Tokens:
    """See the module. Methods raise `WeChatError`, also where Redis is down."""

    def __init__(self, http: aiohttp.ClientSession, redis: Redis, app_id: str, secret: str, base: str) -> None:
        self._http = http
        self._redis = redis
        self._who = {"grant_type": "client_credential", "appid": app_id, "secret": secret}
        self._url = base.rstrip("/") + "/cgi-bin/stable_token"
        self._key = f"zp:token:{{{app_id}}}"
        self._unlock = redis.register_script(_UNLOCK)

    async def get(self) -> str:
        """The token in use; fetched where none is kept."""
        return await self.refresh("")

    async def refresh(self, failed: str) -> str:
        """A token other than the failed one. Processes that ask at the same time cause one fetch."""
        try:
            return await self._refresh(failed)
        except RedisError as error:
            failure = WeChatError(None, type(error).__name__)
        raise failure

    async def _refresh(self, failed: str) -> str:
        owner = secrets.token_hex(8)
        for _ in range(100):
            kept = await self._kept()
            if kept and kept != failed:
                return kept
            if await self._redis.set(f"{self._key}:lock", owner, nx=True, px=_LOCK_MS):
                return await self._locked(failed, owner)
            await asyncio.sleep(random.uniform(0.05, 0.15))
        raise WeChatError(None, "token_wait")

    async def _locked(self, failed: str, owner: str) -> str:
        try:
            kept = await self._kept()  # lock first, then read
            return kept if kept and kept != failed else await self._fetch_other(failed)
        finally:
            await self._unlock(keys=[f"{self._key}:lock"], args=[owner])

    async def _kept(self) -> str:
        """The token in Redis. While a fetch has just failed, that failure: everybody trying again would eat the quota."""
        token, failure = await self._redis.mget(self._key, f"{self._key}:failed")
        if failure and not token:
            raise WeChatError(int(failure) or None, "token")
        return _text(token)

    async def _fetch_other(self, failed: str) -> str:
        try:
            token = await self._fetch(force=False)
            if token == failed:  # the platform thinks it good; force is rationed: 20 a day
                if not await self._redis.set(f"{self._key}:forced", b"1", nx=True, ex=_FORCE_S):
                    raise WeChatError(40001, "token")
                token = await self._fetch(force=True)
        except WeChatError as error:
            await self._redis.delete(self._key)
            await self._redis.set(f"{self._key}:failed", error.errcode or 0, px=_FAILURE_MS)
            raise
        return token

    async def _fetch(self, *, force: bool) -> str:
        try:
            async with self._http.post(
                self._url, json={**self._who, "force_refresh": force}, timeout=_TIMEOUT, allow_redirects=False
            ) as response:
                answer = read_answer(await response.read())
        except (aiohttp.ClientError, TimeoutError) as error:
            failure = WeChatError(None, type(error).__name__)  # no message was sent yet, whatever came of this
        else:
            ttl = max(int(answer["expires_in"]) - _EARLY_S, _SHORTEST_S)
            await self._redis.set(self._key, answer["access_token"], ex=ttl)
            return str(answer["access_token"])
        raise failure


def _text(value: bytes | str | None) -> str:
    return value.decode() if isinstance(value, bytes) else value or ""
