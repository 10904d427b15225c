"""What somebody was told of a branch's work and has not read is over for them once they have handed it over: who comes after has it
under 任务, and the office phones nobody about it.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from models.filings import Filing
from models.notices import drop_unsent, list_unread, mark_read
from models.photos import PhotoQuestion
from models.ratings import Rating
from models.records import Record
from scoring.rounds import SELF
from services.entitlements import Place
from services.filings import filing_news
from services.filings.filing_sheets import sheet_of
from services.records import record_questions, record_reviews
from services.successors import has_left
from services.trees import load_tree


async def settle_notices(person_id: int, organisation_id: int, now: datetime) -> None:
    """Of that organisation's work, where the person holds no post there now, inside the caller's transaction. A repeat does nothing.

    What they write in their own name, such as their report, stays theirs.
    """
    if not await has_left(person_id, organisation_id):
        return
    tree = await load_tree()
    places = tree.of_committee[tree.committees[organisation_id]]
    over = []
    for one in await list_unread(person_id, list(_WORK)):
        work = await _WORK[one.kind](int(one.slot.split(":")[1]))
        if work is not None and work.organisation_id in places and work.person_id != person_id:
            over.append(one)
    await drop_unsent(over)
    await mark_read(over, now)


async def _of_record(number: int) -> Place | None:
    record = await Record.get_or_none(id=number)
    return Place(record.organisation_id) if record is not None else None


async def _of_question(number: int) -> Place | None:
    question = await PhotoQuestion.get_or_none(id=number).select_related("record")
    return Place(question.record.organisation_id) if question is not None else None


async def _of_rating(number: int) -> Place | None:
    """A branch's self-rating; what is told about anybody's own judgement stays theirs."""
    rating = await Rating.get_or_none(id=number).select_related("subject")
    is_branchs = rating is not None and rating.round == SELF and rating.subject.person_id is None
    return Place(rating.subject.organisation_id) if rating is not None and is_branchs else None


async def _of_filing(number: int) -> Place | None:
    """A paper that came back to be written on, with the person whom it is about."""
    filing = await Filing.get_or_none(id=number).select_related("cycle", "subject")
    if filing is None or filing.subject is None:
        return None
    is_back = sheet_of(filing, filing.cycle, filing.subject).is_being_written
    return Place(filing.subject.organisation_id, filing.subject.person_id) if is_back else None


# Kind → whose work the notice of that slot (`record:5:1`) is about.
_WORK: Mapping[str, Callable[[int], Awaitable[Place | None]]] = {
    record_reviews.RETURNED_NOTICE: _of_record,
    record_questions.NOTICE: _of_question,
    "rating": _of_rating,
    filing_news.KIND: _of_filing,
}
