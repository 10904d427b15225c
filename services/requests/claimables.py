"""What a person may report in a cycle (申报): about whom, and which vetoes, bonus or downgrade the scheme knows for them."""

from collections.abc import Iterator
from dataclasses import dataclass

from models.claims import BONUS, DOWNGRADE, VETO
from models.cycles import Cycle, CycleSubject
from models.people import Person
from models.runs import Publication
from scoring.scheme import Track
from scoring.vetoes import OverlapsCycleYear
from services.cycles.cycles import scheme_of
from services.entitlements import CLAIM, Scope, find_actor
from services.requests.claims import KIND_WORDS
from services.trees import load_tree

# What can be chosen from on a phone.
MOST = 200


@dataclass(frozen=True, slots=True)
class Claimable:
    """One thing that can be reported. `rule` of a veto; `is_period`: it lasts from a day to a day."""

    kind: str
    label: str
    rule: str = ""
    is_period: bool = False


@dataclass(frozen=True, slots=True)
class ClaimList:
    """A cycle, whom the person may report about (up to `MOST`), and by kind of subject what."""

    cycle: Cycle
    subjects: tuple[CycleSubject, ...]
    by_kind: dict[str, tuple[Claimable, ...]]


async def list_claimables(person: Person) -> list[ClaimList]:
    """The cycles without a published result in which the person may report something, newest first."""
    actor, tree = await find_actor(person.staff_no), await load_tree()
    published = [one.cycle_id for one in await Publication.all().only("cycle_id")]
    found = []
    for cycle in await Cycle.exclude(id__in=published).order_by("-year", "-id") if actor.posts else ():
        scope = Scope(tree, cycle.organisation_id)
        reach = scope.reach_of(actor, [CLAIM])
        by_kind = {kind: tuple(_of(track)) for kind, track in scheme_of(cycle).track_of.items()}
        rows = CycleSubject.filter(cycle_id=cycle.id, exempt=None, kind__in=[kind for kind in by_kind if by_kind[kind]])
        if reach is not None:
            rows = rows.filter(organisation_id__in=list(reach))
        subjects = [one for one in await rows.order_by("position").limit(MOST) if scope.may(actor, CLAIM, one)]
        if subjects:
            found.append(ClaimList(cycle, tuple(subjects), by_kind))
    return found


def _of(track: Track) -> Iterator[Claimable]:
    if track.bonus is not None:
        yield Claimable(BONUS, KIND_WORDS[BONUS])
    if track.downgrade is not None:
        yield Claimable(DOWNGRADE, KIND_WORDS[DOWNGRADE])
    for veto in track.vetoes:
        is_period = isinstance(veto.window, OverlapsCycleYear)
        yield Claimable(VETO, f"{KIND_WORDS[VETO]}：{veto.title}", veto.id, is_period)
