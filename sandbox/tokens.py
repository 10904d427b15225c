"""access_token of both token APIs, which know nothing of each other."""

import secrets
from collections import Counter
from dataclasses import dataclass

from sandbox.clock import Clock
from sandbox.errors import ApiError
from sandbox.settings import Settings


@dataclass
class Token:
    """`expires` in unix seconds; `stale` tells that a newer one replaced it or that it was killed."""

    value: str
    app_id: str
    expires: float
    stale: bool = False


class TokenStore:
    """Tokens issued, per account and per API."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._issued: dict[str, Token] = {}
        self._plain: dict[str, Token] = {}
        self._stable: dict[str, Token] = {}
        self._forced_at: dict[str, float] = {}
        self._forced: Counter[tuple[str, str]] = Counter()

    def plain(self, app_id: str, settings: Settings) -> Token:
        """GET /cgi-bin/token: always a new one; the one before works on for the overlap."""
        self._retire(self._plain.get(app_id), settings.token_overlap)
        self._plain[app_id] = self._issue(app_id, settings.token_ttl)
        return self._plain[app_id]

    def stable(self, app_id: str, force: bool, settings: Settings) -> Token:
        """POST /cgi-bin/stable_token: the same while valid; forced, a new one at once, rationed by 45009 and 45011."""
        current = self._stable.get(app_id)
        if force:
            self._ration_force(app_id, settings)
            self._retire(current, 0)
        elif current and not current.stale and current.expires - self._clock.now() > settings.stable_renew:
            return current
        self._stable[app_id] = self._issue(app_id, settings.token_ttl)
        return self._stable[app_id]

    def check(self, value: str) -> Token:
        """The account of a token; ApiError 41001, 40014, 40001 or 42001."""
        if not value:
            raise ApiError(41001)
        token = self._issued.get(value)
        if token is None:
            raise ApiError(40014)
        if token.expires <= self._clock.now():
            raise ApiError(40001 if token.stale else 42001)
        return token

    def kill_all(self, expired: bool) -> None:
        """Make every token useless: as if expired, or as if somebody else had fetched a newer one."""
        for token in self._issued.values():
            token.expires = self._clock.now()
            token.stale = not expired

    def _ration_force(self, app_id: str, settings: Settings) -> None:
        now, day = self._clock.now(), self._clock.day()
        if now - self._forced_at.get(app_id, -1e12) < settings.force_refresh_gap:
            raise ApiError(45011)
        if self._forced[app_id, day] >= settings.force_refresh_daily:
            raise ApiError(45009)
        self._forced_at[app_id] = now
        self._forced[app_id, day] += 1

    def _retire(self, token: Token | None, overlap: float) -> None:
        if token:
            token.expires = min(token.expires, self._clock.now() + overlap)
            token.stale = True

    def _issue(self, app_id: str, ttl: float) -> Token:
        token = Token(f"99_{secrets.token_urlsafe(96)}", app_id, self._clock.now() + ttl)
        self._issued[token.value] = token
        return token
