"""Who is expected at an activity of a branch, as the roster stands now, and what is known beforehand: the usual place, other records."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from config.record_kinds import RecordKind
from models.people import Person, Post
from models.records import Record
from services.entitlements import COMMITTEE

_MEMBERS = frozenset({"正式党员", "预备党员", "离退休党员"})
_ACTIVIST = "入党积极分子"
DEFAULT_PLACE = "支部活动室"
_REMEMBERED = 12


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody of the branch. `is_committee`: holds a post in its committee."""

    id: int
    name: str
    staff_no: str
    status: str
    is_committee: bool


async def read_roster(organisation_id: int) -> list[Seat]:
    """Everybody of the organisation itself, by staff number."""
    people = await Person.filter(organisation_id=organisation_id).order_by("staff_no")
    posts = Post.filter(organisation_id=organisation_id, title__in=COMMITTEE)
    committee = {post.person_id for post in await posts}
    return [Seat(one.id, one.name, one.staff_no, one.status, one.id in committee) for one in people]


def expected_at(kind: RecordKind, seats: Iterable[Seat]) -> list[Seat]:
    """Those who are expected: for `activists` members and 入党积极分子 (S1-12), for `committee` the committee."""
    return [seat for seat in seats if _is_expected(kind, seat)]


def _is_expected(kind: RecordKind, seat: Seat) -> bool:
    if kind.attend == "committee":
        return seat.is_committee
    if kind.attend == "activists":
        return seat.status in _MEMBERS or seat.status == _ACTIVIST
    return kind.attend == "members" and seat.status in _MEMBERS


async def usual_place(organisation_id: int, kind: str) -> str:
    """Where the branch most often held this kind lately; the branch's room where nothing is known."""
    latest = Record.filter(organisation_id=organisation_id, kind=kind).exclude(place="").order_by("-held_on", "-id")
    places = [record.place for record in await latest.limit(_REMEMBERED)]
    return Counter(places).most_common(1)[0][0] if places else DEFAULT_PLACE


async def list_days(organisation_id: int, kind: str, since: date) -> list[tuple[date, int]]:
    """(day, record id) of what the branch has recorded of this kind since then, so that nothing is recorded twice unseen."""
    there = Record.filter(organisation_id=organisation_id, kind=kind, held_on__gte=since).order_by("held_on", "id")
    return [(record.held_on, record.id) for record in await there]
