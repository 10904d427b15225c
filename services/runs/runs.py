"""Score runs: computed from what a cycle holds now, stored for good; the same inputs give the same run."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from tortoise.transactions import in_transaction

from config.refusals import BadInput, Refusal
from models.cycles import Cycle
from models.inputs import Input
from models.runs import RunSubject, ScoreRun, light_runs
from scoring import faults
from scoring.engine import evaluate
from scoring.report import report, report_subject
from scoring.result import Result
from services.audit import record
from services.cycles.cycles import lock_cycle, scheme_of
from services.entitlements import SET_UP, require
from services.runs.documents import Prepared, prepare_document
from services.runs.veils import Hidden, hide_classes

_PLACE = re.compile(r"^subjects\[([0-9]+)\]")
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
    document = json.loads(prepared.text)
    try:
        return evaluate(scheme_of(cycle), document)
    except faults.BadInput as error:
        rows = document["subjects"]
        named = _PLACE.sub(lambda place: str(rows[int(place[1])]["id"]), error.path)
        raise BadInput([faults.placed(error.say, named)]) from error


async def _store(cycle: Cycle, prepared: Prepared, result: Result, now: datetime, actor: str) -> ScoreRun:
    outcome = report(replace(result, subjects=()))
    async with in_transaction() as connection:
        key = [cycle.id, cycle.scheme_sha256, prepared.sha256]
        values = [*key, prepared.text, json.dumps(outcome, ensure_ascii=False), now, actor]
        inserted = await connection.execute_query_dict(_INSERT, values)
        if inserted:
            await RunSubject.bulk_create(_rows(inserted[0]["id"], result, cycle, prepared.hidden), 1000)
            await record(now, actor, "compute_run", f"run:{inserted[0]['id']}", {"cycle": cycle.id})
    run = await find_run(cycle, prepared)
    assert run is not None, "it was inserted, here or by somebody else"
    return run


def _rows(run_id: int, result: Result, cycle: Cycle, hidden: Hidden) -> Iterator[RunSubject]:
    tracks = scheme_of(cycle).track_of
    for position, one in enumerate(result.subjects):
        row = hide_classes(report_subject(one), tracks[one.id.partition(":")[0]], hidden.get(one.id, ()))
        yield RunSubject(run_id=run_id, position=position, key=one.id, result=json.dumps(row, ensure_ascii=False))


async def get_run(run_id: int) -> ScoreRun:
    """The run with its cycle. Raises `Refusal`."""
    run = await ScoreRun.filter(id=run_id).select_related("cycle__organisation").first()
    if run is None:
        raise Refusal("no_such_run", f"没有编号为 {run_id} 的计算结果，请核对编号。", 404)
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


async def read_document(run: ScoreRun, *, with_hidden: bool, now: datetime, actor: str) -> str:
    """The document that a run was computed from, as JSON text. Raises `Refusal` `hidden_classes` unless `with_hidden`: audited."""
    counted = Input.filter(subject__cycle_id=run.cycle_id, slot__startswith="ballots.")
    if any(one.hidden for one in await counted):
        if not with_hidden:
            say = "输入里有人数很少、不单独公布的类别的票数。确需核对的，请明确要求（--with-hidden），会记入操作记录。"
            raise Refusal("hidden_classes", say, 403)
        await record(now, actor, "read_hidden", f"run:{run.id}", {})
    return run.document
