"""What the year has already left behind for a paper's writer: the records of the branch, so that nothing is written twice."""

from collections import Counter
from datetime import date

from services.filings.filing_sheets import Sheet
from services.records.records import RecordLine, list_records

_SHOWN = 20


async def find_material(sheet: Sheet) -> list[RecordLine]:
    """The records of the subject's branch in the cycle's year, by day; confidential ones are left out."""
    if sheet.subject is None or not sheet.cycle.year.isdigit():
        return []
    year = int(sheet.cycle.year)
    found = await list_records(sheet.subject.organisation_id, date(year, 1, 1), date(year, 12, 31))
    return [one for one in found if not one.is_confidential]


def summary_of(records: list[RecordLine]) -> str:
    """How many of each kind: 「今年的记录：主题党日 8 次，党课 4 次」; empty where there are none."""
    counts = Counter(one.title for one in records)
    return f"今年的记录：{'，'.join(f'{title} {count} 次' for title, count in counts.items())}。" if counts else ""


def list_of(records: list[RecordLine]) -> str:
    """The records a line each, the newest ones where there are many."""
    lines = [f"{one.held_on.month}月{one.held_on.day}日 {one.title} {one.topic}".strip() for one in records[-_SHOWN:]]
    more = [f"（只列最近 {_SHOWN} 条，共 {len(records)} 条）"] if len(records) > _SHOWN else []
    return "\n".join([*more, *lines])
