"""Everything that people have to do, from all nouns that make work for them. `SOURCES` is the one table."""

from collections.abc import Sequence
from datetime import date, datetime

from services.cycles import stages
from services.dues import Due, DueSource
from services.duties import duties
from services.filings import paper_lists, reports, reviews
from services.meetings import comments, meetings
from services.polls import polls
from services.public_notices import objections
from services.ratings import assignment_dues, entry_dues, rating_dues
from services.records import record_reviews
from services.rectifications import follow_ups, rectification_lists
from services.reminders import handovers
from services.requests import claims, complaints, exemptions
from services.trees import keeping, load_tree

SOURCES: tuple[DueSource, ...] = (
    stages.list_dues,
    assignment_dues.list_dues,
    entry_dues.list_dues,
    rating_dues.list_dues,
    meetings.list_dues,
    polls.list_dues,
    record_reviews.list_dues,
    rectification_lists.list_dues,
    follow_ups.list_dues,
    duties.list_dues,
    reports.list_dues,
    paper_lists.list_dues,
    reviews.list_dues,
    comments.list_dues,
    objections.PENDING.list_dues,
    complaints.PENDING.list_dues,
    exemptions.PENDING.list_dues,
    claims.PENDING.list_dues,
    handovers.list_dues,
)


async def list_agenda(now: datetime, person_ids: Sequence[int]) -> list[Due]:
    """The dues of these people, those with the nearest last day first, those without any last."""
    with keeping(await load_tree()):
        found = [due for source in SOURCES for due in await source(now, person_ids)]
    return sorted(found, key=lambda due: (due.soft_by or due.by or date.max, due.by or date.max, due.key))
