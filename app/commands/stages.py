"""`zhiping cycle stages` and `zhiping cycle conflicts`: the calendar of a cycle, as the office keeps it."""

import json
from argparse import ArgumentTypeError, Namespace
from datetime import date

from app.commands.tables import AS_JSON, BY, ID, REASON, Line, argument, row_number
from app.commands.tables import day as read_day
from app.resources import open_runtime
from config.clock import now
from config.settings import Settings
from services.cycles.cycles import get_cycle
from services.cycles.stages import StageDays, finish_stage, list_running, set_stage, stage_days
from services.reminders.conflicts import list_conflicts

_DAYS = ("starts", "soft", "due")


async def stages(settings: Settings, options: Namespace) -> int:
    """`zhiping cycle stages`: set or finish what is named, then show all."""
    async with open_runtime(settings):
        for key, name, day in options.changes:
            await set_stage(options.id, key, {name: day}, reason=options.reason, now=now(), actor=options.by)
        for key in options.finished:
            await finish_stage(options.id, key, now=now(), actor=options.by)
        found = await stage_days(await get_cycle(options.id))
    if options.as_json:
        print(json.dumps([_as_json(one) for one in found.values()], ensure_ascii=False))
        return 0
    for one in found.values():
        print(_line(one))
    return 0


async def conflicts(settings: Settings, options: Namespace) -> int:
    """`zhiping cycle conflicts`: of all running cycles, or of the named one and those it runs beside."""
    async with open_runtime(settings):
        if options.id is not None:
            await get_cycle(options.id)
        found = await list_conflicts(await list_running(now()))
    found = [one for one in found if options.id in (None, one.cycle_id)]
    if options.as_json:
        rows = [{"code": one.code, "cycle": one.cycle_id, "say": one.say} for one in found]
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    for one in found:
        print(f"{one.cycle_id}  {one.say}")
    if not found:
        print("日程里没有互相矛盾的地方。")
    return 0


def _line(one: StageDays) -> str:
    days = "，".join(
        f"{word}{day}"
        for word, day in (("开始 ", one.starts), ("提醒 ", one.soft), ("截止 ", one.due))
        if day is not None
    )
    days = days or f"没有定时间（{one.stage.undated or '方案没有写'}），请用 --set {one.stage.key}=YYYY-MM-DD 定下来"
    own = f"（自己的截止 {one.own}，以较早的为准）" if one.own != one.due and one.own is not None else ""
    moved = f"（已改：{one.reason}）" if one.reason else ""
    return f"{one.stage.key}  {one.stage.title}  {days}{own}{moved}{'  已办结' if one.finished_at else ''}"


def _as_json(one: StageDays) -> dict[str, object]:
    days = {name: day.isoformat() if (day := getattr(one, name)) else None for name in (*_DAYS, "own")}
    finished = one.finished_at.isoformat() if one.finished_at else None
    return {"stage": one.stage.key, "title": one.stage.title, **days, "reason": one.reason, "finished_at": finished}


def _change(text: str) -> tuple[str, str, date | None]:
    """`key=2021-12-20`, `key.soft=2021-12-10`, `key.starts=` (nothing: the document's day again)."""
    name, mark, day = text.partition("=")
    key, _, what = name.partition(".")
    if mark and (what or "due") in _DAYS:
        return key, what or "due", read_day(day) if day else None
    raise ArgumentTypeError(
        f"「{text[:40]}」应写成 阶段=日期，如 self_report=2021-12-20；提醒日写 阶段.soft=，开始日写 阶段.starts="
    )


STAGE_COMMANDS = (
    Line(
        "stages",
        "各阶段的日期；改期限（写明理由）、办结",
        stages,
        (
            ID,
            argument(
                "--set",
                type=_change,
                action="append",
                default=[],
                dest="changes",
                metavar="KEY[.soft|.starts]=DAY",
                help="改截止日（.soft 提醒日，.starts 开始日）；等号后不写，恢复文件的日期",
            ),
            argument("--finish", action="append", default=[], dest="finished", metavar="KEY", help="这一阶段已经办结"),
            BY,
            REASON,
            AS_JSON,
        ),
    ),
    Line(
        "conflicts",
        "日程里互相矛盾、没有定时间、挤在一起的地方",
        conflicts,
        (argument("id", type=row_number, nargs="?", metavar="CYCLE"), AS_JSON),
    ),
)
