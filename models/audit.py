"""Who did what to the administration of assessments: append-only. Never a ballot, never a check-in, never who voted when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tortoise import fields
from tortoise.models import Model


class AuditEntry(Model):
    """One administrative act. `actor` is a staff number or `command` or `clock`."""

    id = fields.BigIntField(primary_key=True)
    at: datetime = fields.DatetimeField()
    actor = fields.CharField(64)
    action = fields.CharField(32)
    object = fields.CharField(64)
    detail: dict[str, Any] = fields.JSONField(default=dict)

    class Meta:
        table = "audit_entries"
