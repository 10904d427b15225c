"""Single-use codes and the tokens that people's web authorizations give."""

import secrets
from dataclasses import dataclass
from typing import Literal

from sandbox.clock import Clock
from sandbox.errors import ApiError
from sandbox.person import Person, make_openid

Purpose = Literal["oauth", "login", "phone"]
ACCESS_TTL, REFRESH_TTL = 7200, 30 * 86400


@dataclass
class Grant:
    """A code: whose, for what, `scope` of an authorization; `expires` in unix seconds."""

    person: Person
    purpose: Purpose
    scope: str
    expires: float
    used: bool = False


@dataclass(frozen=True)
class WebToken:
    """An authorization's tokens; `openid` is a made-up one for snapshot pages."""

    access: str
    refresh: str
    person: Person
    openid: str
    scope: str
    is_snapshot: bool
    access_expires: float
    refresh_expires: float


class Grants:
    """Codes and web tokens issued."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._codes: dict[str, Grant] = {}
        self._access: dict[str, WebToken] = {}
        self._refresh: dict[str, WebToken] = {}

    def issue(self, person: Person, purpose: Purpose, ttl: float, scope: str = "") -> str:
        """A new code."""
        code = "0" + secrets.token_hex(15) + "z"
        self._codes[code] = Grant(person, purpose, scope, self._clock.now() + ttl)
        return code

    def redeem(self, code: str, purpose: Purpose) -> Grant:
        """Use a code up; ApiError 41008 missing, 40029 unknown or expired, 40163 used."""
        if not code:
            raise ApiError(41008)
        grant = self._codes.get(code)
        if grant is None or grant.purpose != purpose:
            raise ApiError(40029)
        if grant.used:
            raise ApiError(40163)
        if grant.expires <= self._clock.now():
            raise ApiError(40029)
        grant.used = True
        return grant

    def authorize(self, grant: Grant) -> WebToken:
        """Tokens for a redeemed authorization."""
        is_snapshot = grant.person.snapshot and grant.scope == "snsapi_userinfo"
        openid = make_openid() if is_snapshot else grant.person.openid
        return self._keep(grant.person, openid, grant.scope, is_snapshot, self._clock.now() + REFRESH_TTL)

    def refresh(self, value: str) -> WebToken:
        """New tokens for a refresh token; ApiError 40030."""
        old = self._refresh.get(value)
        if old is None or old.refresh_expires <= self._clock.now():
            raise ApiError(40030)
        return self._keep(old.person, old.openid, old.scope, old.is_snapshot, old.refresh_expires, value)

    def check(self, access: str, openid: str) -> WebToken:
        """The authorization behind an access token; ApiError 40014, 42001, 40003."""
        token = self._access.get(access)
        if token is None:
            raise ApiError(40014)
        if token.access_expires <= self._clock.now():
            raise ApiError(42001)
        if token.openid != openid:
            raise ApiError(40003)
        return token

    def _keep(
        self, person: Person, openid: str, scope: str, is_snapshot: bool, refresh_expires: float, refresh: str = ""
    ) -> WebToken:
        access, refresh = secrets.token_urlsafe(64), refresh or secrets.token_urlsafe(64)
        expires = self._clock.now() + ACCESS_TTL
        token = WebToken(access, refresh, person, openid, scope, is_snapshot, expires, refresh_expires)
        self._access[access] = self._refresh[refresh] = token
        return token
