"""Runs of scheduled jobs: the unique key (job, scheduled time) lets any number of workers run each tick once."""

from __future__ import annotations

from datetime import datetime

from tortoise import fields
from tortoise.models import Model


class JobRun(Model):
    """One claimed tick of a job."""

    id = fields.BigIntField(primary_key=True)
    job = fields.CharField(32)
    scheduled_for: datetime = fields.DatetimeField()
    claimed_at: datetime = fields.DatetimeField()
    done_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "job_runs"
        unique_together = (("job", "scheduled_for"),)
