"""Musters: a code for one activity that members scan, instead of somebody naming who is there. No time, no score, nothing forced."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from config.clock import SHANGHAI
from config.record_kinds import record_kinds
from config.refusals import Refusal
from config.settings import Settings
from models.musters import Arrival, Muster, lock_muster
from models.organisations import Organisation
from models.people import Person
from models.records import Attendance, Record, lock_record
from services.entitlements import KEEP_RECORD, Place, require_in
from services.records.record_rosters import expected_at, read_roster
from services.records.records import record_scope

SCENE_PREFIX = "r."
OPEN_FOR = timedelta(hours=24)
"""How long a code takes scans; who comes late is still there."""


@dataclass(frozen=True, slots=True)
class Attending:
    """A muster that waits to be recorded: of which day (in China) it is, and who has scanned so far."""

    id: int
    organisation_id: int
    day: date
    arrived: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Arrived:
    """What became of a scan. `is_expected`: the person is one of those who are expected there."""

    organisation: str
    title: str
    is_expected: bool


def scene_of(muster: Muster) -> str:
    """The whole scene string of a muster's code: `r.<code>`."""
    return SCENE_PREFIX + muster.code


def address_of(settings: Settings, muster: Muster) -> str:
    """The page that shows the code."""
    return f"{settings.site}/muster/{muster.code}"


async def make_muster(key: str, organisation_id: int, kind: str, *, actor: str, now: datetime) -> Muster:
    """A code for an activity of today. A repeat with the same `key` (inbox key), or the branch's open one, gives the same."""
    async with in_transaction():
        keeper = await require_in(await record_scope(organisation_id), actor, KEEP_RECORD, Place(organisation_id))
        await Organisation.filter(id=organisation_id).select_for_update().first()
        there = await _find_open([organisation_id], kind, now)
        if there is not None:
            return there
        assert keeper.person_id is not None, "only people keep records"
        muster = Muster(
            code=secrets.token_urlsafe(12),
            source_key=f"muster:{key}"[:64],
            organisation_id=organisation_id,
            kind=kind,
            made_by_id=keeper.person_id,
            made_at=now,
        )
        await Muster.bulk_create([muster], ignore_conflicts=True)
        return await Muster.get(source_key=muster.source_key)


async def find_muster(organisation_ids: list[int], kind: str, now: datetime) -> Attending | None:
    """The newest code of these branches that is open and not recorded yet, with who has scanned it."""
    muster = await _find_open(organisation_ids, kind, now)
    if muster is None:
        return None
    arrived = await Arrival.filter(muster_id=muster.id).order_by("person_id").values_list("person_id", flat=True)
    day = muster.made_at.astimezone(SHANGHAI).date()
    return Attending(muster.id, muster.organisation_id, day, tuple(int(str(one)) for one in arrived))


async def _find_open(organisation_ids: list[int], kind: str, now: datetime) -> Muster | None:
    fresh = Q(made_at__gt=now - OPEN_FOR) & Q(record_id=None)
    return await Muster.filter(fresh, organisation_id__in=organisation_ids, kind=kind).order_by("-id").first()


async def arrive(code: str, person_id: int, now: datetime) -> Arrived:
    """Somebody scanned: they are there. A repeat changes nothing. Once the activity is recorded, the record is put right.

    Raises `Refusal` `no_such_muster`, `muster_over`.
    """
    async with in_transaction():
        muster = await lock_muster(code)
        if muster is None:
            raise Refusal("no_such_muster", "没有这个点名码，请向支部要新的。", 404)
        if now - muster.made_at >= OPEN_FOR:
            raise Refusal("muster_over", "这个点名码已经过期。到了没记上的，请告诉支部书记。")
        await Arrival.bulk_create([Arrival(muster_id=muster.id, person_id=person_id)], ignore_conflicts=True)
        if muster.record_id is not None:
            await _mark_present(muster.record_id, person_id)
    return await _arrived(muster, person_id)


async def _mark_present(record_id: int, person_id: int) -> None:
    record = await lock_record(record_id)
    assert record is not None, "records are never deleted"
    await Attendance.filter(record_id=record_id, person_id=person_id).update(is_present=True, word="")
    present = await Attendance.filter(record_id=record_id, is_present=True).count()
    await Record.filter(id=record_id).update(present=present)


async def _arrived(muster: Muster, person_id: int) -> Arrived:
    organisation = await Organisation.get(id=muster.organisation_id)
    kind = record_kinds()[muster.kind]
    person = await Person.get(id=person_id)
    is_here = person.organisation_id == muster.organisation_id
    expected = expected_at(kind, await read_roster(muster.organisation_id)) if is_here else []
    return Arrived(organisation.name, kind.title, any(seat.id == person_id for seat in expected))
