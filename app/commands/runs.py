"""`zhiping run …` and `zhiping explain`: runs computed, compared, published, explained. Each prints, and returns the exit code."""

import json
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from app.commands.tables import AS_JSON, BY, ID, REASON, Line, Single, argument, row_number
from app.resources import open_runtime
from config.clock import now, shown
from config.settings import Settings
from models.runs import Publication, ScoreRun
from scoring.envelope import seal
from services.cycles.cycles import get_cycle
from services.cycles.subjects import find_subject
from services.runs.comparisons import Comparison, InputChange, compare_runs
from services.runs.explanations import explain_run, headline, list_sources
from services.runs.publications import find_open_points, publish_run
from services.runs.runs import compute_run, get_run, list_runs, read_document, read_result


async def compute(settings: Settings, options: Namespace) -> int:
    """`zhiping run compute`."""
    async with open_runtime(settings):
        run = await compute_run(options.id, now=now(), actor=options.by)
        open_points = await find_open_points(run)
    if options.as_json:
        print(json.dumps({"id": run.id, "inputs_sha256": run.inputs_sha256, **asdict(open_points)}))
        return 0
    print(f"计算编号 {run.id}（输入 {run.inputs_sha256[:12]}）。")
    print(f"缺少评分条件的对象 {open_points.refused} 个，有待人决定的 {open_points.waiting} 个。")
    print(f"依据：zhiping explain {run.id}；公布：zhiping run publish {run.id} --by 工号")
    return 0


async def show_all(settings: Settings, options: Namespace) -> int:
    """`zhiping run list`."""
    async with open_runtime(settings):
        await get_cycle(options.id)
        published = {one.run_id: one for one in await Publication.filter(cycle_id=options.id).order_by("position")}
        rows = [
            {
                "id": run.id,
                "inputs_sha256": run.inputs_sha256,
                "computed_at": run.computed_at.isoformat(),
                "published_at": published[run.id].published_at.isoformat() if run.id in published else None,
            }
            for run in await list_runs(options.id)
        ]
    if options.as_json:
        print(json.dumps(rows))
    for row in [] if options.as_json else rows:
        state = "已公布" if row["published_at"] else "未公布"
        print(f"{row['id']}  {shown(datetime.fromisoformat(str(row['computed_at'])))}  {state}")
    return 0


async def show(settings: Settings, options: Namespace) -> int:
    """`zhiping run show`: the result as `zhiping score` prints it, or the document that it was computed from."""
    async with open_runtime(settings):
        run = await get_run(options.id)
        if options.document or options.sealed:
            document = await read_document(run, with_hidden=options.with_hidden, now=now(), actor=options.by)
            print(document if options.document else await _sealed(run, document))
        else:
            print(json.dumps(await read_result(run), ensure_ascii=False))
    return 0


async def _sealed(run: ScoreRun, document: str) -> str:
    kept = seal(run.cycle.scheme_text, json.loads(document), await read_result(run))
    return json.dumps(kept, ensure_ascii=False, indent=1)


async def compare(settings: Settings, options: Namespace) -> int:
    """`zhiping run compare`."""
    async with open_runtime(settings):
        found = await compare_runs(options.id, options.later)
    if options.as_json:
        print(json.dumps(asdict(found), ensure_ascii=False))
        return 0
    print("\n".join(_comparison(found)))
    return 0


def _comparison(found: Comparison) -> Iterator[str]:
    yield f"输入有 {len(found.inputs)} 处不同，{len(found.subjects)} 个对象的结果不同。"
    for one in found.subjects:
        yield f"「{one.name}」（{_code(one.key)}）{_figures(one.before)} → {_figures(one.after)}"
        yield from (f"  · {_change(change, one.key)}" for change in one.because)


def _code(key: str) -> str:
    return key.partition(":")[2]


def _figures(figures: Any) -> str:
    return "没有结果" if figures is None else headline(figures)


def _change(change: InputChange, key: str) -> str:
    whose = "" if change.subject in ("", key) else f"{_code(change.subject)} "
    by = f"（{_who(change)}）" if change.by else ""
    return f"{whose}{change.what or change.slot}：{_short(change.before)} → {_short(change.after)}{by}"


def _who(change: InputChange) -> str:
    reason = f"，理由：{change.reason}" if change.reason else ""
    return f"{change.who} 于 {shown(datetime.fromisoformat(change.at))} 录入{reason}"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else "无" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:60] + "…"


async def publish(settings: Settings, options: Namespace) -> int:
    """`zhiping run publish`."""
    async with open_runtime(settings):
        made = await publish_run(
            options.id, now=now(), actor=options.by, reason=options.reason, accept_open=options.accept_open
        )
    print(f"计算编号 {options.id} 的结果已于 {shown(made.published_at)} 公布。")
    return 0


async def explain(settings: Settings, options: Namespace) -> int:
    """`zhiping explain`."""
    async with open_runtime(settings):
        run = await get_run(options.id)
        print("\n\n".join(await explain_run(run, options.subject)))
        if options.subject:
            subject = await find_subject(run.cycle_id, options.subject)
            print("\n".join(["", "录入：", *await list_sources(run, subject.key)]))
    return 0


RUN_COMMANDS = (
    Line(
        "compute",
        "按现在的录入计算一次；录入没有变就还是那一次",
        compute,
        (argument("id", type=row_number, metavar="CYCLE"), BY, AS_JSON),
    ),
    Line("list", "一个周期的各次计算", show_all, (argument("id", type=row_number, metavar="CYCLE"), AS_JSON)),
    Line(
        "show",
        "结果（JSON）",
        show,
        (
            ID,
            argument("--document", action="store_true", help="改为输出计算所用的输入"),
            argument("--sealed", action="store_true", help="连同方案、输入和校验码一起输出，供存档和复核"),
            argument("--with-hidden", action="store_true", help="也输出不单独公布的票数（记入操作记录）"),
            BY,
        ),
    ),
    Line(
        "compare", "两次计算的差别和原因", compare, (ID, argument("later", type=row_number, metavar="LATER"), AS_JSON)
    ),
    Line(
        "publish",
        "公布一次计算的结果",
        publish,
        (ID, BY, REASON, argument("--accept-open", action="store_true", help="有未定的对象时仍然公布")),
    ),
)
EXPLAIN = Single(
    explain,
    (argument("id", type=row_number, metavar="RUN"), argument("--subject", metavar="SUBJECT", help="只看一个对象")),
)
