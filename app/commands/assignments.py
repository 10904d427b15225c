"""`zhiping assign …`: who rates whom, by name or drawn from a published seed. Each prints, and returns the exit code."""

import json
from argparse import ArgumentTypeError, Namespace
from fractions import Fraction
from pathlib import Path
from typing import Any

from app.commands.opening import naming, read_file
from app.commands.tables import AS_JSON, BY, REASON, Line, argument, row_number
from app.resources import open_runtime
from config.clock import now
from config.settings import Settings
from models.assignments import Assignment, Draw
from scoring import faults
from scoring.numbers import read_decimal_in
from services.cycles.cycles import get_cycle, require_round
from services.cycles.subjects import code_of
from services.ratings.assignment_files import read_assignments
from services.ratings.assignments import assign
from services.ratings.draws import DrawRule, draw_assignments, verify_draws
from services.ratings.seats import Seat, list_seats
from services.workbooks.workbook_limits import MAX_BYTES


async def take(settings: Settings, options: Namespace) -> int:
    """`zhiping assign import`."""
    content = read_file(options.file, MAX_BYTES)
    with naming(options.file):
        tasks = read_assignments(content, is_workbook=options.file.suffix.lower() == ".xlsx")
    async with open_runtime(settings):
        done = await assign(
            options.cycle, tasks, now=now(), actor=options.by, replace=options.replace, reason=options.reason
        )
    print(f"新分派 {done.new} 条，已有 {done.same} 条，撤下 {done.dropped} 条。这些轮次从现在起只有分派到的人能打分。")
    return 0


async def draw(settings: Settings, options: Namespace) -> int:
    """`zhiping assign draw`: prints seed, names and result, for the notice board."""
    rule = DrawRule(options.round, options.seed, options.groups, options.ratio, options.raters, options.kind)
    async with open_runtime(settings):
        drawn = await draw_assignments(options.cycle, rule, now=now(), actor=options.by, reason=options.reason)
        names = {one.key: one.name for one in await _subjects(drawn.draw.cycle_id)}
    if options.as_json:
        _print_json(_as_json(drawn.draw) | {"assignments": drawn.assignments, "headless": list(drawn.headless)})
        return 0
    print(f"抽取编号 {drawn.draw.id}，种子「{drawn.draw.rule['seed']}」，从 {len(drawn.draw.names)} 个对象中抽取：")
    print("\n".join(_told(drawn.draw, names)))
    kept = f"，原来已有 {drawn.same} 条" if drawn.same else ""
    dropped = f"，撤下 {drawn.dropped} 条" if drawn.dropped else ""
    print(f"共分派 {drawn.assignments + drawn.same} 条{kept}{dropped}。任何人都可以用 zhiping assign verify 重做一遍。")
    for name in drawn.headless:
        print(f"  {name} 没有书记，不能派人打分。")
    return 0


async def _subjects(cycle_id: int) -> list[Any]:
    cycle = await get_cycle(cycle_id)
    return await cycle.subjects.all()


def _told(draw: Draw, names: dict[str, str]) -> list[str]:
    found = draw.found
    lines = []
    for n, group in enumerate(found.get("groups", ()), 1):
        lines.append(
            f"第 {n} 组（{len(group)} 个，评第 {found['reviews'][n - 1] + 1} 组）：{'、'.join(names[one] for one in group)}"
        )
    lines += [f"  {names[rater]} 评 {names[rated]}" for rated, rater in found.get("reviewers", {}).items()]
    if "sample" in found:
        lines.append(f"抽到 {len(found['sample'])} 个：{'、'.join(names[one] for one in found['sample'])}")
    return lines


def _as_json(draw: Draw) -> dict[str, Any]:
    at = {"drawn_at": draw.drawn_at.isoformat(), "drawn_by": draw.drawn_by, "reason": draw.reason}
    return {"id": draw.id, "round": draw.round, "rule": draw.rule, "names": draw.names, "found": draw.found, **at}


