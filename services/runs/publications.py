"""Publishing a run: a separate act of an entitled person, once a cycle; again only with a reason."""

import json
from dataclasses import dataclass
from datetime import datetime

from tortoise.transactions import in_transaction

from config.refusals import Refusal
from models.cycles import Cycle
from models.exemptions import APPLIED, Exemption
from models.runs import Publication, RunSubject, ScoreRun, find_published
from services.audit import record
from services.cycles.cycles import lock_cycle
from services.entitlements import PUBLISH, require
from services.rectifications.consequences import open_consequences
from services.runs.documents import prepare_document
from services.runs.runs import get_run

# A subject with one of these flags waits for somebody's decision.
OPEN_FLAGS = frozenset(
    {"veto_unconfirmed", "quota_tie", "undecided", "boundary", "bonus_unconfirmed", "downgrade_unconfirmed"}
)


@dataclass(frozen=True, slots=True)
class OpenPoints:
    """What a run leaves open: subjects refused, and subjects that wait for a decision, by a flag or an undecided exemption."""

    refused: int
    waiting: int


async def publish_run(
    run_id: int, *, now: datetime, actor: str, reason: str = "", accept_open: bool = False
) -> Publication:
    """Publish a run, and open what follows from it. The run that is published already: nothing happens.

    Raises `Refusal`: `not_entitled`, `name_needed`; `stale_run` where something was put in since; `open_points` unless
    `accept_open`; `already_published` where another run of the cycle is published and no reason is given.
    """
    run = await get_run(run_id)
    async with in_transaction():
        cycle = await lock_cycle(run.cycle_id)
        await require(actor, cycle, PUBLISH)
        before = await find_published(cycle.id)
        if before is not None and before.run_id == run.id:
            return before
        if before is not None and not reason.strip():
            say = f"这个周期已经公布了结果（计算编号 {before.run_id}）。要改为公布另一次计算，请写明理由。"
            raise Refusal("already_published", say)
        await _check_current(cycle, run)
        if not accept_open:
            await _check_open(run)
        position = before.position + 1 if before is not None else 1
        published = await Publication.create(
            cycle=cycle, run=run, position=position, reason=reason.strip(), published_at=now, published_by=actor
        )
        detail = {"cycle": cycle.id, "position": position, "reason": reason.strip(), "accept_open": accept_open}
        await record(now, actor, "publish_run", f"run:{run.id}", detail)
        await open_consequences(cycle, run, now=now, actor=actor)
    return published


async def _check_current(cycle: Cycle, run: ScoreRun) -> None:
    if (await prepare_document(cycle)).sha256 != run.inputs_sha256:
        say = "这次计算之后又有录入、认定或设置的变化，不能公布旧的结果。请重新计算，核对后再公布。"
        raise Refusal("stale_run", say)


async def _check_open(run: ScoreRun) -> None:
    found = await find_open_points(run)
    if found.refused or found.waiting:
        waiting = f"还有 {found.refused} 个缺少评分条件，{found.waiting} 个有待人决定。"
        raise Refusal("open_points", f"{waiting}确需现在公布的，请明确接受（命令行加 --accept-open）。")


async def find_open_points(run: ScoreRun) -> OpenPoints:
    """What the run leaves open."""
    results = await RunSubject.filter(run_id=run.id).values_list("key", "result")
    flagged = {key for key, text in results if not OPEN_FLAGS.isdisjoint(json.loads(text)["flags"])}
    applied = Exemption.filter(subject__cycle_id=run.cycle_id, state=APPLIED)
    waiting = flagged.union(map(str, await applied.values_list("subject__key", flat=True)))
    return OpenPoints(len({one["id"] for one in json.loads(run.outcome)["refusals"]}), len(waiting))
