"""Who holds a title (样板党支部) now: awarded by a published cycle or imported with the history, and not revoked since (S2-29)."""

from dataclasses import dataclass

from models.cycles import Cycle, CycleSubject
from models.follow_ups import WITHDRAWN, FollowUp
from scoring.consequences import Consequence
from services.cycles.histories import find_pasts

REVOKE: Consequence = "revoke_title"


@dataclass(frozen=True, slots=True)
class Title:
    """A title that a subject of a cycle got in an earlier year. `revoked`: the year that took it away again, None where it stands."""

    subject: CycleSubject
    title: str
    awarded: str
    revoked: str | None = None


async def list_titles(cycle: Cycle) -> list[Title]:
    """The newest award of each title to each subject before this cycle. Those without `revoked` are checked again (复查复验) in it.

    What a history says stays as it is (contract §4: a title was held when any earlier cycle names it): the rule over two
    years (S2-30) needs it after the title is gone. Revoking takes effect here, and with it wherever somebody asks who holds it.
    """
    pasts = await find_pasts(cycle)
    revoked = await _revoked(cycle)
    found = []
    for subject in await CycleSubject.filter(cycle_id=cycle.id).order_by("position"):
        years = pasts.get(subject.key, {})
        newest = {title: year for year in sorted(years) for title in years[year].get("titles", ())}
        for title, year in newest.items():
            taken = [one for one in revoked.get((subject.organisation_id, subject.person_id), ()) if one > year]
            found.append(Title(subject, title, year, min(taken, default=None)))
    return found


async def _revoked(cycle: Cycle) -> dict[tuple[int, int | None], list[str]]:
    """(organisation, person) → years in which a title of this scheme was taken away before this cycle."""
    rows = (
        await FollowUp.filter(kind=REVOKE, cycle__scheme=cycle.scheme, cycle__year__lt=cycle.year)
        .exclude(state=WITHDRAWN)
        .values_list("organisation_id", "person_id", "cycle__year")
    )
    found: dict[tuple[int, int | None], list[str]] = {}
    for organisation, person, year in rows:
        found.setdefault((organisation, person), []).append(str(year))
    return found
