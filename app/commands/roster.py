"""`zhiping roster …`: people and their binding codes (contract §1, §5). Each prints, and returns the exit code."""

import json
import sys
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path

from app.commands.opening import naming, read_file
from app.commands.tables import AS_JSON, Line, argument
from app.resources import open_runtime
from config.clock import now
from config.settings import Settings
from services.audit import COMMAND
from services.people.handouts import IssuedCode, issue_codes
from services.people.roster import RosterReport, Tally, import_roster
from services.reminders.handovers import count_stranded
from services.workbooks.workbook_limits import MAX_BYTES

_SHOWN = 20


async def take_in(settings: Settings, options: Namespace) -> int:
    """`zhiping roster import`: says what it changed. Raises `BadInput` with every fault of the file."""
    content = read_file(options.file, MAX_BYTES)
    async with open_runtime(settings):
        with naming(options.file):
            report = await import_roster(content, now=now(), actor=COMMAND)
        stranded = 0 if options.as_json else await count_stranded(now())
    print(json.dumps(_as_json(report), ensure_ascii=False) if options.as_json else _as_text(report))
    if stranded:
        print(f"有 {stranded} 件事没有人接手，或责任人已卸任：组织部门在手机上回复 交接 看是哪些。")
    return 0


async def show_codes(settings: Settings, options: Namespace) -> int:
    """`zhiping roster codes`: the unused ones of everybody, or of an organisation and those below it; `--renew` replaces them first."""
    async with open_runtime(settings):
        codes = await issue_codes(settings, org=options.org, renew=options.renew, now=now(), actor=COMMAND)
    if options.as_json:
        print(json.dumps([asdict(code) for code in codes], ensure_ascii=False))
        return 0
    for code in codes:
        print(_line(code))
    if not codes:
        print("没有待发的绑定码：这些人都已绑定。需要换发请加 --renew。", file=sys.stderr)
    return 0


def _as_json(report: RosterReport) -> dict[str, object]:
    missing = {
        "missing_organisations": [{"code": code, "name": name} for code, name in report.missing_organisations],
        "missing_people": [{"staff_no": number, "name": name} for number, name in report.missing_people],
    }
    return asdict(report) | missing


def _as_text(report: RosterReport) -> str:
    lines = [f"组织：{_counts(report.organisations)}", f"人员：{_counts(report.people)}"]
    lines += _missing("组织", report.missing_organisations) + _missing("人", report.missing_people)
    if report.unused_columns:
        lines.append(f"没有用到的列：{'、'.join(report.unused_columns)}")
    return "\n".join([*lines, "下一步：zhiping roster codes 列出绑定码，发给本人。"])


def _counts(tally: Tally) -> str:
    return f"新增 {tally.created}，更新 {tally.updated}，未变 {tally.unchanged}"


def _missing(what: str, missing: tuple[tuple[str, str], ...]) -> list[str]:
    if not missing:
        return []
    names = "、".join(f"{name}（{code}）" for code, name in missing[:_SHOWN])
    more = " 等，完整名单请加 --json" if len(missing) > _SHOWN else ""
    return [f"名册里有、文件里没有的{what} {len(missing)} 个，保持原样：{names}{more}"]


def _line(code: IssuedCode) -> str:
    return f"{code.organisation}\t{code.staff_no}\t{code.name}\t{code.code}"


ROSTER_COMMANDS = (
    Line("import", "导入名册工作簿", take_in, (argument("file", type=Path, metavar="FILE.xlsx"), AS_JSON)),
    Line(
        "codes",
        "列出一次性绑定码，打印后交本人",
        show_codes,
        (
            argument("--org", metavar="CODE", help="只列这个组织及其下级"),
            argument("--renew", action="store_true", help="换发新码，旧码作废"),
            AS_JSON,
        ),
    ),
)
