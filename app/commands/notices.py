"""`zhiping notice …`: whom no message reaches, and what is overdue. Each prints, and returns the exit code."""

import json
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path

from app.commands.opening import write_file
from app.commands.tables import AS_JSON, Line, argument
from app.resources import open_runtime
from config.clock import now
from config.settings import Settings
from services.reminders.overdue import list_overdue, overdue_workbook
from services.reminders.unreached import Unreached, list_unreached_people, unreached_workbook


async def undelivered(settings: Settings, options: Namespace) -> int:
    """`zhiping notice undelivered`: the list of people to phone, in words, as JSON or as a workbook."""
    async with open_runtime(settings):
        found = await list_unreached_people(now())
    if options.workbook is not None:
        write_file(options.workbook, unreached_workbook(found))
        print(f"{len(found)} 人，已存为 {options.workbook}")
    elif options.as_json:
        print(json.dumps([_as_json(one) for one in found], ensure_ascii=False))
    else:
        for one in found:
            print(f"{one.staff_no}  {one.name}（{one.organisation}）：{one.why}")
            print("\n".join(f"  {what}" for what in one.what))
        if not found:
            print("没有送不到的人。")
    return 0


async def overdue(settings: Settings, options: Namespace) -> int:
    """`zhiping notice overdue`: the ledger of what is overdue, in words, as JSON or as a workbook."""
    async with open_runtime(settings):
        found = await list_overdue(now())
    if options.workbook is not None:
        write_file(options.workbook, overdue_workbook(found))
        print(f"{len(found)} 件，已存为 {options.workbook}")
    elif options.as_json:
        rows = [{**asdict(one), "organisation": one.code, "by": one.by.isoformat()} for one in found]
        print(json.dumps([{key: row[key] for key in row if key != "code"} for row in rows], ensure_ascii=False))
    else:
        for one in found:
            print(f"过期 {one.days} 天（{one.by}）  {one.name}（{one.organisation}）  {one.text}")
        if not found:
            print("没有过期的事。")
    return 0


def _as_json(one: Unreached) -> dict[str, object]:
    return {
        "staff_no": one.staff_no,
        "name": one.name,
        "organisation": one.code,
        "why": one.why,
        "by": one.by.isoformat() if one.by else None,
        "what": list(one.what),
    }


_WORKBOOK = argument("--workbook", type=Path, metavar="FILE.xlsx", help="存为工作簿")

NOTICE_COMMANDS = (
    Line(
        "undelivered",
        "要打电话的人：有事要办而推送不到、也没有看过任务的",
        undelivered,
        (_WORKBOOK, AS_JSON),
    ),
    Line("overdue", "过期台账：到期没有办的事，谁的", overdue, (_WORKBOOK, AS_JSON)),
)
