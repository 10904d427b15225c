"""A stored result in Chinese: the one-page sheet of each subject, and who decided and who put in what. From stored JSON alone."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from config.clock import shown
from models.claims import CLAIMED, CONFIRMED, Claim
from models.cycles import Cycle, CycleSubject
from models.inputs import Input
from models.people import Person
from models.runs import RunSubject, ScoreRun
from scoring.consequences import CONSEQUENCE_WORDS
from scoring.explain import FLAG_WORDS, Sheet, explain, sheet_of
from scoring.scheme import Scheme
from services.cycles.cycles import scheme_of
from services.cycles.subjects import find_subject
from services.entitlements import GRADE

_FEW = 1000


async def explain_run(run: ScoreRun, subject: str | None = None) -> list[str]:
    """The sheet of each subject of a run in its order, or of one (key or bare code). Raises `Refusal` for an unknown one."""
    subjects = CycleSubject.filter(cycle_id=run.cycle_id).order_by("position")
    if subject is not None:
        return await explain_subjects(run, [await find_subject(run.cycle_id, subject)])
    return await explain_subjects(run, await subjects)


async def explain_subjects(run: ScoreRun, subjects: Sequence[CycleSubject]) -> list[str]:
    """A sheet for each of these subjects of the run: what came of it, the steps, who decided."""
    scheme = scheme_of(await Cycle.get(id=run.cycle_id))
    outcomes = await _outcomes(run, subjects)
    decisions = await list_decisions(run, subjects)
    return ["\n".join([*_sheet(scheme, outcomes[one.key], one), *decisions.get(one.key, [])]) for one in subjects]


async def sheet_of_subject(run: ScoreRun, cycle: Cycle, subject: CycleSubject) -> Sheet:
    """The parts of one subject's sheet; without any but the head where the run knows nothing of it."""
    outcome = (await _outcomes(run, [subject]))[subject.key]
    if not outcome["subjects"] and not outcome["refusals"]:
        return Sheet(())
    return sheet_of(scheme_of(cycle), outcome, subject.key, name=subject.name)


async def _outcomes(run: ScoreRun, subjects: Sequence[CycleSubject]) -> dict[str, dict[str, Any]]:
    """By key, the run's outcome with that subject alone in it."""
    rows = RunSubject.filter(run_id=run.id)
    if len(subjects) < _FEW:
        rows = rows.filter(key__in=[one.key for one in subjects])
    results = {row.key: [json.loads(row.result)] for row in await rows.only("key", "result")}
    outcome = json.loads(run.outcome)
    refusals = _by_subject(outcome["refusals"])
    return {
        one.key: {**outcome, "subjects": results.get(one.key, []), "refusals": refusals.get(one.key, [])}
        for one in subjects
    }


def _by_subject(refusals: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for one in refusals:
        found.setdefault(one["id"], []).append(one)
    return found


def _sheet(scheme: Scheme, outcome: Mapping[str, Any], subject: CycleSubject) -> Iterator[str]:
    results = outcome["subjects"]
    yield f"「{subject.name}」{headline(results[0]) if results else '没有评定结果'}"
    if results or outcome["refusals"]:
        yield from explain(scheme, outcome, subject.key, name=subject.name)


def headline(result: Mapping[str, Any]) -> str:
    """「89.90 分,四星级」, with titles, consequences and what is still open."""
    if "exempt" in result["flags"]:
        return FLAG_WORDS["exempt"]
    parts = [f"{result['score']} 分"] if result["score"] is not None else []
    parts.append(result["band"] or "未定档")
    parts += [f"授予「{award}」" for award in result["awards"]]
    parts += [CONSEQUENCE_WORDS[one] for one in result["consequences"]]
    flags = [FLAG_WORDS.get(flag, flag) for flag in result["flags"]]
    return "，".join(parts) + (f"（{'；'.join(flags)}）" if flags else "")


async def list_decisions(run: ScoreRun, subjects: Sequence[CycleSubject]) -> dict[str, list[str]]:
    """Subject key → who decided what before the run was made, and why: claims confirmed or rejected, grades."""
    keys = {one.id: one.key for one in subjects}
    of_cycle = {"subject__cycle_id": run.cycle_id}
    claims = await Claim.filter(**of_cycle, decided_at__lte=run.computed_at).exclude(state=CLAIMED).order_by("id")
    graded = Input.filter(**of_cycle, slot=GRADE, entered_at__lte=run.computed_at).order_by("id")
    grades = {one.subject_id: one for one in await graded}
    numbers = {one.decided_by for one in claims} | {one.entered_by for one in grades.values()}
    names = {one.staff_no: one.name for one in await Person.filter(staff_no__in=list(numbers))}
    found: dict[str, list[str]] = {}
    for claim in (one for one in claims if one.subject_id in keys):
        found.setdefault(keys[claim.subject_id], []).append(_claim_line(claim, names))
    for one in (one for one in grades.values() if one.subject_id in keys and one.value is not None):
        line = f"等次「{one.value}」由{names.get(one.entered_by, one.entered_by)}于 {shown(one.entered_at)} 确定，理由：{one.reason}"
        found.setdefault(keys[one.subject_id], []).append(line)
    return found


_KINDS = {"veto": "一票否决", "bonus": "加分", "downgrade": "降档"}


def _claim_line(claim: Claim, names: Mapping[str, str]) -> str:
    assert claim.decided_at is not None
    verdict = "确认" if claim.state == CONFIRMED else "否定"
    by = names.get(claim.decided_by or "", claim.decided_by)
    what = f"{_KINDS[claim.kind]} {claim.rule or claim.amount}"
    return f"{what} 由{by}于 {shown(claim.decided_at)} {verdict}，理由：{claim.decision}"


async def list_sources(run: ScoreRun, key: str) -> list[str]:
    """Who put in what of a subject, as it stood when the run was made: 「scores.team:91,9002 录入于…」."""
    standing = Input.filter(subject__cycle_id=run.cycle_id, subject__key=key, entered_at__lte=run.computed_at)
    newest = {one.slot: one for one in await standing.order_by("id")}
    return [_source(slot, one) for slot, one in sorted(newest.items()) if one.value is not None]


def _source(slot: str, one: Input) -> str:
    value = one.value if isinstance(one.value, str) else "计票结果" if slot.startswith("ballots.") else "记录"
    reason = f"，理由：{one.reason}" if one.reason else ""
    return f"{slot}：{value}（{one.entered_by} 于 {shown(one.entered_at)} 录入{reason}）"
