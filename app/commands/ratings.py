"""`zhiping rating …`: who has rated what, how far everybody is, and the sheets as a workbook. Each prints, and returns the exit code."""

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

from app.commands.opening import write_file
from app.commands.tables import AS_JSON, BY, ID, REASON, Line, argument, row_number
from app.resources import open_runtime
from config.clock import now
from config.settings import Settings
from models.ratings import SUBMITTED, Rating, list_ratings
from scoring.numbers import show
from services.cycles.coverages import RoundCoverage, coverage
from services.cycles.cycles import get_cycle, require_round
from services.cycles.subjects import code_of
from services.ratings.rating_books import export_ratings
from services.ratings.rating_comparisons import compare_rounds
from services.ratings.rating_progress import list_progress
from services.ratings.ratings import reopen_rating


async def show_all(settings: Settings, options: Namespace) -> int:
    """`zhiping rating list`."""
    async with open_runtime(settings):
        cycle = await get_cycle(options.cycle)
        if options.round is not None:
            require_round(cycle, options.round)
        found = await list_ratings([cycle.id], options.round)
    if options.as_json:
        _print_json([_summary(one) for one in found])
        return 0
    for one in found:
        rater, state = f"{one.rater.name}（{one.rater.staff_no}）", "已提交" if one.state == SUBMITTED else "重开修改中"
        print(f"{one.id}  {one.round}  {one.subject.name}（{code_of(one.subject)}）  {rater}  {state}")
    return 0


def _summary(one: Rating) -> dict[str, Any]:
    who = {"subject": one.subject.key, "name": one.subject.name, "rater": one.rater.staff_no}
    when = {"submitted_at": one.submitted_at.isoformat(), "version": one.version, "reason": one.reopen_reason}
    return {"id": one.id, "round": one.round, **who, "state": one.state, **when}


async def progress(settings: Settings, options: Namespace) -> int:
    """`zhiping rating progress`: by round how many are rated and who is missing, by rater how many are handed in."""
    async with open_runtime(settings):
        cycle = await get_cycle(options.cycle)
        covered, raters = await coverage(cycle), await list_progress(cycle)
    if options.as_json:
        people = [
            {"round": one.round, "staff_no": one.person.staff_no, "assigned": one.assigned, "done": one.done}
            for one in raters
        ]
        _print_json({"rounds": [_covered(one) for one in covered], "raters": people})
        return 0
    for found in covered:
        missing = "、".join(each.name for each in found.missing[:20])
        print(
            f"{found.round.label}（{found.label}）：{found.found}/{found.of}{f'，还没有评：{missing}' if missing else ''}"
        )
    for one in raters:
        of = f"/{one.assigned}" if one.assigned else ""
        print(f"  {one.round}  {one.person.name}（{one.person.staff_no}）：已提交 {one.done}{of}")
    return 0


def _covered(one: RoundCoverage) -> dict[str, Any]:
    counts = {"found": one.found, "of": one.of, "missing": [each.key for each in one.missing]}
    return {"round": one.round.key, "label": one.round.label, "kind": one.kind, **counts}


async def compare(settings: Settings, options: Namespace) -> int:
    """`zhiping rating compare`: the rounds of one subject beside each other."""
    async with open_runtime(settings):
        found = await compare_rounds(options.cycle, options.subject)
    if options.as_json:
        items = [
            {"slot": one.slot, "label": one.label, "points": {key: show(points) for key, points in one.points.items()}}
            for one in found.items
        ]
        totals = {key: show(found.total(key)) for key in found.rounds}
        _print_json({"subject": found.subject.key, "rounds": dict(found.rounds), "items": items, "totals": totals})
        return 0
    totals_said = "  ".join(f"{label} {show(found.total(key))}" for key, label in found.rounds.items())
    print(f"{found.subject.name}：{totals_said or '还没有评分'}")
    for one in found.items:
        cells = []
        for key in found.rounds:
            away = one.deviation(key)
            apart = f"（{'+' if away > 0 else ''}{show(away)}）" if away else ""
            cells.append(f"{show(one.points[key])}{apart}" if key in one.points else "—")
        print(f"  {one.label}  {'  '.join(cells)}")
    return 0


async def reopen(settings: Settings, options: Namespace) -> int:
    """`zhiping rating reopen`."""
    async with open_runtime(settings):
        await reopen_rating(options.id, reason=options.reason, now=now(), actor=options.by)
    print("已退回给打分人修改；重新提交之前，原来的分数仍然有效。")
    return 0


async def export(settings: Settings, options: Namespace) -> int:
    """`zhiping rating export`."""
    async with open_runtime(settings):
        content = await export_ratings(options.cycle)
    write_file(options.file, content)
    print(f"考核周期 {options.cycle} 的全部评分已存为 {options.file}。")
    return 0


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False))


_CYCLE = argument("cycle", type=row_number, metavar="CYCLE")

RATING_COMMANDS = (
    Line(
        "list",
        "已提交和退回的评分",
        show_all,
        (_CYCLE, argument("--round", metavar="KEY", help="只列一轮，如 self、full_review、cross_review"), AS_JSON),
    ),
    Line("progress", "每一轮评了多少、还缺谁，每个打分人打了多少", progress, (_CYCLE, AS_JSON)),
    Line("compare", "一个对象各轮的分数并列，逐项看与自评的差", compare, (_CYCLE, argument("subject"), AS_JSON)),
    Line("reopen", "退回一份评分，写明理由", reopen, (ID, BY, REASON)),
    Line(
        "export",
        "全部评分、进度、覆盖、各轮对照和登记表",
        export,
        (_CYCLE, argument("file", type=Path, metavar="FILE.xlsx")),
    ),
)
