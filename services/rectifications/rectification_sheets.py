"""The rectification list as a workbook that the office fills in: new problems, and plans for those that stand already."""

import hashlib
from dataclasses import dataclass
from datetime import date

from tortoise.transactions import in_transaction

from config.refusals import BadInput, Refusal
from models.organisations import Organisation
from models.rectifications import PLANNING, SOURCES, RectificationItem
from services.people.roster_cells import RowReader
from services.rectifications.rectification_plans import Plan
from services.rectifications.rectifications import Act, open_item, plan_item
from services.workbooks.workbook import Fault, read_workbook

SHEET = "整改清单"
NUMBER, ORG_CODE, SOURCE, PROBLEM = "编号", "组织编码", "问题来源", "问题"
MEASURE, RESPONSIBLE, SUPPORT, DUE = "整改措施", "责任人工号", "支持单位", "整改时限"
COLUMNS = (NUMBER, ORG_CODE, SOURCE, PROBLEM, MEASURE, RESPONSIBLE, SUPPORT, DUE)


@dataclass(frozen=True, slots=True)
class Brought:
    """How many items were new, and how many got a plan."""

    opened: int
    planned: int


@dataclass(frozen=True, slots=True)
class _Line:
    row: int
    number: str
    organisation: str
    source: str
    problem: str
    plan: Plan | None


async def import_items(content: bytes, act: Act) -> Brought:
    """Open the rows without 编号, plan those with one. All or none: `BadInput` with every fault by row. A repeat changes nothing."""
    book = read_workbook(content, {SHEET: COLUMNS})
    sheet = book.sheets[SHEET]
    readers = [RowReader(SHEET, row, book.epoch, date.max) for row in sheet.rows]
    lines = [_read(cells) for cells in readers]
    faults = [*sheet.faults, *(fault for cells in readers for fault in cells.faults)]
    if faults:
        raise BadInput([str(fault) for fault in sorted(faults)])
    async with in_transaction():
        codes = {one.code: one.id for one in await Organisation.filter(code__in={line.organisation for line in lines})}
        opened = planned = 0
        for line in lines:
            try:
                is_new, has_plan = await _bring(line, codes, act)
            except (BadInput, Refusal) as error:
                says = error.faults if isinstance(error, BadInput) else [error.say]
                faults += [Fault(SHEET, line.row, "", say.rpartition(":")[2]) for say in says]
                continue
            opened, planned = opened + is_new, planned + has_plan
        if faults:
            raise BadInput([str(fault) for fault in faults])
    return Brought(opened, planned)


def _read(cells: RowReader) -> _Line:
    number = cells.code(NUMBER, required=False)
    measure = cells.text(MEASURE, 500)
    responsible, support = cells.code(RESPONSIBLE, required=False), cells.text(SUPPORT, 128)
    due = cells.day(DUE)
    plan = Plan(measure, responsible, due, support) if measure or responsible or due else None
    problem = cells.name(PROBLEM, 500)
    return _Line(cells.row.number, number, cells.code(ORG_CODE), cells.one_of(SOURCE, SOURCES), problem, plan)


async def _bring(line: _Line, codes: dict[str, int], act: Act) -> tuple[bool, bool]:
    """Whether the row made an item, and whether it gave one a plan."""
    if line.number:
        item = await _standing(line)
        if line.plan is None or item.state != PLANNING:
            return False, False
        await plan_item(item.id, line.plan, Act(act.actor, act.now, _key(line, act)))
        return False, True
    if line.organisation not in codes:
        raise Refusal("no_such_organisation", f"组织编码「{line.organisation}」不在名册中")
    key = _key(line, act)
    is_new = not await RectificationItem.filter(source_key=key).exists()
    await open_item(
        Act(act.actor, act.now, key),
        organisation_id=codes[line.organisation],
        source=line.source,
        problem=line.problem,
        plan=line.plan if is_new else None,
    )
    return is_new, is_new and line.plan is not None


async def _standing(line: _Line) -> RectificationItem:
    found = None
    if line.number.isascii() and line.number.isdigit() and int(line.number) < 2**31:
        found = await RectificationItem.get_or_none(id=int(line.number), organisation__code=line.organisation)
    if found is None:
        raise Refusal("no_such_item", f"「{line.organisation}」没有编号为 {line.number} 的整改事项")
    return found


def _key(line: _Line, act: Act) -> str:
    told = "\n".join((line.number, line.organisation, line.source, line.problem))
    return f"import:{hashlib.sha256(told.encode()).hexdigest()[:40]}"
