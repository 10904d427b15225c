"""`zhiping meeting comments|digests|result`: what came of a meeting. Each prints, and returns the exit code."""

import json
from argparse import Namespace
from typing import Any

from app.commands.tables import AS_JSON, ID, Line
from app.resources import open_runtime
from config.settings import Settings
from services.filings.report_digests import list_digests
from services.meetings.comments import Commented, find_commented
from services.meetings.meetings import get_meeting
from services.meetings.results import meeting_result

STATES = {"draft": "还没有开始投票", "open": "正在投票", "closed": "投票已结束"}


async def show_comments(settings: Settings, options: Namespace) -> int:
    """`zhiping meeting comments`: what the leaders said to each reporter, in file order."""
    async with open_runtime(settings):
        rows = await find_commented((await get_meeting(options.id)).id)
    if options.as_json:
        _print_json([_comments(one) for one in rows])
    for one in [] if options.as_json else rows:
        print(f"{one.name}（{one.reporter.mode}）")
        for said in one.comments:
            print(f"  {said.person.name}：问题：{said.problem}；方向：{said.direction}")
        if not one.comments:
            print("  还没有点评")
    return 0


def _comments(one: Commented) -> dict[str, Any]:
    said = [{"by": each.person.name, "problem": each.problem, "direction": each.direction} for each in one.comments]
    return {"name": one.name, "mode": one.reporter.mode, "comments": said}


async def show_digests(settings: Settings, options: Namespace) -> int:
    """`zhiping meeting digests`: of the reports given on site, to be put on public notice; none before the close."""
    async with open_runtime(settings):
        found = await list_digests((await get_meeting(options.id)).id)
    if options.as_json:
        _print_json([{"name": one.name, "title": one.title, "text": one.text} for one in found])
    elif found:
        print("\n\n".join(f"{one.title}\n{one.text}" for one in found))
    else:
        print("还没有可以公布的摘要：投票结束后，现场述职且报告已通过的才有。")
    return 0


async def show_result(settings: Settings, options: Namespace) -> int:
    """`zhiping meeting result`: before the close the turnout only."""
    async with open_runtime(settings):
        result = await meeting_result(await get_meeting(options.id))
    if options.as_json:
        _print_json(result)
        return 0
    turnout = result["turnout"]
    print(f"「{result['title']}」{STATES[result['state']]}")
    print(f"应到 {turnout['entitled']} 人，签到 {turnout['present']} 人，已投 {turnout['voted']} 人")
    for row in result["reporters"]:
        print(f"  {row['name']}（{row['staff_no']}） {_score(row)}  {_classes(row)}".rstrip())
    return 0


def _score(row: dict[str, Any]) -> str:
    if row["onsite"] is not None:
        return f"{row['onsite']} 分"
    return "无法计分：有类别没有有效票" if row.get("reason") else "—"


def _classes(row: dict[str, Any]) -> str:
    return "，".join(_one_class(name, found) for name, found in row["by_class"].items())


def _one_class(name: str, found: dict[str, Any]) -> str:
    if found.get("suppressed"):
        return f"{name} 不单独公布"
    return f"{name} {found['score'] or '—'}（{found['ballots']} 票）"


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False))


MEETING_RESULT_COMMANDS = (
    Line("comments", "领导对每位述职人的点评", show_comments, (AS_JSON, ID)),
    Line("digests", "现场述职报告的摘要，供公布", show_digests, (AS_JSON, ID)),
    Line("result", "结果；结束前为到会和投票人数", show_result, (AS_JSON, ID)),
)
