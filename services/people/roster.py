"""Importing the roster workbook (contract §5): organisations, people and their posts, all of it or nothing."""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime

from tortoise.transactions import in_transaction

from config.clock import SHANGHAI
from config.refusals import BadInput
from models.organisations import Organisation, list_organisations, lock_roster, set_parents, upsert_organisations
from models.people import SECRETARY, Person, list_people, list_posts, replace_posts, upsert_people
from services.audit import record
from services.people.roster_file import PersonRow, RosterFile, read_roster
from services.people.roster_rules import Known, check_roster

# Codes and staff numbers of the demo begin with it; other people's files do not miss them (contract §1).
DEMO = "demo-"


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the rows of a sheet."""

    created: int
    updated: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class RosterReport:
    """What an import did. `missing_*`: (code, name) of what is known and not in the file; it stays as it is.

    `unused_columns`: `sheet·column` of what the file has and nobody reads.
    """

    organisations: Tally
    people: Tally
    missing_organisations: tuple[tuple[str, str], ...]
    missing_people: tuple[tuple[str, str], ...]
    unused_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Stored:
    """The roster as the database has it: by code, by staff number, and titles by staff number."""

    organisations: dict[str, Organisation]
    people: dict[str, Person]
    posts: dict[str, tuple[str, ...]]

    def known(self) -> Known:
        codes = {one.id: code for code, one in self.organisations.items()}
        parents = {code: codes.get(one.parent_id or 0, "") for code, one in self.organisations.items()}
        secretaries = {
            person.organisation.code: (number, person.name)
            for number, person in self.people.items()
            if SECRETARY in self.posts.get(number, ())
        }
        return Known(parents, frozenset(self.people), secretaries)


async def import_roster(content: bytes, *, now: datetime, actor: str) -> RosterReport:
    """Bring the roster to what the workbook says. A repeat changes nothing.

    Raises `BadInput` with every fault, each with sheet, row and column; then nothing has been imported.
    """
    file = await asyncio.to_thread(read_roster, content, now.astimezone(SHANGHAI).date())
    async with in_transaction():
        await lock_roster()
        stored = await _stored()
        faults = check_roster(file, stored.known())
        if faults:
            raise BadInput(faults)
        report = RosterReport(
            organisations=await _write_organisations(file, stored),
            people=await _write_people(file, stored, now),
            missing_organisations=_missing(
                {row.code for row in file.organisations}, {c: one.name for c, one in stored.organisations.items()}
            ),
            missing_people=_missing(
                {row.staff_no for row in file.people}, {n: person.name for n, person in stored.people.items()}
            ),
            unused_columns=file.unused_columns,
        )
        await record(now, actor, "import_roster", "roster", _summary(report))
    return report


async def _stored() -> _Stored:
    people = {person.staff_no: person for person in await list_people()}
    numbers = {person.id: number for number, person in people.items()}
    posts: dict[str, tuple[str, ...]] = {}
    for post in await list_posts():
        number = numbers[post.person_id]
        posts[number] = (*posts.get(number, ()), post.title)
    return _Stored({one.code: one for one in await list_organisations()}, people, posts)


async def _write_organisations(file: RosterFile, stored: _Stored) -> Tally:
    parents = stored.known().parents
    before = {code: (one.name, one.kind, parents[code]) for code, one in stored.organisations.items()}
    changed = [row for row in file.organisations if before.get(row.code) != (row.name, row.kind, row.parent)]
    await upsert_organisations([Organisation(code=row.code, name=row.name, kind=row.kind) for row in changed])
    await set_parents({row.code: row.parent for row in changed})
    return _tally({row.code for row in changed}, len(file.organisations), set(before))


async def _write_people(file: RosterFile, stored: _Stored, now: datetime) -> Tally:
    organisations = {one.code: one.id for one in await list_organisations()}
    changed = [row for row in file.people if not _is_as_stored(row, file, stored)]
    await upsert_people(
        [
            Person(
                staff_no=row.staff_no,
                name=row.name,
                status=row.status,
                joined_on=_joined_on(row, file, stored),
                organisation_id=organisations[row.organisation],
            )
            for row in changed
        ]
    )
    await replace_posts({row.staff_no: row.posts for row in changed}, now)
    return _tally({row.staff_no for row in changed}, len(file.people), set(stored.people))


def _is_as_stored(row: PersonRow, file: RosterFile, stored: _Stored) -> bool:
    person = stored.people.get(row.staff_no)
    return person is not None and (
        (person.name, person.status, person.joined_on, person.organisation.code)
        == (row.name, row.status, _joined_on(row, file, stored), row.organisation)
        and set(stored.posts.get(row.staff_no, ())) == set(row.posts)
    )


def _joined_on(row: PersonRow, file: RosterFile, stored: _Stored) -> date | None:
    known = stored.people.get(row.staff_no)
    return row.joined_on if file.has_joined_on or known is None else known.joined_on


def _tally(changed: set[str], total: int, before: set[str]) -> Tally:
    created = len(changed - before)
    return Tally(created, len(changed) - created, total - len(changed))


def _missing(listed: set[str], known: dict[str, str]) -> tuple[tuple[str, str], ...]:
    is_demo_file = any(code.startswith(DEMO) for code in listed)
    absent = sorted(code for code in set(known) - listed if is_demo_file or not code.startswith(DEMO))
    return tuple((code, known[code]) for code in absent)


def _summary(report: RosterReport) -> dict[str, int]:
    return {
        "organisations_created": report.organisations.created,
        "organisations_updated": report.organisations.updated,
        "people_created": report.people.created,
        "people_updated": report.people.updated,
        "people_missing": len(report.missing_people),
    }
