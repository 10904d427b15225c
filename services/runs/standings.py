"""Who may see which results: their own, their branch's as its secretary, all of a cycle as leader or office."""

from dataclasses import dataclass
from datetime import datetime

from models.cycles import Cycle, CycleSubject
from models.people import SECRETARY, Person
from models.runs import ScoreRun, find_newest_run, find_published, light_runs
from services.entitlements import READ_ALL, Actor, Scope, find_actor
from services.trees import load_tree


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person may see of a cycle. `run`: the published one; for who sees all, else the newest. `own`: their subjects."""

    cycle: Cycle
    run: ScoreRun | None
    published_at: datetime | None
    sees_all: bool
    own: tuple[CycleSubject, ...]


async def list_standings(person: Person) -> list[Standing]:
    """The cycles that concern a person, newest first."""
    tree, actor = await load_tree(), await find_actor(person.staff_no)
    found = []
    for cycle in await Cycle.all().order_by("-year", "-id"):
        standing = await _standing(cycle, actor, Scope(tree, cycle.organisation_id))
        if standing.own or standing.sees_all:
            found.append(standing)
    return found


async def _standing(cycle: Cycle, actor: Actor, scope: Scope) -> Standing:
    sees_all = scope.may(actor, READ_ALL)
    published = await find_published(cycle.id)
    own = tuple(await _own(cycle, actor))
    if published is not None:
        return Standing(cycle, await light_runs().get(id=published.run_id), published.published_at, sees_all, own)
    return Standing(cycle, await find_newest_run(cycle.id) if sees_all else None, None, sees_all, own)


async def _own(cycle: Cycle, actor: Actor) -> list[CycleSubject]:
    """The person themselves, and what they are secretary of now."""
    seats = [organisation for title, organisation in actor.posts if title == SECRETARY]
    subjects = CycleSubject.filter(cycle_id=cycle.id).order_by("position")
    themselves = await subjects.filter(person_id=actor.person_id)
    return themselves + await subjects.filter(person_id=None, organisation_id__in=seats)
