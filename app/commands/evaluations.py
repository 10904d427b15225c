"""`zhiping evaluation …`: democratic evaluation outside meetings, for the office. Each prints, and returns the exit code."""

import json
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from app.commands.opening import naming, read_file
from app.commands.tables import AS_JSON, BY, ID, REASON, Line, argument, row_number
from app.resources import open_runtime
from config.clock import now, shown
from config.settings import Settings
from models.evaluations import Evaluation
from services.cycles.cycles import get_cycle
from services.evaluations import evaluations
from services.evaluations.evaluation_imports import import_evaluations, list_passed_over

_STATES = {"draft": "还没有开始", "open": "正在投票", "closed": "已结束"}
_SHOWN = 20


async def run_import(settings: Settings, options: Namespace) -> int:
    """`zhiping evaluation import`: an evaluation for every branch; prints their numbers."""
    content = read_file(options.file)
    async with open_runtime(settings):
        with naming(options.file):
            made = await import_evaluations(content, now=now(), actor=options.by)
        for one in made:
            await one.fetch_related("organisation")
        passed_over = await list_passed_over(made)
    if passed_over:
        print(_told(passed_over), file=sys.stderr)
    if options.as_json:
        _print_json([_identity(one) for one in made])
        return 0
    print(f"已导入 {len(made)} 项测评，{shown(made[0].opens_at)} 自动开始，{shown(made[0].closes_at)} 自动结束。")
    for one in made:
        print(f"  {one.id}  {one.title}  {_STATES[one.state]}")
    return 0


def _told(passed_over: list[str]) -> str:
    whom = "、".join(passed_over[:_SHOWN]) + (f" 等 {len(passed_over)} 人" if len(passed_over) > _SHOWN else "")
    return f"不属于所考核的支部、没有列入测评的：{whom}。要测评的，在 organisations 里写明他们所在组织的编码。"


def _identity(one: Evaluation) -> dict[str, Any]:
    return {
        "id": one.id,
        "organisation": one.organisation.code,
        "about": one.about,
        "title": one.title,
        "state": one.state,
    }


async def run_list(settings: Settings, options: Namespace) -> int:
    """`zhiping evaluation list`: how each stands; names of voters are nowhere."""
    async with open_runtime(settings):
        if options.cycle is not None:
            await get_cycle(options.cycle)
        rows = [
            _identity(one.evaluation)
            | {"entitled": one.entitled, "voted": one.voted}
            | {"gathered": one.evaluation.gathered_at is not None, "trouble": one.evaluation.trouble}
            for one in await evaluations.list_evaluations(options.cycle)
        ]
    if options.as_json:
        _print_json(rows)
        return 0
    for row in rows:
        print(
            f"{row['id']}  {row['title']}  {_STATES[row['state']]}，应投 {row['entitled']} 人，已投 {row['voted']} 人"
        )
        if row["trouble"]:
            print(f"    {row['trouble']}")
    return 0


async def run_open(settings: Settings, options: Namespace) -> int:
    """`zhiping evaluation open`: now, instead of when its file says; exit 0 also where it is open already."""
    async with open_runtime(settings) as rt:
        poll = await evaluations.open_evaluation(rt, options.id, now=now(), actor=options.by)
    print(f"「{poll.title}」正在投票。")
    return 0


async def run_close(settings: Settings, options: Namespace) -> int:
    """`zhiping evaluation close`: now; exit 0 also where it is closed already."""
    async with open_runtime(settings) as rt:
        evaluation = await evaluations.close_evaluation(rt, options.id, now=now(), actor=options.by)
    print(f"「{evaluation.title}」已结束。结果：zhiping evaluation result {evaluation.id}")
    if evaluation.trouble:
        print(f"计票结果没有进入考核：{evaluation.trouble}", file=sys.stderr)
    return 0


async def run_gather(settings: Settings, options: Namespace) -> int:
    """`zhiping evaluation gather`: take the counts into the cycle, after what was in the way has been put right."""
    async with open_runtime(settings):
        found = await evaluations.gather(options.id, now=now(), actor=options.by, reason=options.reason)
    print(f"新录入 {found.new} 项，改动 {found.changed} 项，未变 {found.same} 项。")
    return 0


async def run_result(settings: Settings, options: Namespace) -> int:
    """`zhiping evaluation result`: the result, or before the close the turnout."""
    async with open_runtime(settings):
        result = await evaluations.evaluation_result(options.id)
    if options.as_json:
        _print_json(result)
        return 0
    turnout = result["turnout"]
    print(f"「{result['title']}」{_STATES[result['state']]}，应投 {turnout['entitled']} 人，已投 {turnout['voted']} 人")
    for row in result["subjects"]:
        score = f"{row['score']} 分" if row["score"] is not None else "无法计分：有类别没有有效票"
        print(f"  {row['name']}（{row['id']}） {score}")
    if result["trouble"]:
        print(f"计票结果没有进入考核：{result['trouble']}")
    return 0


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False))


EVALUATION_COMMANDS = (
    Line(
        "import",
        "按一份文件给各支部设立民主测评",
        run_import,
        (argument("file", type=Path, metavar="FILE.yaml"), BY, AS_JSON),
    ),
    Line(
        "list",
        "各支部的测评：状态、应投和已投人数（结束前取整）",
        run_list,
        (argument("--cycle", type=row_number, metavar="ID", help="只列这个考核周期的"), AS_JSON),
    ),
    Line("open", "现在就开始投票", run_open, (ID, BY)),
    Line("close", "现在就结束投票，计票并取入考核", run_close, (ID, BY)),
    Line("result", "结果；结束前为应投和已投人数", run_result, (ID, AS_JSON)),
    Line("gather", "再取一次计票结果（先办好提示的问题）", run_gather, (ID, BY, REASON)),
)
