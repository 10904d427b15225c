"""`zhiping filing …`: the papers of a cycle, read, moved on, brought in and taken out. Each prints, and returns the exit code."""

import json
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from app.commands.opening import naming, read_file, write_file, writing
from app.commands.tables import AS_JSON, BY, ID, REASON, Line, argument, row_number
from app.resources import open_runtime
from config.clock import now
from config.settings import Settings
from services.cycles.cycles import get_cycle
from services.filings.filing_books import export_filings, import_filings, named, step_texts, write_filings
from services.filings.filing_rules import OPINION
from services.filings.filing_sheets import Move, Sheet
from services.filings.filing_views import full_text, heading_of
from services.filings.filings import list_filings, list_steps, move_filing, read_filing
from services.filings.opinions import spread_warnings, stand_of
from services.workbooks.workbook_limits import MAX_BYTES


async def show_all(settings: Settings, options: Namespace) -> int:
    """`zhiping filing list`."""
    async with open_runtime(settings):
        sheets = await list_filings(options.cycle, paper=options.paper, state=options.state)
        warnings = await spread_warnings(await get_cycle(options.cycle))
    if options.as_json:
        _print_json([_summary(one) for one in sheets])
        return 0
    for one in sheets:
        missing = f"，还缺 {len(one.missing)} 处" if one.missing else ""
        print(f"{one.filing.id}  {heading_of(one)}  {one.filing.state}{missing}")
    if any(one.paper.key == OPINION for one in sheets):
        for say in warnings:
            print(say, file=sys.stderr)
    return 0


def _summary(one: Sheet) -> dict[str, Any]:
    about = {"subject": one.subject.key if one.subject else None, "about": one.filing.about}
    facts = {"id": one.filing.id, "paper": one.paper.key, "title": one.paper.title, "state": one.filing.state}
    return facts | about | {"version": one.filing.version, "missing": list(one.missing)}


async def show(settings: Settings, options: Namespace) -> int:
    """`zhiping filing show`."""
    async with open_runtime(settings):
        sheet = await read_filing(options.id, options.by)
        steps = await list_steps(sheet.filing.id)
        told = await step_texts(steps)
        is_opinion = sheet.paper.key == OPINION and sheet.subject is not None
        beside = await stand_of(sheet.cycle, sheet.subject) if is_opinion and sheet.subject else ()
    if options.as_json:
        moves = [
            {
                **{"from": one.from_state, "to": one.to_state, "by": one.by, "at": one.at.isoformat()},
                **{"reason": one.reason, "part": one.part, "note": one.note, "parts": one.parts},
            }
            for one in steps
        ]
        _print_json(_summary(sheet) | {"parts": sheet.filing.parts, "steps": moves, "notes": list(beside)})
        return 0
    print(f"{heading_of(sheet)}（{sheet.filing.state}）\n{full_text(sheet)}")
    for say in (*beside, *told):
        print(say)
    return 0


async def move(settings: Settings, options: Namespace) -> int:
    """`zhiping filing move`: several at once, each for itself; those before a refusal have been moved."""
    async with open_runtime(settings):
        for number in options.ids:
            asked = Move(options.to, reason=options.reason, part=options.part, note=options.note)
            sheet = await move_filing(number, asked, now=now(), actor=options.by)
            print(f"{number}  {heading_of(sheet)}：{sheet.filing.state}")
    return 0


async def take_in(settings: Settings, options: Namespace) -> int:
    """`zhiping filing import`."""
    content = read_file(options.file, MAX_BYTES)
    async with open_runtime(settings):
        with naming(options.file):
            made = await import_filings(
                options.cycle, options.paper, content, options.file.suffix, now=now(), actor=options.by
            )
    print(f"已交 {len(made)} 份：{named(made)}")
    return 0


async def export(settings: Settings, options: Namespace) -> int:
    """`zhiping filing export`: a workbook, or a zip with it and all attached files."""
    lost = 0
    async with open_runtime(settings) as rt:
        if options.file.suffix.lower() == ".zip":
            with writing(options.file):
                lost = await write_filings(rt.files, options.cycle, options.paper, options.file)
        else:
            write_file(options.file, await export_filings(options.cycle, options.paper))
    print(f"已存为 {options.file}{f'，有 {lost} 个附件找不到了' if lost else ''}。")
    return 0


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False))


_CYCLE = argument("cycle", type=row_number)
_PAPER = argument("paper", help="材料在方案里的 key，如 opinion")
FILING_COMMANDS: tuple[Line, ...] = (
    Line(
        "list",
        "列出一个周期的材料",
        show_all,
        (_CYCLE, argument("--paper", default="", help="只列这一种"), argument("--state", default=""), AS_JSON),
    ),
    Line("show", "一份材料的全文和经过", show, (ID, BY, AS_JSON)),
    Line(
        "move",
        "把材料转到下一步，或退回",
        move,
        (
            argument("ids", type=row_number, nargs="+", metavar="id"),
            argument("--to", required=True, help="转到哪个状态，如 审阅、退回、中心党组审议"),
            REASON,
            argument("--part", default="", help="退回时要改哪一部分"),
            argument("--note", default="", help="退回时用一句话说明怎样改"),
            BY,
        ),
    ),
    Line(
        "import",
        "从工作簿或 YAML 一次交多份",
        take_in,
        (_CYCLE, _PAPER, argument("file", type=Path, metavar="FILE.xlsx|yaml"), BY),
    ),
    Line(
        "export",
        "一种材料的全部，存为工作簿；存为 zip 时连同附件",
        export,
        (_CYCLE, _PAPER, argument("file", type=Path, metavar="FILE.xlsx|FILE.zip")),
    ),
)
