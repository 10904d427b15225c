"""A stored result in Chinese: the one-page sheet of each subject, and who decided and who put in what. From stored JSON alone."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from config.clock import shown
from models.claims import BONUS, CLAIMED, CONFIRMED, DOWNGRADE, Claim
from models.cycles import Cycle, CycleSubject
from models.inputs import Input
from models.runs import RunSubject, ScoreRun
from scoring.consequences import CONSEQUENCE_WORDS
from scoring.explain import FLAG_WORDS, Sheet, reasons_of, sheet_of
from scoring.scheme import Scheme
from services.actors import name_actors
from services.cycles.cycles import scheme_of
from services.cycles.slot_words import slot_words
from services.cycles.subjects import find_subject
from services.entitlements import GRADE

_FEW = 1000
# In a trace whoever decided is told by the staff number that the document holds.
_DECIDED = re.compile(r"(?<=决定人：)[^，）\"]+")


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
    decisions = await list_decisions(run, scheme, subjects)
    return ["\n".join(_sheet(scheme, outcomes[one.key], one, decisions.get(one.key, []))) for one in subjects]


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
    found = {row.key: row.result for row in await rows.only("key", "result")}
    names = await name_actors({number for text in found.values() for number in _DECIDED.findall(text)})
    results = {key: [json.loads(_DECIDED.sub(lambda by: _quoted(names[by[0]]), text))] for key, text in found.items()}
    outcome = json.loads(run.outcome)
    refusals = _by_subject(outcome["refusals"])
    return {
        one.key: {**outcome, "subjects": results.get(one.key, []), "refusals": refusals.get(one.key, [])}
        for one in subjects
    }


def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)[1:-1]


def _by_subject(refusals: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for one in refusals:
        found.setdefault(one["id"], []).append(one)
    return found


def _sheet(scheme: Scheme, outcome: Mapping[str, Any], subject: CycleSubject, decisions: list[str]) -> Iterator[str]:
    results = outcome["subjects"]
    yield f"「{subject.name}」{headline(results[0]) if results else '没有评定结果'}"
    if results or outcome["refusals"]:
        yield from ("", *reasons_of(sheet_of(scheme, outcome, subject.key, name=subject.name), decisions))


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


async def list_decisions(run: ScoreRun, scheme: Scheme, subjects: Sequence[CycleSubject]) -> dict[str, list[str]]:
    """Subject key → who decided what before the run was made, and why: claims confirmed or rejected, grades."""
    keys = {one.id: one.key for one in subjects}
    of_cycle = {"subject__cycle_id": run.cycle_id}
    claims = await Claim.filter(**of_cycle, decided_at__lte=run.computed_at).exclude(state=CLAIMED).order_by("id")
    graded = Input.filter(**of_cycle, slot=GRADE, entered_at__lte=run.computed_at).order_by("id")
    grades = {one.subject_id: one for one in await graded}
    names = await name_actors({one.decided_by or "" for one in claims} | {one.entered_by for one in grades.values()})
    found: dict[str, list[str]] = {}
    for claim in (one for one in claims if one.subject_id in keys):
        found.setdefault(keys[claim.subject_id], []).append(_claim_line(claim, _titles(scheme), names))
    for one in (one for one in grades.values() if one.subject_id in keys and one.value is not None):
        line = f"等次「{one.value}」由{names[one.entered_by]}于 {shown(one.entered_at)} 确定，理由：{one.reason}"
        found.setdefault(keys[one.subject_id], []).append(line)
    return found


def _titles(scheme: Scheme) -> dict[str, str]:
    return {veto.id: veto.title for track in scheme.tracks for veto in track.vetoes}


def _claim_line(claim: Claim, titles: Mapping[str, str], names: Mapping[str, str]) -> str:
    assert claim.decided_at is not None
    verdict = "认定" if claim.state == CONFIRMED else "不予认定"
    by = names[claim.decided_by or ""]
    return f"{_what(claim, titles)}由{by}于 {shown(claim.decided_at)} {verdict}，理由：{claim.decision}"


def _what(claim: Claim, titles: Mapping[str, str]) -> str:
    if claim.kind == BONUS:
        return f"加分 {claim.amount} 分，"
    return (
        f"降档 {claim.amount} 级，"
        if claim.kind == DOWNGRADE
        else f"一票否决「{titles.get(claim.rule, claim.rule)}」，"
    )


async def list_sources(run: ScoreRun, key: str) -> list[str]:
    """Who put in what of a subject, as it stood when the run was made: 「考核组量化打分：91（某某 于 … 录入）」."""
    cycle = await Cycle.get(id=run.cycle_id)
    subject = await CycleSubject.get(cycle_id=run.cycle_id, key=key)
    standing = Input.filter(subject__cycle_id=run.cycle_id, subject__key=key, entered_at__lte=run.computed_at)
    newest = {one.slot: one for one in await standing.order_by("id")}
    names = await name_actors({one.entered_by for one in newest.values()})
    scheme = scheme_of(cycle)
    return [
        _source(slot_words(scheme, subject.kind, slot), slot, one, names)
        for slot, one in sorted(newest.items())
        if one.value is not None
    ]


def _source(what: str, slot: str, one: Input, names: Mapping[str, str]) -> str:
    value = one.value if isinstance(one.value, str) else "计票结果" if slot.startswith("ballots.") else "记录"
    reason = f"，理由：{one.reason}" if one.reason else ""
    return f"{what}：{value}（{names[one.entered_by]} 于 {shown(one.entered_at)} 录入{reason}）"
