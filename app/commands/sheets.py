"""`zhiping sheets …`: the official tables as workbooks, out and back in. Each prints, and returns the exit code."""

import json
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from app.commands.opening import naming, read_file, write_file
from app.commands.tables import AS_JSON, BY, REASON, Line, argument, row_number
from app.resources import open_runtime
from config.clock import now
from config.settings import Settings
from services.sheets.sheet_differences import Difference
from services.sheets.sheet_imports import ReasonNeeded, import_sheets
from services.sheets.sheet_templates import make_template
from services.sheets.sheets import export_run
from services.workbooks.workbook_limits import MAX_BYTES

DONE, REFUSED = 0, 1


async def export(settings: Settings, options: Namespace) -> int:
    """`zhiping sheets export`."""
    async with open_runtime(settings):
        content = await export_run(options.number)
    write_file(options.file, content)
    print(f"计算编号 {options.number} 的表格已存为 {options.file}；黄色单元格可以改，其余由公式计算。")
    return DONE


async def template(settings: Settings, options: Namespace) -> int:
    """`zhiping sheets template`."""
    async with open_runtime(settings):
        content = await make_template(options.cycle, options.component, now=now(), actor=options.by)
    write_file(options.file, content)
    print(f"录入用的空表已存为 {options.file}。")
    return DONE


async def take_back(settings: Settings, options: Namespace) -> int:
    """`zhiping sheets import`: the differences by cell; with a reason the changed inputs are entered, all or none."""
    content = read_file(options.file, MAX_BYTES)
    async with open_runtime(settings):
        try:
            with naming(options.file):
                found = await import_sheets(content, options.cycle, reason=options.reason, now=now(), actor=options.by)
        except ReasonNeeded as refusal:
            if not options.as_json:
                raise
            print(_as_json(refusal.differences, None))
            return REFUSED
    if options.as_json:
        print(_as_json(found.differences, None if found.entered is None else asdict(found.entered)))
    else:
        print("\n".join(map(str, found.differences)) or "没有不同。")
    if found.entered is None:
        return REFUSED if found.differences else DONE
    if not options.as_json:
        print(f"新录入 {found.entered.new} 项，改动 {found.entered.changed} 项，未变 {found.entered.same} 项。")
    return DONE


def _as_json(differences: Sequence[Difference], entered: dict[str, int] | None) -> str:
    return json.dumps({"differences": [asdict(one) for one in differences], "entered": entered}, ensure_ascii=False)


_FILE = argument("file", type=Path, metavar="FILE.xlsx")
_CYCLE = argument("--cycle", type=row_number, required=True, metavar="CYCLE", help="考核周期的编号")

SHEET_COMMANDS = (
    Line(
        "export",
        "一次计算的登记表、汇总表、排名、结果运用清单，公式可以重算",
        export,
        (argument("--run", type=row_number, required=True, dest="number", metavar="RUN", help="计算编号"), _FILE),
    ),
    Line(
        "template",
        "录入用的空表，只含可以录入的项",
        template,
        (_CYCLE, argument("--component", metavar="KEY", help="只要其中一项，如 team"), _FILE, BY),
    ),
    Line("import", "导回表格：先列出每一处不同，写明理由后录入", take_back, (_FILE, _CYCLE, BY, REASON, AS_JSON)),
)
