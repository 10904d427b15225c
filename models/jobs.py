"""Runs of scheduled jobs: the unique key (job, scheduled time) lets any number of workers run each tick once."""

from __future__ import annotations

from datetime import datetime

from tortoise import connections, fields
from tortoise.models import Model

_CLAIM = """
INSERT INTO job_runs (job, scheduled_for, claimed_at) VALUES ($1, $2, $3)
ON CONFLICT (job, scheduled_for) DO UPDATE SET claimed_at = excluded.claimed_at
WHERE job_runs.done_at IS NULL AND job_runs.claimed_at <= $4
RETURNING id
"""


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


async def claim_run(job: str, scheduled_for: datetime, now: datetime, abandoned_before: datetime) -> bool:
    """Whether the caller is the one to run this tick: nobody has claimed it, or who did was last seen before `abandoned_before`."""
    claimed = await connections.get("default").execute_query_dict(_CLAIM, [job, scheduled_for, now, abandoned_before])
    return bool(claimed)


async def finish_run(job: str, scheduled_for: datetime, claimed_at: datetime, now: datetime) -> None:
    """Mark the run claimed at `claimed_at` as done; nothing happens where another worker has taken it over."""
    await JobRun.filter(job=job, scheduled_for=scheduled_for, claimed_at=claimed_at).update(done_at=now)


async def delete_runs(before: datetime) -> int:
    """Forget the runs scheduled before that instant; how many."""
    return await JobRun.filter(scheduled_for__lt=before).delete()
