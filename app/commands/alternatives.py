"""What-if: `zhiping score FILE --settings … --scheme …` and `zhiping run what-if`. Each prints, and returns the exit code."""

import json
import sys
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.commands.documents import SCHEME, SETTINGS, find_scheme, read_document_file
from app.commands.opening import read_file
from app.commands.tables import AS_JSON, ID, Line
from app.resources import open_runtime
from config import refusals
from config.settings import Settings
from scoring.alternatives import Alternative, Change, Figures, Moved, compare_alternative
from scoring.faults import BadInput, clip
from scoring.reading import read_json, read_yaml
from services.runs.alternatives import what_if_run
from services.runs.explanations import headline

DONE, UNUSABLE = 0, 2
_KINDS = {"branch": "党支部", "member": "党员", "secretary": "书记", "unit": "单位"}


def run_what_if(path: str, settings: str | None, scheme: str | None, *, as_json: bool) -> int:
    """Score a document as it is and with changed settings or another scheme, side by side; 2 where either cannot be used."""
    try:
        document = read_document_file(path)
        text = find_scheme(document["scheme"])[1]
        other = None if scheme is None else find_scheme(scheme)[1]
        found = compare_alternative(text, document, settings=_read_settings(settings), other_text=other)
    except BadInput as error:
        print(error, file=sys.stderr)
        return UNUSABLE
    _print(found, as_json=as_json)
    return DONE


async def what_if(settings: Settings, options: Namespace) -> int:
    """`zhiping run what-if`."""
    try:
        changes = _read_settings(options.settings)
        other = None if options.scheme is None else find_scheme(options.scheme)[1]
    except BadInput as error:
        raise refusals.BadInput([str(error)]) from error
    async with open_runtime(settings):
        found = await what_if_run(options.id, changes, other)
    _print(found, as_json=options.as_json)
    return DONE


def _read_settings(path: str | None) -> dict[str, Any]:
    """The settings in a JSON or YAML file: {name: value}, null takes one away."""
    if path is None:
        return {}
    data = read_file(Path(path))
    try:
        found = read_json(data) if path.endswith(".json") else read_yaml(data)
    except BadInput as error:
        raise error.within(clip(path)) from None
    if not isinstance(found, dict):
        raise BadInput(clip(path), "应是一组「设置名: 值」")
    return found


def _print(found: Alternative, *, as_json: bool) -> None:
    print(json.dumps(asdict(found), ensure_ascii=False) if as_json else "\n".join(_told(found)))


def _told(found: Alternative) -> Iterator[str]:
    yield f"改动 {len(found.changes)} 处，{len(found.subjects)} 个对象的结果不同，{found.same} 个不变。"
    yield from (f"  {_change(one)}" for one in found.changes)
    yield from _summary(found)
    for subject in found.subjects:
        yield f"「{subject.name}」（{subject.id.rpartition(':')[2]}）{_figures(subject.before)} → {_figures(subject.after)}"
        yield f"  · {_because(subject)}"


def _change(change: Change) -> str:
    clause = f"（{change.clause}）" if change.clause else ""
    return f"{change.path}{clause}：{_short(change.before)} → {_short(change.after)}"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else "无" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:60] + "…"


def _summary(found: Alternative) -> Iterator[str]:
    """The rows whose counts differ: 「五星级（党员）：3/20 → 5/20」."""
    before = {(one["kind"], one["label"]): f"{one['count']}/{one['of']}" for one in found.summary_before}
    after = {(one["kind"], one["label"]): f"{one['count']}/{one['of']}" for one in found.summary_after}
    for kind, label in {**before, **after}:
        counts = before.get((kind, label), "无"), after.get((kind, label), "无")
        if counts[0] != counts[1]:
            yield f"  {label}（{_KINDS.get(kind, kind)}）：{counts[0]} → {counts[1]}"


def _figures(figures: Figures) -> str:
    return f"没有结果（{'、'.join(figures['refused'])}）" if "refused" in figures else headline(figures)


def _because(subject: Moved) -> str:
    parts = "、".join(subject.because)
    return f"几项一起才有影响：{parts}" if subject.together else f"因为：{parts}"


WHAT_IF_COMMANDS = (
    Line("what-if", "同样的输入，换设置或换方案会怎样（不保存）", what_if, (ID, SETTINGS, SCHEME, AS_JSON)),
)
