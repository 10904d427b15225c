"""Values that leave us and come back: signed under SESSION_KEY, each for one purpose, good until a moment. Pure."""

import hashlib
import hmac
from datetime import datetime

from config.settings import Settings


def signed(settings: Settings, purpose: str, value: str, until: datetime) -> str:
    """The value with its end and a signature. `value` holds no dot."""
    payload = f"{value}.{int(until.timestamp())}"
    return f"{payload}.{_mac(settings.session_key[0], purpose, payload)}"


def read_signed(settings: Settings, purpose: str, text: str, now: datetime) -> str | None:
    """The signed value, None where it is not ours or has ended. Any key that is still kept serves."""
    payload, _, mac = text.rpartition(".")
    value, _, until = payload.rpartition(".")
    if not _is_signed(settings, purpose, payload, mac) or int(until) <= now.timestamp():
        return None
    return value


def _is_signed(settings: Settings, purpose: str, payload: str, mac: str) -> bool:
    macs = (_mac(key, purpose, payload) for key in settings.session_key)
    return sum(hmac.compare_digest(one.encode(), mac.encode()) for one in macs) > 0


def _mac(key: bytes, purpose: str, payload: str) -> str:
    return hmac.new(key, f"web-{purpose}:{payload}".encode(), hashlib.sha256).hexdigest()
