"""The `zhiping` command (contract §1)."""

import argparse
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NoReturn

from app import commands
from app.alternative_commands import SCHEME, SETTINGS, WHAT_IF, run_what_if
from app.assignment_commands import ASSIGNMENT_COMMANDS
from app.burden_commands import BURDEN_COMMANDS
from app.complaint_commands import COMPLAINT_COMMANDS
from app.cycle_commands import CYCLE_COMMANDS
from app.duty_commands import DUTY_COMMANDS
from app.environment import settings_for
from app.evaluation_commands import EVALUATION_COMMANDS
from app.filing_commands import FILING_COMMANDS
from app.follow_up_commands import FOLLOW_UP_COMMANDS
from app.notice_commands import NOTICE_COMMANDS
from app.outages import outage_of
from app.public_notice_commands import OBJECTION_COMMANDS, PUBLIC_NOTICE_COMMANDS
from app.rating_commands import RATING_COMMANDS
from app.record_commands import RECORD_COMMANDS
from app.rectification_commands import RECTIFICATION_COMMANDS
from app.run_commands import EXPLAIN, RUN_COMMANDS
from app.score_commands import run_lint, run_score
from app.sheet_commands import SHEET_COMMANDS
from app.stage_commands import STAGE_COMMANDS
from app.tables import AS_JSON, Line
from config.logging import set_up_logging
from config.refusals import BadInput, Refusal
from config.settings import Settings
from models.database import migrate_schema

REFUSED, UNUSABLE = 1, 2
Command = Callable[[Settings, argparse.Namespace], Awaitable[int]]


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit code: 0 done, 1 refused, 2 unusable arguments or input."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run_command(options)
        return code
    except Refusal as refusal:
        print(refusal.say, file=sys.stderr)
        if refusal.code in {"small_class", "empty_class", "double_voter"}:
            print(f"（{refusal.code}）", file=sys.stderr)
        return REFUSED
    except BadInput as bad:
        print("\n".join(bad.faults), file=sys.stderr)
        return UNUSABLE
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        say = outage_of(error)
        if say is None:
            raise
        print(say, file=sys.stderr)
        return REFUSED


def _with_settings(run: Command, *, may_start: bool = True) -> Callable[[argparse.Namespace], int]:
    def command(options: argparse.Namespace) -> int:
        with settings_for(os.environ, may_start=may_start) as settings:
            set_up_logging(settings.log_level if not may_start else "error")
            return asyncio.run(_in_order(run, settings, options, migrating=may_start))

    return command


async def _in_order(run: Command, settings: Settings, options: argparse.Namespace, *, migrating: bool) -> int:
    """A one-shot command may be the first to use a database: it brings the schema to the newest version."""
    if migrating:
        await migrate_schema(settings.database_url.get_secret_value())
    return await run(settings, options)


def _demo(options: argparse.Namespace) -> int:
    from app.demo import run_demo

    set_up_logging("error")
    return run_demo(os.environ)