async def show_all(settings: Settings, options: Namespace) -> int:
    """`zhiping assign list`."""
    async with open_runtime(settings):
        cycle = await get_cycle(options.cycle)
        if options.round is not None:
            require_round(cycle, options.round)
        rows = await list_seats(cycle.id, options.round)
        names = {one.key: one.name for one in await _subjects(cycle.id)}
    if options.as_json:
        _print_json([_line(seat) for seat in rows])
        return 0
    for seat in rows:
        one = seat.assignment
        done = "已评" if seat.is_rated else "未评"
        print(f"{one.round}  {one.subject.name}（{code_of(one.subject)}）  {_holder(seat, names)}  {done}")
    return 0


def _holder(seat: Seat, names: dict[str, str]) -> str:
    reviewer = _reviewer(seat.assignment)
    at = f"，{names[reviewer]}" if reviewer else ""
    return f"{seat.holder.name}（{seat.holder.staff_no}{at}）" if seat.holder else f"现在没有人打分{at}"


def _line(seat: Seat) -> dict[str, Any]:
    one, holder = seat.assignment, seat.holder
    who = {"staff_no": holder.staff_no if holder is not None else None, "reviewer": _reviewer(one)}
    return {"round": one.round, "subject": one.subject.key, **who, "rated": seat.is_rated}


def _reviewer(one: Assignment) -> str | None:
    """The organisation of the reviewing group that a draw gave this subject to."""
    found = one.draw.found.get("reviewers", {}).get(one.subject.key) if one.draw else None
    return None if found is None else str(found)


async def verify(settings: Settings, options: Namespace) -> int:
    """`zhiping assign verify`: exit 1 where a draw does not come out again."""
    async with open_runtime(settings):
        found = await verify_draws(options.cycle)
    if options.as_json:
        _print_json([_as_json(one) | {"agrees": agrees, "stands": one.replaced_at is None} for one, agrees in found])
    for one, agrees in [] if options.as_json else found:
        stands = "有效" if one.replaced_at is None else "已作废"
        verdict = "与种子和名单一致" if agrees else "与种子和名单不一致"
        print(f"{one.id}  {one.round}  种子「{one.rule['seed']}」  {len(one.names)} 个对象  {stands}  {verdict}")
    if not found and not options.as_json:
        print("还没有抽取过。")
    return 0 if all(agrees for _, agrees in found) else 1


def _ratio(text: str) -> Fraction:
    try:
        return read_decimal_in(text, Fraction(0), Fraction(1), "")
    except faults.BadInput as error:
        raise ArgumentTypeError(f"「{text[:20]}」应是 0 到 1 的比例，如 0.2") from error


def _numbers(text: str) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(one.strip() for one in text.replace("，", ",").replace("、", ",").split(",") if one.strip())
    )


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False))


_CYCLE = argument("cycle", type=row_number, metavar="CYCLE")
_ROUND = argument("--round", metavar="KEY", help="只列一轮")

ASSIGNMENT_COMMANDS = (
    Line(
        "import",
        "按文件分派：谁给谁打哪一轮",
        take,
        (
            _CYCLE,
            argument("file", type=Path, metavar="FILE.xlsx|yaml"),
            argument("--replace", action="store_true", help="文件里的轮次以文件为准，多出来的撤下"),
            BY,
            REASON,
        ),
    ),
    Line(
        "draw",
        "按公布的种子抽取：分组互评，或按比例抽查",
        draw,
        (
            _CYCLE,
            argument("round", metavar="KEY", help="哪一轮，如 cross_review、spot_check"),
            argument("--seed", required=True, help="种子：在名单确定之前公布，或当场产生"),
            argument("--groups", type=row_number, metavar="N", help="分成几组，组与组互评"),
            argument("--ratio", type=_ratio, metavar="R", help="抽多大比例，如 0.2，向上取整"),
            argument("--raters", type=_numbers, default=(), metavar="STAFF_NO,…", help="不分组时由谁打分"),
            argument("--kind", default="", help="抽哪一种对象，如 branch、unit"),
            BY,
            REASON,
            AS_JSON,
        ),
    ),
    Line("list", "列出分派和是否已评", show_all, (_CYCLE, _ROUND, AS_JSON)),
    Line("verify", "用种子和名单重做每一次抽取", verify, (_CYCLE, AS_JSON)),
)
