"""The planner: each working morning one digest a person over all schemes, in the afternoon a last call (design §7).

Everybody of the roster is planned for, a batch at a time, under a unique key (kind, person, day): any number of workers, and one
that takes over from a dead one, make each digest once. Who has voted is not asked anywhere here.
"""

from datetime import date, datetime, timedelta
from itertools import groupby
from uuid import uuid4

from config.clock import SHANGHAI
from config.settings import Settings
from models import jobs
from models.notices import DIGEST, Notice, find_last_slots, insert_many
from models.people import Person
from services.agenda import list_agenda
from services.conflicts import raise_conflicts
from services.planning import Call, Habits, calls_of, plan_digest
from services.runtime import Runtime

BATCH = 1000
# Who has begun a plan and not finished it by then is taken for dead.
LEASE = timedelta(minutes=5)


def habits_of(settings: Settings) -> Habits:
    """When people are reminded, as the settings say."""
    steps = tuple(int(days) for days in settings.reminder_days.split(","))
    return Habits(settings.reminder_hour, settings.last_call_hour, settings.quiet, steps)


async def plan_due(rt: Runtime, now: datetime) -> int:
    """Plan the digests that it is time for today, and which no worker has planned; how many notices are new.

    A last call whose morning comes only now (no worker ran) is left out: the digest says it all.
    """
    habits, planned, is_late = habits_of(rt.settings), 0, False
    for call, since in calls_of(now, habits):
        name = f"plan_{call}"
        if not await jobs.claim_run(name, since, now, now - LEASE):
            continue
        if call == "morning":
            await raise_conflicts(now)
        if not (call == "last" and is_late):
            planned += await plan_all(call, habits, now)
        is_late = True
        await jobs.finish_run(name, since, now, now)
    return planned


async def plan_all(call: Call, habits: Habits, now: datetime) -> int:
    """One call's digests for everybody of the roster; a repeat adds only what is missing."""
    after, planned = 0, 0
    while ids := await _next_people(after):
        planned += await _plan(ids, call, habits, now)
        after = ids[-1]
    return planned


async def _next_people(after: int) -> list[int]:
    people = await Person.filter(id__gt=after).order_by("id").limit(BATCH).only("id")
    return [person.id for person in people]


async def _plan(ids: list[int], call: Call, habits: Habits, now: datetime) -> int:
    today = now.astimezone(SHANGHAI).date()
    last = {one: date.fromisoformat(slot[:10]) for one, slot in (await find_last_slots(DIGEST, ids)).items()}
    dues = sorted(await list_agenda(now, ids), key=lambda due: due.person_id)
    found = []
    for person_id, own in groupby(dues, key=lambda due: due.person_id):
        text = plan_digest(list(own), today, last.get(person_id), habits, call)
        if text is not None:
            slot = str(today) if call == "morning" else f"{today}:{call}"
            found.append(Notice(id=uuid4(), kind=DIGEST, person_id=person_id, slot=slot, text=text, due_at=now))
    await insert_many(found)
    return len(found)
