"""Score runs: computed from what a cycle holds now, stored for good; the same inputs give the same run."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from tortoise.transactions import in_transaction

from config.refusals import BadInput, Refusal
from models.cycles import Cycle
from models.runs import RunSubject, ScoreRun, light_runs
from scoring import faults
from scoring.engine import evaluate
from scoring.report import report, report_subject
from scoring.result import Result, Step, SubjectResult
from scoring.scheme import Scheme
from services.audit import record
from services.cycles import lock_cycle, scheme_of
from services.documents import Prepared, prepare_document
from services.entitlements import SET_UP, require

_INSERT = """
INSERT INTO score_runs (cycle_id, scheme_sha256, inputs_sha256, document, outcome, computed_at, computed_by)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (cycle_id, scheme_sha256, inputs_sha256) DO NOTHING RETURNING id
"""


async def compute_run(cycle_id: int, *, now: datetime, actor: str) -> ScoreRun:
    """Evaluate the cycle as it stands and store the run. Where these inputs have been evaluated before: that run.

    Two at once make one run. Raises `BadInput` where inputs and settings do not fit together.
    """
    async with in_transaction():
        cycle = await lock_cycle(cycle_id)
        await require(actor, cycle, SET_UP)
        prepared = await prepare_document(cycle)
    before = await find_run(cycle, prepared)
    # Evaluated outside: those who put something in need not wait for it.
    return before or await _store(cycle, prepared, _evaluated(cycle, prepared), now, actor)


async def find_run(cycle: Cycle, prepared: Prepared) -> ScoreRun | None:
    """The run that was made of these inputs."""
    return await ScoreRun.get_or_none(
        cycle_id=cycle.id, scheme_sha256=cycle.scheme_sha256, inputs_sha256=prepared.sha256
    )


def _evaluated(cycle: Cycle, prepared: Prepared) -> Result:
    scheme = scheme_of(cycle)
    try:
        result = evaluate(scheme, json.loads(prepared.text))
    except faults.BadInput as error:
        raise BadInput([str(error)]) from error
    return hide_classes(scheme, result, prepared)


def hide_classes(scheme: Scheme, result: Result, prepared: Prepared) -> Result:
    """The result without the figures of classes too small to be shown (design §5): a trace is there to be read."""
    if not prepared.hidden:
        return result
    labels = {key: part.label for track in scheme.tracks for key, part in track.components.items()}
    hidden: dict[str, set[tuple[str, str]]] = {}
    for (subject, component), classes in prepared.hidden.items():
        hidden.setdefault(subject, set()).update((labels[component], name) for name in classes)
    return replace(result, subjects=tuple(_without(one, hidden.get(one.id, set())) for one in result.subjects))


def _without(subject: SubjectResult, hidden: set[tuple[str, str]]) -> SubjectResult:
    return subject._replace(trace=tuple(_veiled(step) if step.args[:2] in hidden else step for step in subject.trace))


def _veiled(step: Step) -> Step:
    return Step(step.rule, "{}·{}:人数少,不单独公布", step.args[:2])


async def _store(cycle: Cycle, prepared: Prepared, result: Result, now: datetime, actor: str) -> ScoreRun:
    outcome = report(replace(result, subjects=()))
    async with in_transaction() as connection:
        key = [cycle.id, cycle.scheme_sha256, prepared.sha256]
        values = [*key, prepared.text, json.dumps(outcome, ensure_ascii=False), now, actor]
        inserted = await connection.execute_query_dict(_INSERT, values)
        if inserted:
            await RunSubject.bulk_create(_rows(inserted[0]["id"], result), 1000)
            await record(now, actor, "compute_run", f"run:{inserted[0]['id']}", {"cycle": cycle.id})
    run = await find_run(cycle, prepared)
    assert run is not None, "it was inserted, here or by somebody else"
    return run


def _rows(run_id: int, result: Result) -> Iterator[RunSubject]:
    for position, one in enumerate(result.subjects):
        text = json.dumps(report_subject(one), ensure_ascii=False)
        yield RunSubject(run_id=run_id, position=position, key=one.id, result=text)


async def get_run(run_id: int) -> ScoreRun:
    """The run with its cycle. Raises `Refusal`."""
    run = await ScoreRun.filter(id=run_id).select_related("cycle__organisation").first()
    if run is None:
        raise Refusal("no_such_run", f"没有编号为 {run_id} 的计算结果,请核对编号。", 404)
    return run


async def list_runs(cycle_id: int) -> list[ScoreRun]:
    """The runs of a cycle, newest first, without their documents."""
    return await light_runs().filter(cycle_id=cycle_id).order_by("-id")


async def read_result(run: ScoreRun) -> dict[str, Any]:
    """The whole result as contract §4 has it."""
    rows = await RunSubject.filter(run_id=run.id).order_by("position").only("result")
    return {**json.loads(run.outcome), "subjects": [json.loads(one.result) for one in rows]}


async def find_subject_result(run_id: int, key: str) -> dict[str, Any] | None:
    """One subject's result, None where it was refused or is not in the run."""
    row = await RunSubject.get_or_none(run_id=run_id, key=key)
    return None if row is None else dict(json.loads(row.result))
