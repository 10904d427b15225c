"""Filings in bulk: many of one paper brought in by a file, all or none; and all of a paper as a workbook, with what was attached."""

import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tortoise.transactions import in_transaction

from config.clock import shown
from config.refusals import BadInput, Refusal
from models.filings import Filing, FilingStep
from models.uploads import list_uploads
from scoring import faults, reading, shapes
from scoring.papers import Paper
from services.actors import name_actors
from services.attachments import attachment_lines, attachments, put_file
from services.cycles.cycles import get_cycle, scheme_of
from services.day_words import shown_day
from services.files import Files
from services.filings.filing_rules import paper_of
from services.filings.filing_sheets import Sheet
from services.filings.filings import file_paper, list_filings, list_steps
from services.workbooks.sheet_pages import Column, Page, write_workbook
from services.workbooks.workbook import BLANK, Cell, Fault, Row, clean, read_workbook

SHEET, NUMBER = "材料", "编号"
_NAME, _STATE, _STEPS, _FILES = "名称", "状态", "经过", "附件"


@dataclass(frozen=True, slots=True)
class FilingRow:
    """One filing to be made. `subject`: its key or code, empty for none; `at`: where it stood, told with a fault."""

    subject: str
    parts: Mapping[str, Sequence[str]]
    about: str
    at: str


def read_rows(content: bytes, suffix: str, paper: Paper) -> list[FilingRow]:
    """The filings that a file holds: a workbook (`.xlsx`, a part a column, an entry a line), else YAML or JSON.

    Raises `BadInput` with every fault of its form.
    """
    return _from_workbook(content, paper) if suffix == ".xlsx" else _from_text(content, suffix)


def _from_workbook(content: bytes, paper: Paper) -> list[FilingRow]:
    names = [part.name for part in paper.parts]
    sheet = read_workbook(content, {SHEET: (NUMBER, *names)}).sheets[SHEET]
    wrong = [*sheet.faults, *(fault for row in sheet.rows for fault in _unreadable(row, (NUMBER, *names)))]
    if wrong:
        raise BadInput([str(one) for one in wrong])
    found = []
    for row in sheet.rows:
        texts = {name: _text(cell) for name, cell in row.cells.items()}
        parts = {name: texts.get(name, "").splitlines() for name in names}
        found.append(FilingRow(clean(texts.get(NUMBER, "")), parts, "", f"{SHEET} 第 {row.number} 行"))
    return found


def _unreadable(row: Row, names: Sequence[str]) -> Iterator[Fault]:
    """What shows as words in Excel and is none in the file: a formula would be kept as a formula."""
    for name in names:
        if say := _UNREADABLE.get(row.cells.get(name, BLANK).kind):
            yield Fault(SHEET, row.number, name, say)


_UNREADABLE = {"f": "是公式，请复制后「选择性粘贴」为数值", "e": "单元格里是错误值，请改正"}


def _text(cell: Cell) -> str:
    """A number or a day as it is written."""
    if isinstance(cell.value, datetime):
        return shown_day(cell.value.date())
    if isinstance(cell.value, float) and cell.value.is_integer():
        return str(int(cell.value))
    return "" if cell.value is None else str(cell.value)


def _from_text(content: bytes, suffix: str) -> list[FilingRow]:
    try:
        given = reading.read_json(content) if suffix == ".json" else reading.read_yaml(content)
        return [_row(one, f"第 {number} 份") for number, one in enumerate(shapes.read_list(given, ""), 1)]
    except faults.BadInput as error:
        raise BadInput([str(error)]) from error


def _row(given: Any, at: str) -> FilingRow:
    row = shapes.read_map(given, at)
    shapes.refuse_unknown(row, ("subject", "parts", "about"), at)
    parts = {name: _entries(entry, f"{at}.{name}") for name, entry in shapes.read_map(row.get("parts"), at).items()}
    return FilingRow(str(row.get("subject") or ""), parts, str(row.get("about") or ""), at)


def _entries(given: Any, path: str) -> list[str]:
    entries = given if isinstance(given, list) else [given]
    return [shapes.read_text(entry, path) for entry in entries]


async def import_filings(
    cycle_id: int, paper: str, content: bytes, suffix: str, *, now: datetime, actor: str
) -> list[Sheet]:
    """Make and hand in the filings of a file, all or none. The same file again changes nothing. Raises `BadInput` with every fault."""
    known = paper_of(scheme_of(await get_cycle(cycle_id)), paper)
    rows = read_rows(content, suffix, known)
    wrong: list[str] = []
    made: list[Sheet] = []
    async with in_transaction():
        for row in rows:
            try:
                subject = row.subject or None
                sheet = await file_paper(cycle_id, paper, subject, row.parts, about=row.about, now=now, actor=actor)
                made.append(sheet)
            except BadInput as bad:
                wrong += [f"{row.at}：{fault}" for fault in bad.faults]
            except Refusal as refusal:
                wrong.append(f"{row.at}：{refusal.say}")
        if wrong:
            raise BadInput(wrong)
    return made


async def export_filings(cycle_id: int, paper: str) -> bytes:
    """All filings of a paper as a workbook: a row each, its parts as columns, how it came to where it is."""
    known = paper_of(scheme_of(await get_cycle(cycle_id)), paper)
    sheets = await list_filings(cycle_id, paper=paper)
    parts = [(part.name, 40) for part in known.parts]
    columns = [(NUMBER, 18), (_NAME, 14), (_STATE, 14), *parts, (_STEPS, 50), (_FILES, 50)]
    page = Page(
        SHEET, [Column(name, name, width=width) for name, width in columns], (str(one.filing.id) for one in sheets)
    )
    for one in sheets:
        row = str(one.filing.id)
        page.put(row, NUMBER, one.subject.key if one.subject else one.filing.about)
        page.put(row, _NAME, one.subject.name if one.subject else None)
        page.put(row, _STATE, one.filing.state)
        page.put(row, _STEPS, await _history(one.filing))
        page.put(row, _FILES, await _attached(one.filing))
        for name, entries in one.filing.filled.items():
            page.put(row, name, "\n".join(entries))
    return write_workbook([page])


async def write_filings(files: Files, cycle_id: int, paper: str, target: Path) -> int:
    """The same workbook in a zip, and beside it the files that were brought to each filing, in a folder of its number; how many
    files are lost."""
    lost = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(f"{SHEET}.xlsx", await export_filings(cycle_id, paper))
        for one in await list_filings(cycle_id, paper=paper):
            for name, sha256 in attachments(await list_uploads("filing", one.filing.id)):
                lost += not put_file(archive, f"{one.filing.id}/{name}", files, sha256)
    return lost


async def _attached(filing: Filing) -> str:
    """What stands in the folder of the filing."""
    lines = await attachment_lines(await list_uploads("filing", filing.id))
    return "\n".join(f"{filing.id}/{line}" for line in lines)


async def _history(filing: Filing) -> str:
    return "\n".join(await step_texts(await list_steps(filing.id)))


async def step_texts(steps: Sequence[FilingStep]) -> list[str]:
    """The moves, each in one line: 「2021年12月20日 09:00 预审 → 退回（王某）存在问题，查找问题不到位，请讲自身的问题」."""
    names = await name_actors({step.by for step in steps})
    return [
        f"{shown(step.at)} {step.from_state} → {step.to_state}（{names[step.by]}）"
        + "，".join(filter(None, (step.part, step.reason, step.note)))
        for step in steps
    ]


def named(sheets: Iterable[Sheet]) -> str:
    """Whose filings they are, for a sentence."""
    return "、".join(one.subject.name if one.subject else one.paper.title for one in sheets)
