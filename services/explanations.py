"""A stored result in Chinese: figures, the rule and arithmetic of each, what is near, who put it in. From stored JSON alone."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from config.clock import shown
from models.cycles import CycleSubject
from models.inputs import Input
from models.runs import RunSubject, ScoreRun
from scoring.consequences import CONSEQUENCE_WORDS
from scoring.grades import READING_WORDS
from services.subjects import find_subject

_FEW = 1000
_FLAGS = {
    "veto": "一票否决已确认",
    "veto_unconfirmed": "一票否决待确认,暂不定档",
    "quota": "按名额调整",
    "quota_tie": "名额边缘同分,由有权的人决定",
    "boundary": "正在界线上,请人确认",
    "undecided": "等待有权的人决定",
    "bonus_unconfirmed": "加分尚未核实认定",
    "downgrade_unconfirmed": "降档尚未认定",
    "exempt": "不列入本次考核",
}


async def explain_run(run: ScoreRun, subject: str | None = None) -> list[str]:
    """The sheet of each subject of a run in its order, or of one (key or bare code). Raises `Refusal` for an unknown one."""
    subjects = CycleSubject.filter(cycle_id=run.cycle_id).order_by("position")
    if subject is not None:
        return await explain_subjects(run, [await find_subject(run.cycle_id, subject)])
    return await explain_subjects(run, await subjects)


async def explain_subjects(run: ScoreRun, subjects: Sequence[CycleSubject]) -> list[str]:
    """A sheet for each of these subjects of the run."""
    rows = RunSubject.filter(run_id=run.id)
    if len(subjects) < _FEW:
        rows = rows.filter(key__in=[one.key for one in subjects])
    results = {row.key: json.loads(row.result) for row in await rows.only("key", "result")}
    refusals = _refusals(run)
    return ["\n".join(explain_subject(one.name, results.get(one.key), refusals.get(one.key, []))) for one in subjects]


def _refusals(run: ScoreRun) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in json.loads(run.outcome)["refusals"]:
        found.setdefault(one["id"], []).append(one["say"])
    return found


def explain_subject(name: str, result: Mapping[str, Any] | None, refusals: list[str]) -> list[str]:
    """The lines on one subject; without a result, why there is none."""
    if result is None:
        return [f"「{name}」没有评定结果:{';'.join(refusals) or '不在这次计算里'}"]
    return [f"「{name}」{headline(result)}", *_trace(result), *_nearby(result)]


def headline(result: Mapping[str, Any]) -> str:
    """「89.90 分,四星级」, with titles, consequences and what is still open."""
    if "exempt" in result["flags"]:
        return _FLAGS["exempt"]
    parts = [f"{result['score']} 分"] if result["score"] is not None else []
    parts.append(result["band"] or "未定档")
    parts += [f"授予「{award}」" for award in result["awards"]]
    parts += [CONSEQUENCE_WORDS[one] for one in result["consequences"]]
    flags = [_FLAGS.get(flag, flag) for flag in result["flags"]]
    return ",".join(parts) + (f"({';'.join(flags)})" if flags else "")


def _trace(result: Mapping[str, Any]) -> Iterator[str]:
    for step in result["trace"]:
        yield f"· {step['say']}〔{step['clause']}〕"


def _nearby(result: Mapping[str, Any]) -> Iterator[str]:
    boundary = result["boundary"]
    if boundary is None:
        return
    if boundary["next_band"] is not None and boundary["distance"] is not None:
        yield f"距「{boundary['next_band']}」还差 {boundary['distance']} 分"
    for one in boundary["alternatives"]:
        yield f"如果{READING_WORDS.get(one['policy'], one['policy'])},则为「{one['band']}」"


async def list_sources(run: ScoreRun, key: str) -> list[str]:
    """Who put in what of a subject, as it stood when the run was made: 「scores.team:91,9002 录入于…」."""
    standing = Input.filter(subject__cycle_id=run.cycle_id, subject__key=key, entered_at__lte=run.computed_at)
    newest = {one.slot: one for one in await standing.order_by("id")}
    return [_source(slot, one) for slot, one in sorted(newest.items()) if one.value is not None]


def _source(slot: str, one: Input) -> str:
    value = one.value if isinstance(one.value, str) else "计票结果" if slot.startswith("ballots.") else "记录"
    reason = f",理由:{one.reason}" if one.reason else ""
    return f"{slot}:{value}({one.entered_by} 于 {shown(one.entered_at)} 录入{reason})"
