"""`zhiping duty …`: who has done which periodic duty how often. Each prints, and returns the exit code."""

import json
from argparse import Namespace
from pathlib import Path

from app.commands.opening import write_file
from app.commands.tables import AS_JSON, Line, argument, row_number
from app.resources import open_runtime
from config.clock import SHANGHAI, now
from config.settings import Settings
from services.cycles.cycles import get_cycle
from services.duties.duty_sheets import Coverage, coverage_text, coverage_workbook, list_coverage


async def show_all(settings: Settings, options: Namespace) -> int:
    """`zhiping duty list`."""
    async with open_runtime(settings):
        rows = await list_coverage(await get_cycle(options.cycle), now().astimezone(SHANGHAI).date())
    rows = [row for row in rows if row.missing or not options.missing]
    if options.as_json:
        print(json.dumps([_as_json(row) for row in rows], ensure_ascii=False))
        return 0
    for row in rows:
        lacking = f"，还差 {row.missing}" if row.missing else ""
        print(f"{row.who}  {row.duty} · {row.what}  {row.done}/{row.wanted}{lacking}")
    print(coverage_text(rows))
    return 0


def _as_json(row: Coverage) -> dict[str, object]:
    names = ("duty", "clause", "who", "what", "done", "wanted", "missing")
    return {name: getattr(row, name) for name in names} | {"by": str(row.by) if row.by else None}


async def export(settings: Settings, options: Namespace) -> int:
    """`zhiping duty export`."""
    async with open_runtime(settings):
        cycle = await get_cycle(options.cycle)
        rows = await list_coverage(cycle, now().astimezone(SHANGHAI).date())
    write_file(options.file, coverage_workbook(cycle, rows))
    print(f"履职情况已存为 {options.file}：{coverage_text(rows)}。")
    return 0


_CYCLE = argument("cycle", type=row_number, metavar="CYCLE")
DUTY_COMMANDS = (
    Line(
        "list",
        "全年履职情况：谁、哪一项、做了几次、还差几次",
        show_all,
        (_CYCLE, argument("--missing", action="store_true", help="只列还差的"), AS_JSON),
    ),
    Line("export", "存为工作簿", export, (_CYCLE, argument("file", type=Path, metavar="FILE.xlsx"))),
)
