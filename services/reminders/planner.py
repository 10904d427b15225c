"""The planner: each working morning one digest a person over all schemes, in the afternoon a last call (design §7).

Everybody of the roster is planned for, a batch at a time, under a unique key (kind, person, day): any number of workers, and one
that takes over from a dead one, make each digest once. Who has voted is not asked anywhere here.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from uuid import uuid4

from config.clock import SHANGHAI
from config.settings import Settings
from models import jobs
from models.notices import DIGEST, Notice, find_last_slots, insert_many
from models.people import Person
from services.reminders.agenda import list_agenda
from services.reminders.conflicts import raise_conflicts
from services.reminders.overview_notices import list_tellings, tell_overviews
from services.reminders.overviews import Tally
from services.reminders.planning import Call, Habits, calls_of, plan_digest
from services.runtime import Runtime
from services.trees import keeping, load_tree

BATCH = 2500
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
    """One call's digests for everybody of the roster; a repeat adds only what is missing.

    In the morning who reads an overview gets it with what they have to do themselves, as their one digest.
    """
    with keeping(await load_tree()):
        return await _plan_all(_Plan(call, habits, now, Tally(now.astimezone(SHANGHAI).date())))


async def _plan_all(plan: "_Plan") -> int:
    telling = await list_tellings(plan.now) if plan.call == "morning" else None
    after, planned = 0, 0
    while people := await _next_people(after):
        planned += await _plan(plan, people, frozenset(telling.readers) if telling else frozenset())
        after = people[-1].id
    return planned + (await tell_overviews(telling, plan.held, plan.tally, plan.now) if telling else 0)


@dataclass(slots=True)
class _Plan:
    """What one call is planned with, and what comes of it beside the notices: counts, and the texts that are held back."""

    call: Call
    habits: Habits
    now: datetime
    tally: Tally
    held: dict[int, str] = field(default_factory=dict)

    def notice(self, person_id: int, text: str) -> Notice:
        day = self.tally.today
        slot = str(day) if self.call == "morning" else f"{day}:{self.call}"
        return Notice(id=uuid4(), kind=DIGEST, person_id=person_id, slot=slot, text=text, due_at=self.now)


async def _next_people(after: int) -> list[Person]:
    return await Person.filter(id__gt=after).order_by("id").limit(BATCH).only("id", "organisation_id")


async def _plan(plan: _Plan, people: list[Person], readers: frozenset[int]) -> int:
    ids = [person.id for person in people]
    # A clock that once was far ahead must not keep people from being reminded until then.
    tomorrow = str(plan.tally.today + timedelta(days=1))
    slots = await find_last_slots(DIGEST, ids, tomorrow)
    last = {one: date.fromisoformat(slot[:10]) for one, slot in slots.items()}
    dues = sorted(await list_agenda(plan.now, ids), key=lambda due: due.person_id)
    plan.tally.add(dues, {person.id: person.organisation_id for person in people})
    found = []
    for person_id, own in groupby(dues, key=lambda due: due.person_id):
        text = plan_digest(list(own), plan.tally.today, last.get(person_id), plan.habits, plan.call)
        if text is not None and person_id in readers:
            plan.held[person_id] = text
        elif text is not None:
            found.append(plan.notice(person_id, text))
    await insert_many(found)
    return len(found)
