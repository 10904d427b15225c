"""What a subject promised in the report of the year before: it comes back in this year's paper (S4-34c)."""

from models.cycles import Cycle, CycleSubject
from models.filings import Filing
from scoring.papers import Paper
from services.cycles.cycles import scheme_of
from services.filings.filing_rules import entries_of, paper_of, states_of

_LOOKED_AT = 5


async def find_promises(cycle: Cycle, paper: Paper, subject: CycleSubject | None) -> list[str]:
    """Promises of the same organisation's paper in the newest earlier cycle that has it, handed in; of the person where one is meant.

    A secretary who is new in the post inherits what the branch was promised.
    """
    if subject is None or not any(part.role == "promise" for part in paper.parts):
        return []
    earlier = Filing.filter(
        cycle__scheme=cycle.scheme, cycle__year__lt=cycle.year, paper=paper.key, subject__kind=subject.kind
    ).filter(subject__organisation_id=subject.organisation_id)
    for filing in await earlier.select_related("cycle").order_by("-cycle__year", "-id").limit(_LOOKED_AT):
        if _is_handed_in(filing):
            return _promised(filing)
    return []


def _promised(filing: Filing) -> list[str]:
    return entries_of(paper_of(scheme_of(filing.cycle), filing.paper), filing.filled, "promise")


def _is_handed_in(filing: Filing) -> bool:
    scheme = scheme_of(filing.cycle)
    return states_of(scheme, paper_of(scheme, filing.paper))[filing.state].hand != "writer"


async def find_branch_promises(subject: CycleSubject) -> list[str]:
    """What was promised in the newest report of the same organisation from an earlier year, under whatever scheme; for its self-rating."""
    if subject.person_id is not None:
        return []
    earlier = Filing.filter(cycle__year__lt=subject.cycle.year, subject__organisation_id=subject.organisation_id)
    for filing in await earlier.select_related("cycle").order_by("-cycle__year", "-id").limit(_LOOKED_AT):
        if _is_handed_in(filing) and (promises := _promised(filing)):
            return promises
    return []
