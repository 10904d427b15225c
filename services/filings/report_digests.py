"""Summaries of reports given on site, made known after the meeting (S4-17)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tortoise.expressions import Q

from models.filings import Filing
from models.meetings import CLOSED, Meeting, Reporter
from services.filings.filing_rules import DIGEST, REPORT
from services.filings.filing_sheets import Sheet, sheet_of

ON_SITE = "现场"
_SENTENCE = re.compile(r"[^。！？!?;；\n]+[。！？!?;；]?")
_MOST = 80


def digest_of(sheet: Sheet) -> str:
    """The summary of a report that is made known after the meeting: of each part its first sentence, cases left out (S4-17)."""
    lines = []
    for part in sheet.paper.parts:
        entries = sheet.filing.filled.get(part.name, ())
        if entries and part.role is not None:
            lines.append(f"{part.name}：{_first_sentence(entries[0])}")
    return "\n".join(lines)


def _first_sentence(text: str) -> str:
    found = _SENTENCE.search(text)
    sentence = found[0].strip() if found else text
    return sentence if len(sentence) <= _MOST else f"{sentence[:_MOST]}……"


@dataclass(frozen=True, slots=True)
class Digest:
    """What is published of one report given on site."""

    name: str
    title: str
    text: str


async def list_digests(meeting_id: int) -> list[Digest]:
    """The summaries of the reports given on site at a meeting that is over, in file order: what the office wrote, else ours (S4-17).

    Reports given in writing, and those not passed yet, are left out; before the close the list is empty.
    """
    meeting = await Meeting.get(id=meeting_id)
    if meeting.state != CLOSED:
        return []
    reporters = await Reporter.filter(meeting_id=meeting_id, mode=ON_SITE).order_by("position").select_related("person")
    found = []
    for reporter in reporters:
        about = Q(subject__person_id=reporter.person_id) | Q(
            subject__person_id=None, subject__organisation_id=reporter.person.organisation_id
        )
        rows = Filing.filter(about, cycle__scheme=meeting.scheme, paper__in=[REPORT, DIGEST])
        sheets = [
            sheet_of(one, one.cycle, one.subject)
            for one in await rows.select_related("cycle", "subject").order_by("-cycle__year", "-id")
        ]
        found += _digest(reporter.person.name, sheets)
    return found


def _digest(name: str, sheets: Sequence[Sheet]) -> list[Digest]:
    """The newest cycle's only."""
    report = next((one for one in sheets if one.paper.key == REPORT and not one.state.then), None)
    if report is None:
        return []
    same_year = (one for one in sheets if one.cycle.id == report.cycle.id and one.paper.key == DIGEST)
    written = next((one for one in same_year if not one.is_being_written), None)
    lines = [entry for entries in written.filing.filled.values() for entry in entries] if written else []
    return [Digest(name, f"{name}述职报告摘要", "\n".join(lines) or digest_of(report))]
