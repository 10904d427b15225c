"""Names under which Redis keeps what belongs to a person or a message: HMACs, so that no key tells who it is about."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field

from bot.messages import InMessage


@dataclass(frozen=True, slots=True)
class Names:
    """`keys` are the raw SESSION_KEYs, newest first; names are made with the newest."""

    keys: tuple[bytes, ...] = field(repr=False)

    def person(self, openid: str) -> str:
        """The hashed openid, 32 hex digits: in Redis keys, drafts and logs."""
        return _hmac(self.keys[0], "person", openid)

    def persons(self, openid: str) -> tuple[str, ...]:
        """The same under every key still kept, newest first: what was stored under an older one is found, too."""
        return tuple(_hmac(key, "person", openid) for key in self.keys)

    def message(self, app_id: str, message: InMessage) -> str:
        """One name for all deliveries of one message; different for any two messages (MsgId alone collides)."""
        m = message
        return _hmac(self.keys[0], app_id, m.openid, m.created_at, m.wire_type, m.event, m.event_key, m.msg_id)


def _hmac(key: bytes, *parts: str | int) -> str:
    return hmac.new(key, json.dumps(parts).encode(), hashlib.sha256).hexdigest()[:32]