def _score(options: argparse.Namespace) -> int:
    """The result is always JSON; --json is for the comparison of two, which else is told in words."""
    if options.settings is None and options.scheme is None:
        return run_score(options.file, sealed=options.sealed)
    if options.sealed:
        raise BadInput(["--sealed 不能和 --settings、--scheme 一起用：试算不存档"])
    return run_what_if(options.file, options.settings, options.scheme, as_json=options.as_json)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Leave with 2, and say where the usage is told."""
        self.exit(UNUSABLE, f"参数不能用：{message}\n用法：{self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="zhiping", description="支评：党支部年度考核的微信公众号后端")
    parts = parser.add_subparsers(required=True, metavar="命令")
    _add(parts, "demo", "启动演示：内置数据库、微信模拟器、示范组织、网页和后台", _demo)
    _add(parts, "serve", "网页进程", _with_settings(commands.serve, may_start=False))
    _add(parts, "work", "后台进程：定时、推送、取媒体", _with_settings(commands.work, may_start=False))
    _add(parts, "migrate", "把数据库结构升级到最新", _with_settings(commands.migrate))
    score = _add(parts, "score", "按方案计算一份评分文件（合同 §4 的 JSON）；也可换设置或方案试算", _score)
    score.add_argument("file", metavar="FILE.json")
    for one in (SETTINGS, SCHEME, AS_JSON):
        score.add_argument(*one.flags, **one.options)
    score.add_argument("--sealed", action="store_true", help="连同方案、输入和校验码一起输出，供存档和复核")
    lint = _add(
        parts, "lint", "检查一份方案有哪些该先定下来的事", lambda one: run_lint(one.scheme, as_json=one.as_json)
    )
    lint.add_argument("scheme", metavar="SCHEME")
    lint.add_argument("--json", action="store_true", dest="as_json")
    _add_roster(parts)
    complaints = _add(parts, "complaints", "列出收到的投诉建议", _with_settings(commands.complaints))
    complaints.add_argument("--json", action="store_true", dest="as_json")
    _add_lines(_group(parts, "complaint", "投诉建议的答复"), COMPLAINT_COMMANDS)
    _add_meeting(parts)
    _add_lines(_group(parts, "cycle", "考核周期：名册快照、设置、录入、认定"), (*CYCLE_COMMANDS, *STAGE_COMMANDS))
    _add_lines(_group(parts, "evaluation", "民主测评：会议之外，各支部几天内投票"), EVALUATION_COMMANDS)
    _add_lines(_group(parts, "record", "支部的记录：主题党日、三会一课、组织生活等"), RECORD_COMMANDS)
    _add_lines(_group(parts, "assign", "分派：谁给谁打分，指定或抽取"), ASSIGNMENT_COMMANDS)
    _add_lines(_group(parts, "rating", "自评和打分：进度、对照、导出"), RATING_COMMANDS)
    _add_lines(_group(parts, "run", "计算、对比、试算、公布"), (*RUN_COMMANDS, WHAT_IF))
    _add_lines(_group(parts, "filing", "材料：述职报告、综合评价意见、督查记录、总结等"), FILING_COMMANDS)
    _add_lines(_group(parts, "public-notice", "公示：结果和文本"), PUBLIC_NOTICE_COMMANDS)
    _add_lines(_group(parts, "objection", "对公示的异议"), OBJECTION_COMMANDS)
    _add_lines(_group(parts, "rectification", "整改清单和台账"), RECTIFICATION_COMMANDS)
    _add_lines(_group(parts, "follow-up", "约谈等结果运用，称号，评先评优资格"), FOLLOW_UP_COMMANDS)
    _add_lines(_group(parts, "duty", "全年履职"), DUTY_COMMANDS)
    _add_lines(_group(parts, "sheets", "官方表格：导出、空表、导回"), SHEET_COMMANDS)
    _add_lines(_group(parts, "notice", "通知和提醒"), NOTICE_COMMANDS)
    _add_lines(_group(parts, "burden", "系统给人添了多少事"), BURDEN_COMMANDS)
    _add_lines(parts, (EXPLAIN,))
    menu = _group(parts, "menu", "公众号菜单")
    _add(menu, "push", "把菜单推送到公众号", _with_settings(commands.menu_push))
    return parser


def _add_lines(parts: "argparse._SubParsersAction[_Parser]", lines: tuple[Line, ...]) -> None:
    for line in lines:
        command = _add(parts, line.name, line.say, _with_settings(line.run))
        for one in line.arguments:
            command.add_argument(*one.flags, **one.options)


def _add_roster(parts: "argparse._SubParsersAction[_Parser]") -> None:
    roster = _group(parts, "roster", "组织和人员名册")
    importing = _add(roster, "import", "导入名册工作簿", _with_settings(commands.roster_import))
    importing.add_argument("file", type=Path, metavar="FILE.xlsx")
    codes = _add(roster, "codes", "列出一次性绑定码，打印后交本人", _with_settings(commands.roster_codes))
    codes.add_argument("--org", metavar="CODE", help="只列这个组织及其下级")
    codes.add_argument("--renew", action="store_true", help="换发新码，旧码作废")
    for one in (importing, codes):
        one.add_argument("--json", action="store_true", dest="as_json")


def _add_meeting(parts: "argparse._SubParsersAction[_Parser]") -> None:
    meeting = _group(parts, "meeting", "述职评议会")
    importing = _add(meeting, "import", "导入会议文件", _with_settings(commands.meeting_import))
    importing.add_argument("file", type=Path, metavar="FILE.yaml")
    importing.add_argument("--json", action="store_true", dest="as_json")
    listing = _add(meeting, "list", "列出会议", _with_settings(commands.meeting_list))
    listing.add_argument("--json", action="store_true", dest="as_json")
    opening = _add(meeting, "open", "开始投票", _with_settings(commands.meeting_open))
    opening.add_argument("--accept-small", action="store_true", help="投票人太少、无法隐去时仍然开始")
    _add(meeting, "close", "结束投票", _with_settings(commands.meeting_close))
    _add(meeting, "publish", "公布结果", _with_settings(commands.meeting_publish))
    _add(meeting, "conclude", "办结会议：每位述职人都有点评才行", _with_settings(commands.meeting_conclude))
    comments = _add(meeting, "comments", "领导对每位述职人的点评", _with_settings(commands.meeting_comments))
    comments.add_argument("--json", action="store_true", dest="as_json")
    digests = _add(meeting, "digests", "现场述职报告的摘要，供公布", _with_settings(commands.meeting_digests))
    digests.add_argument("--json", action="store_true", dest="as_json")
    result = _add(meeting, "result", "结果；结束前为到会和投票人数", _with_settings(commands.meeting_result))
    result.add_argument("--json", action="store_true", dest="as_json")
    code = _add(meeting, "code", "签到码：显示在终端，或存为图片", _with_settings(commands.meeting_code))
    code.add_argument("--picture", type=Path, metavar="FILE.svg|png")
    for name in ("open", "close", "publish", "conclude", "comments", "digests", "result", "code"):
        meeting.choices[name].add_argument("id", type=_number)


def _number(text: str) -> int:
    """A meeting's number, as the database can hold it."""
    if not text.isascii() or not text.isdigit() or int(text) >= 2**31:
        raise argparse.ArgumentTypeError(f"「{text[:20]}」不是会议编号")
    return int(text)


def _group(parts: "argparse._SubParsersAction[_Parser]", name: str, say: str) -> "argparse._SubParsersAction[_Parser]":
    return parts.add_parser(name, help=say, description=say).add_subparsers(required=True, metavar="做什么")


def _add(
    parts: "argparse._SubParsersAction[_Parser]",
    name: str,
    say: str,
    run: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    parser = parts.add_parser(name, help=say, description=say)
    parser.set_defaults(run_command=run)  # a name that no argument of a command has
    return parser


if __name__ == "__main__":
    sys.exit(main())
