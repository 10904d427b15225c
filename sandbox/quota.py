"""Daily and per-minute rations of API calls."""

from collections import Counter
from typing import Any

from sandbox.clock import Clock
from sandbox.errors import ApiError
from sandbox.settings import Settings

DAILY = {
    "/cgi-bin/token": 2000,
    "/cgi-bin/stable_token": 500_000,
    "/cgi-bin/menu/create": 1000,
    "/cgi-bin/menu/delete": 1000,
    "/cgi-bin/menu/get": 10_000,
    "/cgi-bin/media/upload": 5000,
    "/cgi-bin/media/get": 10_000,
    "/cgi-bin/message/custom/send": 500_000,
    "/cgi-bin/message/template/send": 100_000,
    "/cgi-bin/qrcode/create": 100_000,
    "/cgi-bin/user/get": 500,
    "/cgi-bin/user/info": 5_000_000,
}
UNLISTED = 5_000_000
MINUTE = {"/cgi-bin/stable_token": 10_000, "/sns/oauth2/access_token": 50_000}
CLEARS_PER_MONTH = 10


class Quota:
    """Calls counted per account and path."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._day: Counter[tuple[str, str, str]] = Counter()
        self._minute: Counter[tuple[str, str, int]] = Counter()
        self._clears: Counter[tuple[str, str]] = Counter()

    def spend(self, app_id: str, path: str, settings: Settings) -> None:
        """Count one call; ApiError 45009 past the day's ration, 45011 past the minute's."""
        minute = (app_id, path, int(self._clock.now() // 60))
        limit = settings.minute_quotas.get(path, MINUTE.get(path))
        if limit is not None and self._minute[minute] >= limit:
            raise ApiError(45011)
        if self.used(app_id, path) >= self.limit(path, settings):
            raise ApiError(45009)
        self._minute[minute] += 1
        self._day[app_id, path, self._clock.day()] += 1

    def used(self, app_id: str, path: str) -> int:
        """Calls of today."""
        return self._day[app_id, path, self._clock.day()]

    def limit(self, path: str, settings: Settings) -> int:
        """The day's ration."""
        return settings.quotas.get(path, DAILY.get(path, UNLISTED))

    def report(self, app_id: str, path: str, settings: Settings) -> dict[str, Any]:
        """The `quota` member of openapi/quota/get."""
        limit, used = self.limit(path, settings), self.used(app_id, path)
        return {"daily_limit": limit, "used": used, "remain": max(0, limit - used)}

    def clear(self, app_id: str, path: str | None = None) -> None:
        """Set today's counts of an account (of one path) to zero; 48006 after ten times a month."""
        month = (app_id, self._clock.day()[:7])
        if self._clears[month] >= CLEARS_PER_MONTH:
            raise ApiError(48006)
        self._clears[month] += 1
        for key in [key for key in self._day if key[0] == app_id and path in (None, key[1])]:
            del self._day[key]
