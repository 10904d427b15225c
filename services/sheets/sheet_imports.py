"""Taking a workbook back: what differs is listed by cell; with a reason the changed inputs are entered, all or none."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from config.refusals import BadInput, Refusal
from models.cycles import Cycle
from models.inputs import Input
from scoring import faults
from services.cycles.cycles import get_cycle, scheme_of
from services.cycles.inputs import Entered, InputRow, canonical
from services.ratings.entries import enter_inputs
from services.runs.runs import get_run
from services.sheets.sheet_books import RUN, TEMPLATE
from services.sheets.sheet_differences import NOT_OURS, Cells, Difference, Identity, find_differences, identify, shown
from services.sheets.sheet_templates import read_template
from services.sheets.sheets import pages_of
from services.workbooks.workbook import read_cells

_SOURCE = "workbook"
_FEW = 1000


@dataclass(frozen=True, slots=True)
class Imported:
    """What differed, and what was entered of it (None where nothing was there to enter)."""

    differences: tuple[Difference, ...]
    entered: Entered | None


class ReasonNeeded(Refusal):
    """Nothing was entered: `differences` first want a reason."""

    def __init__(self, differences: Sequence[Difference]) -> None:
        said = "\n".join(map(str, differences))
        super().__init__(
            "reason_needed", f"{said}\n有 {len(differences)} 处不同，没有录入。核对后请写明理由（--reason）。"
        )
        self.differences = tuple(differences)


async def import_sheets(content: bytes, cycle_id: int, *, reason: str, now: datetime, actor: str) -> Imported:
    """Enter what was changed in a workbook of this cycle. The same workbook again finds nothing to enter.

    Raises `BadInput` for a foreign workbook, or with every fault by cell (also where somebody else changed the same input since);
    `ReasonNeeded` where values are changed and no reason is given. Cells that are no inputs are told of and never taken.
    """
    cells = read_cells(content)
    identity, cycle = identify(cells), await get_cycle(cycle_id)
    if identity.cycle != cycle.id:
        raise BadInput([f"这是周期 {identity.cycle} 的工作簿，不能导入周期 {cycle.id}"])
    found = await _differences(identity, cycle, cells)
    inputs = [one for one in found if one.slot]
    if not inputs:
        return Imported(tuple(found), None)
    await _check(cycle, inputs)
    if not reason.strip() and (identity.kind == RUN or any(one.was is not None for one in inputs)):
        raise ReasonNeeded(found)
    rows = [InputRow(one.subject, one.slot, one.now, reason, one.at) for one in inputs]
    return Imported(tuple(found), await enter_inputs(cycle.id, rows, actor=actor, now=now, source=_SOURCE))


async def _differences(identity: Identity, cycle: Cycle, cells: Cells) -> list[Difference]:
    if identity.kind == TEMPLATE and identity.handed_out is not None:
        return await read_template(cycle, cells, identity.handed_out)
    if identity.kind != RUN:
        raise BadInput([NOT_OURS])
    run = await get_run(identity.run)
    if run.cycle_id != cycle.id or run.inputs_sha256 != identity.inputs:
        raise BadInput([NOT_OURS])
    return find_differences(await pages_of(run), cells)


async def _check(cycle: Cycle, inputs: Sequence[Difference]) -> None:
    """What the entering itself cannot see: cells that are no values, inputs that somebody changed since. With them every other fault."""
    wrong = [f"{one.at}：{one.why}" for one in inputs if one.why]
    keys = {one.subject for one in inputs}
    rows = Input.filter(subject__cycle_id=cycle.id, replaced_at=None).select_related("subject")
    standing = rows.filter(subject__key__in=list(keys)) if len(keys) < _FEW else rows
    current = {(row.subject.key, row.slot): row for row in await standing}
    for one in inputs:
        row = current.get((one.subject, one.slot))
        value = row.value if row is not None else None
        if row is not None and value not in (one.was, one.now):
            say = f"导出以后已由 {row.entered_by} 改为 {shown(value)}，请重新导出"
            wrong.append(f"{one.at}：{say}")
    if wrong:
        raise BadInput([*wrong, *_unusable(cycle, inputs)])


def _unusable(cycle: Cycle, inputs: Sequence[Difference]) -> Iterator[str]:
    scheme = scheme_of(cycle)
    for one in (one for one in inputs if not one.why):
        try:
            canonical(scheme, cycle.year, one.subject.partition(":")[0], one.slot, one.now)
        except faults.BadInput as error:
            yield f"{one.at}：{error.say}"
