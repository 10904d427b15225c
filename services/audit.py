"""The record of administrative acts: who did what, when, to what."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from models.audit import AuditEntry

COMMAND, CLOCK, CHAT = "command", "clock", "chat"


async def record(now: datetime, actor: str, action: str, subject: str, detail: Mapping[str, Any]) -> None:
    """Write one act, inside the caller's transaction: it stands if and only if the act does. A repeat writes it again.

    `actor`: a staff number, `COMMAND`, `CLOCK`, or `CHAT` for somebody unknown; `subject`: `kind:id`, cut at 64 characters.
    `detail` holds no openid (beside a staff number not even an HMAC of one), no secret, nothing of ballots or check-ins.
    """
    await AuditEntry.create(at=now, actor=actor[:64], action=action, object=subject[:64], detail=dict(detail))
