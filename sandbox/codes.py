"""Scene codes (QR) and the names under which the page offers them for scanning."""

import secrets
from dataclasses import dataclass
from typing import Any

from sandbox.clock import Clock
from sandbox.errors import ApiError

MAX_EXPIRY = 2_592_000
MAX_PERMANENT = 100_000
_FRESH = 3


@dataclass(frozen=True)
class Code:
    """One code; `expires` in unix seconds, None for a permanent one."""

    ticket: str
    scene: str
    url: str
    expires: float | None


class CodeStore:
    """Codes by ticket."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._codes: dict[str, Code] = {}
        self.named: dict[str, str] = {}

    def create(self, scene: str, lifetime: float | None) -> Code:
        """A new code for `scene`; a lifetime of None makes it permanent (45009 past 100 000 of them)."""
        if lifetime is None and sum(code.expires is None for code in self._codes.values()) >= MAX_PERMANENT:
            raise ApiError(45009)
        expires = None if lifetime is None else self._clock.now() + lifetime
        url = f"http://weixin.qq.com/q/{secrets.token_urlsafe(12)}"
        code = Code("gQ" + secrets.token_urlsafe(60), scene, url, expires)
        self._codes[code.ticket] = code
        return code

    def find(self, *, ticket: str = "", url: str = "", scene: str = "") -> Code | None:
        """A code by what was scanned, also an expired one; by scene, the newest that is valid."""
        if ticket:
            return self._codes.get(ticket)
        codes = self._codes.values()
        if url:
            return next((code for code in codes if code.url == url), None)
        return next((code for code in reversed(codes) if code.scene == scene and self.is_valid(code)), None)

    def is_valid(self, code: Code) -> bool:
        """Whether a scan of it still works."""
        return code.expires is None or code.expires > self._clock.now()

    def offered(self) -> list[dict[str, Any]]:
        """Named scenes, for people to choose from; then the newest codes that the account made for a while."""
        named = [{"name": name, "scene": scene} for name, scene in self.named.items()]
        known = set(self.named.values())
        made = {code.scene: None for code in self._codes.values() if code.expires and self.is_valid(code)}
        fresh = [scene for scene in reversed(made) if scene not in known][:_FRESH]
        return [*named, *({"name": f"刚做好的二维码 {scene[:6]}…", "scene": scene} for scene in fresh)]
