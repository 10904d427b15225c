"""Scheduled work: who runs a tick, and what is thrown away with time."""

from datetime import UTC, datetime, timedelta

from config.clock import SHANGHAI
from models import jobs
from models.accounts import BindingFailure
from models.drafts import Draft
from models.notices import delete_digests
from services.records.record_media import forget_unclaimed
from services.runtime import Runtime

# Who has claimed a tick and not finished it by then is taken for dead; a job that does take longer bears a second run.
LEASE = timedelta(minutes=1)

KEEP_BINDING_FAILURES = timedelta(days=1)
KEEP_DRAFTS = timedelta(days=90)
KEEP_DIGESTS = timedelta(days=60)
# Longer than the longest period, or a tick could be forgotten and run again.
KEEP_RUNS = timedelta(days=2)


def scheduled_time(now: datetime, every: int) -> datetime:
    """The last instant of the grid of `every` seconds (from midnight in Shanghai on) that is not after `now`."""
    local = now.astimezone(SHANGHAI)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    passed = int((local - midnight).total_seconds()) // every * every
    return (midnight + timedelta(seconds=passed)).astimezone(UTC)


async def claim_tick(job: str, every: int, now: datetime) -> datetime | None:
    """The scheduled time to run `job` for now, or None: somebody did or does. Of any number of callers one gets it.

    What was claimed and not finished within `LEASE` is given again.
    """
    scheduled_for = scheduled_time(now, every)
    return scheduled_for if await jobs.claim_run(job, scheduled_for, now, now - LEASE) else None


async def finish_tick(job: str, scheduled_for: datetime, claimed_at: datetime, now: datetime) -> None:
    """Record that the tick claimed at `claimed_at` has been run. Repeating changes nothing that matters."""
    await jobs.finish_run(job, scheduled_for, claimed_at, now)


async def purge(rt: Runtime, now: datetime) -> None:
    """Delete binding failures older than a day, drafts nobody touched for 90 days, digests of two months ago, old records of runs,
    and photos that were sent for records nobody confirmed.
    """
    await BindingFailure.filter(at__lt=now - KEEP_BINDING_FAILURES).delete()
    await Draft.filter(updated_at__lt=now - KEEP_DRAFTS).delete()
    await delete_digests(now - KEEP_DIGESTS)
    await jobs.delete_runs(now - KEEP_RUNS)
    await forget_unclaimed(rt, now)
