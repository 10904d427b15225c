"""`zhiping burden …`: what the product asks of people, for the office. Prints, and returns the exit code."""

import json
import re
from argparse import ArgumentTypeError, Namespace
from dataclasses import asdict

from app.commands.tables import AS_JSON, Line, argument
from app.resources import open_runtime
from config.settings import Settings
from services.notices.burdens import BurdenLine, list_burdens


async def show_burdens(settings: Settings, options: Namespace) -> int:
    """`zhiping burden list`: by organisation and month; what exceeds a cap is marked."""
    async with open_runtime(settings):
        found = await list_burdens(settings, options.month)
    if options.as_json:
        print(json.dumps([asdict(one) for one in found], ensure_ascii=False))
        return 0
    for one in found:
        print(_line(one))
    if not found:
        print("还没有记录。")
    return 0


def _line(one: BurdenLine) -> str:
    over = f"  超过上限：{'、'.join(one.over)}" if one.over else ""
    return (
        f"{one.month}  {one.code}  {one.organisation}（{one.people} 人）  发来 {one.pulled} 条，推送 {one.pushed} 条，"
        f"回答 {one.asked} 个问题，共 {one.minutes} 分钟{over}"
    )


def _month(text: str) -> str:
    if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", text):
        raise ArgumentTypeError(f"「{text[:20]}」应是月份，如 2021-11")
    return text


BURDEN_COMMANDS = (
    Line(
        "list",
        "各组织每月收发几条消息、回答几个问题、花几分钟",
        show_burdens,
        (argument("--month", type=_month, metavar="YYYY-MM"), AS_JSON),
    ),
)
