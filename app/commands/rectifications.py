"""`zhiping rectification …`: the ledgers of rectification, in words, as JSON and as workbooks. Each prints, and returns the exit code."""

import json
from argparse import Namespace
from pathlib import Path
from typing import Any
from uuid import uuid4

from app.commands.opening import naming, read_file, write_file
from app.commands.tables import AS_JSON, BY, REASON, Line, argument, row_number
from app.resources import open_runtime
from config.clock import SHANGHAI, now
from config.settings import Settings
from models.rectifications import RectificationItem
from services.cycles.cycles import get_cycle
from services.rectifications.lateness import Lateness, lateness_of, listed_on
from services.rectifications.ledgers import export_ledgers, list_ledger
from services.rectifications.rectification_sheets import import_items
from services.rectifications.rectifications import Act
from services.rectifications.weak_organisations import Mark, clear_weak, mark_weak
from services.workbooks.workbook_limits import MAX_BYTES


async def show_all(settings: Settings, options: Namespace) -> int:
    """`zhiping rectification list`."""
    today = now().astimezone(SHANGHAI).date()
    async with open_runtime(settings):
        cycle = await get_cycle(options.cycle) if options.cycle is not None else None
        items = await list_ledger(cycle, options.org)
        late = await lateness_of(items, today)
    items = [one for one in items if not options.overdue or late.is_late(one)]
    if options.as_json:
        print(json.dumps([_as_json(one, late) for one in items], ensure_ascii=False))
        return 0
    for one in items:
        whose = f"{one.organisation.name}{f' {one.person.name}' if one.person else ''}"
        print(f"{one.id}  {whose}  {one.problem}  {one.due_on or '未定时限'}（{late.state_of(one)}）")
    if not items:
        print("没有整改事项。")
    return 0


def _as_json(item: RectificationItem, late: Lateness) -> dict[str, Any]:
    row = {"id": item.id, "organisation": item.organisation.code, "source": item.source, "problem": item.problem}
    who = {
        "person": item.person.staff_no if item.person else None,
        "responsible": item.responsible.staff_no if item.responsible else None,
    }
    plan: dict[str, Any] = {
        "measure": item.measure,
        "support": item.support,
        "due_on": str(item.due_on) if item.due_on else None,
    }
    by = late.plan_by.get(item.id)
    plan |= {"listed_on": str(listed_on(item)), "plan_by": str(by) if by else None, "is_late": late.is_late(item)}
    return row | who | plan | {"state": item.state, "clause": item.clause, "fact": item.fact}


async def export(settings: Settings, options: Namespace) -> int:
    """`zhiping rectification export`."""
    async with open_runtime(settings):
        cycle = await get_cycle(options.cycle) if options.cycle is not None else None
        content = await export_ledgers(cycle, now().astimezone(SHANGHAI).date())
    write_file(options.file, content)
    print(f"台账已存为 {options.file}。")
    return 0


async def take_in(settings: Settings, options: Namespace) -> int:
    """`zhiping rectification import`."""
    content = read_file(options.file, MAX_BYTES)
    async with open_runtime(settings):
        with naming(options.file):
            brought = await import_items(content, _act(options))
    same = f"，清单里已有的 {brought.same} 项没有变化" if brought.same else ""
    print(f"新列入 {brought.opened} 项，定下措施 {brought.planned} 项{same}。")
    if brought.unlike:
        print(
            f"其中 {brought.unlike} 行写的措施、责任人或时限和清单里的不同，没有改；要改的，由支部回复 整改，点「改措施或期限」。"
        )
    return 0


async def weak(settings: Settings, options: Namespace) -> int:
    """`zhiping rectification weak`."""
    async with open_runtime(settings):
        if options.clear is not None:
            await clear_weak(options.org, options.clear, _act(options))
            print("已移出软弱涣散台账。")
            return 0
        await mark_weak(
            options.org, Mark(options.reason, options.unit, options.responsible, options.measure), _act(options)
        )
    print("已列入软弱涣散台账。")
    return 0


def _act(options: Namespace) -> Act:
    return Act(options.by, now(), f"command:{uuid4()}")


_FILE = argument("file", type=Path, metavar="FILE.xlsx")
_CYCLE = argument("--cycle", type=row_number, metavar="CYCLE", help="只要这个考核周期的")
RECTIFICATION_COMMANDS = (
    Line(
        "list",
        "列出整改事项",
        show_all,
        (
            _CYCLE,
            argument("--org", metavar="CODE", help="只列这个组织的（一支部一清单）"),
            argument("--overdue", action="store_true", help="只列超过时限的，和过了期限还没有定措施的"),
            AS_JSON,
        ),
    ),
    Line("export", "各种台账存为一个工作簿", export, (_FILE, _CYCLE)),
    Line("import", "导入整改清单：新问题，和已有问题的措施、责任人、时限", take_in, (_FILE, BY)),
    Line(
        "weak",
        "软弱涣散党组织专门台账：列入，或转化后移出",
        weak,
        (
            argument("org", metavar="CODE"),
            REASON,
            argument("--unit", default="", metavar="TEXT", help="责任单位"),
            argument("--responsible", default="", metavar="STAFF_NO", help="责任人（工号）"),
            argument("--measure", default="", metavar="TEXT", help="转化措施"),
            argument("--clear", metavar="TEXT", help="已转化：写明情况，移出台账"),
            BY,
        ),
    ),
)
