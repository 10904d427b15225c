"""A person with a phone, and what the platform allows the account to send them."""

import random
import string
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sandbox.chat import Entry

_ALPHABET = string.ascii_letters + string.digits + "_-"


def make_openid(first: str = "o") -> str:
    """28 characters; case matters."""
    return first + "".join(random.choices(_ALPHABET, k=27))


@dataclass(frozen=True)
class Window:
    """Customer-service messages left, and until when (unix seconds)."""

    left: int = 0
    until: float = 0.0

    def refreshed(self, now: float, count: int, seconds: float) -> "Window":
        """Allowances do not add up: the larger count and the later end win."""
        if self.until <= now:
            return Window(count, now + seconds)
        return Window(max(self.left, count), max(self.until, now + seconds))


USER_MESSAGE = (5, 48 * 3600.0)
BRIEF_ACTION = (3, 60.0)


@dataclass
class Person:
    """One user of the platform; `openid` is for the service account, `mp_openid` for the mini-program."""

    id: str
    name: str
    note: str = ""
    openid: str = field(default_factory=make_openid)
    mp_openid: str = field(default_factory=make_openid)
    unionid: str = field(default_factory=lambda: make_openid("u"))
    followed: bool = False
    followed_at: float = 0.0
    follow_scene: str = ""
    blocked: bool = False
    snapshot: bool = False
    high_risk: bool = False
    active_at: float = 0.0
    typing: bool = False
    window: Window = Window()
    credits: Counter[str] = field(default_factory=Counter)
    entries: list[Entry] = field(default_factory=list)

    def json(self) -> dict[str, Any]:
        """What the control API tells about this phone."""
        shown = ("id", "name", "note", "openid", "mp_openid", "unionid", "followed", "blocked", "snapshot", "high_risk")
        return {name: getattr(self, name) for name in shown}
