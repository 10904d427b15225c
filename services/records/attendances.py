"""Who was there, written down with a record: one row for everybody who was expected on the day when it was first kept."""

from collections.abc import Mapping

from config.record_kinds import RecordKind
from models.musters import Arrival
from models.records import Attendance, Record
from services.records.record_rosters import expected_at, read_roster

NOT_SCANNED = "未扫码"
"""What is said of the absence of somebody of whom nothing is known but that they did not scan the code: a scan undoes it."""
_MOST_WORD = 16


async def put_attendance(record: Record, kind: RecordKind, absent: Mapping[int, str]) -> None:
    """Write who was missing (person id → word), inside the caller's transaction; who is not expected is neither present nor absent."""
    rows = await _rows(record, kind, absent)
    await Attendance.filter(record_id=record.id).delete()
    await Attendance.bulk_create(rows)
    record.expected, record.present = len(rows), sum(row.is_present for row in rows)
    await record.save(update_fields=["expected", "present"])


async def has_attendance(record: Record, kind: RecordKind, absent: Mapping[int, str]) -> bool:
    """Whether these are missing in the record already; who has scanned since then is no difference."""
    scanned, standing = await _scanned(record), await _standing(record)
    return all(
        row.person_id in scanned or standing[row.person_id] == (row.is_present, row.word)
        for row in await _rows(record, kind, absent)
    )


async def _rows(record: Record, kind: RecordKind, absent: Mapping[int, str]) -> list[Attendance]:
    scanned = await _scanned(record)
    there = {person: word for person, word in absent.items() if word != NOT_SCANNED or person not in scanned}
    return [
        Attendance(
            record_id=record.id, person_id=one, is_present=one not in there, word=there.get(one, "")[:_MOST_WORD]
        )
        for one in await _expected(record, kind)
    ]


async def _expected(record: Record, kind: RecordKind) -> list[int]:
    """Those of the first time: people have come and gone, and branches been merged, when a record is corrected months later."""
    standing = await _standing(record)
    return list(standing) or [seat.id for seat in expected_at(kind, await read_roster(record.organisation_id))]


async def _standing(record: Record) -> dict[int, tuple[bool, str]]:
    rows = await Attendance.filter(record_id=record.id).order_by("id")
    return {row.person_id: (row.is_present, row.word) for row in rows}


async def _scanned(record: Record) -> set[int]:
    return {row.person_id for row in await Arrival.filter(muster__record_id=record.id)}
