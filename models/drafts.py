"""What somebody has answered so far in a long flow. Never of a ballot (design §5)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tortoise import fields
from tortoise.models import Model


class Draft(Model):
    """One unfinished flow of one openid (as HMAC)."""

    id = fields.IntField(primary_key=True)
    openid_hash = fields.CharField(64)
    flow = fields.CharField(32)
    session: dict[str, Any] = fields.JSONField()
    updated_at: datetime = fields.DatetimeField()

    class Meta:
        table = "drafts"
        unique_together = (("openid_hash", "flow"),)
