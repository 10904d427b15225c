"""The `zhiping` command (contract §1)."""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable

from app.commands import COMMANDS
from app.commands.alternatives import SCHEME, SETTINGS, run_what_if
from app.commands.scores import run_lint, run_score
from app.commands.tables import AS_JSON, Group, Line, Run
from app.environment import settings_for
from app.outages import outage_of
from app.serve import run_serve
from app.usage import UNUSABLE, Parser
from app.work import run_work
from config.logging import set_up_logging
from config.refusals import BadInput, Refusal
from config.settings import Settings
from models.database import migrate_schema

REFUSED = 1


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit code: 0 done, 1 refused, 2 unusable arguments or input."""
    options = make_parser().parse_args(arguments)
    try:
        code: int = options.run_command(options)
        sys.stdout.flush()
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
    except BrokenPipeError:
        # Whoever read what is printed (head, less) has gone: there is nobody to tell, and the exit must not flush into it again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return REFUSED
    except Exception as error:
        say = outage_of(error)
        if say is None:
            raise
        print(say, file=sys.stderr)
        return REFUSED


def _with_settings(run: Run, *, may_start: bool = True) -> Callable[[argparse.Namespace], int]:
    def command(options: argparse.Namespace) -> int:
        with settings_for(os.environ, may_start=may_start) as settings:
            set_up_logging(settings.log_level if not may_start else "error")
            return asyncio.run(_in_order(run, settings, options, migrating=may_start))

    return command


async def _in_order(run: Run, settings: Settings, options: argparse.Namespace, *, migrating: bool) -> int:
    """A one-shot command may be the first to use a database: it brings the schema to the newest version."""
    if migrating:
        await migrate_schema(settings.database_url.get_secret_value())
    return await run(settings, options)


def _demo(options: argparse.Namespace) -> int:
    from app.demo.running import run_demo

    set_up_logging("error")
    return run_demo(os.environ)


async def _serve(settings: Settings, options: argparse.Namespace) -> int:
    return await run_serve(settings)


async def _work(settings: Settings, options: argparse.Namespace) -> int:
    return await run_work(settings)


async def _migrate(settings: Settings, options: argparse.Namespace) -> int:
    """Every command but serve and work brings the schema to the newest version first; this one does nothing else."""
    print("数据库结构已是最新。")
    return 0


def _score(options: argparse.Namespace) -> int:
    """The result is always JSON; --json is for the comparison of two, which else is told in words."""
    if options.settings is None and options.scheme is None:
        return run_score(options.file, sealed=options.sealed)
    if options.sealed:
        raise BadInput(["--sealed 不能和 --settings、--scheme 一起用：试算不存档"])
    return run_what_if(options.file, options.settings, options.scheme, as_json=options.as_json)


def make_parser() -> argparse.ArgumentParser:
    """Every command, each with what runs it."""
    parser = Parser(prog="zhiping", description="支评：党支部年度考核的微信公众号后端")
    parts = parser.add_subparsers(required=True, metavar="命令")
    _add(parts, "demo", "启动演示：内置数据库、微信模拟器、示范组织、网页和后台", _demo)
    _add(parts, "serve", "网页进程", _with_settings(_serve, may_start=False))
    _add(parts, "work", "后台进程：定时、推送、取媒体", _with_settings(_work, may_start=False))
    _add(parts, "migrate", "把数据库结构升级到最新", _with_settings(_migrate))
    _add_scoring(parts)
    for one in COMMANDS:
        if isinstance(one, Group):
            group = _group(parts, one)
            for line in one.commands:
                _add_line(group, line)
        else:
            _add_line(parts, one)
    return parser


def _add_scoring(parts: "argparse._SubParsersAction[Parser]") -> None:
    """What needs neither settings nor a database."""
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


def _add_line(parts: "argparse._SubParsersAction[Parser]", line: Line) -> None:
    command = _add(parts, line.name, line.say, _with_settings(line.run))
    for one in line.arguments:
        command.add_argument(*one.flags, **one.options)


def _group(parts: "argparse._SubParsersAction[Parser]", one: Group) -> "argparse._SubParsersAction[Parser]":
    group = parts.add_parser(one.name, help=one.say, description=one.say)
    return group.add_subparsers(required=True, metavar="做什么")


def _add(
    parts: "argparse._SubParsersAction[Parser]",
    name: str,
    say: str,
    run: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    parser = parts.add_parser(name, help=say, description=say)
    parser.set_defaults(run_command=run)  # a name that no argument of a command has
    return parser


if __name__ == "__main__":
    sys.exit(main())
