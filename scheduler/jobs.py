"""The one table of what the clock does."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from services.evaluations import evaluations
from services.polls import polls
from services.public_notices import public_notices
from services.records import media
from services.reminders import deliveries, handovers, jobs, planner, vacancy_notices
from services.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Job:
    """Run `run(rt, now)` once in every `every` seconds, by one of the workers. It must bear a second run."""

    name: str
    every: int
    run: Callable[[Runtime, datetime], Awaitable[object]]


JOBS = (
    Job("open_due", 2, polls.open_due),
    Job("close_due", 2, polls.close_due),
    Job("open_evaluations", 10, evaluations.open_due),
    Job("close_evaluations", 10, evaluations.close_due),
    Job("forget_desks", 60, polls.forget_desks),
    Job("plan_digests", 60, planner.plan_due),
    Job("tell_handovers", 60, handovers.tell_due),
    Job("tell_vacancies", 600, vacancy_notices.tell_due),
    Job("send_notices", deliveries.TICK_SECONDS, deliveries.send_due),
    Job("fetch_media", 5, media.fetch_due),
    Job("close_public_notices", 600, public_notices.close_due),
    Job("purge", 3600, jobs.purge),
)
