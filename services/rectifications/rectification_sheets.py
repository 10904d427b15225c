"""The rectification list as a workbook that the office fills in: new problems, and plans for those that stand already."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from tortoise.transactions import in_transaction

from config.refusals import BadInput, Refusal
from models.organisations import Organisation
from models.rectifications import CLOSED, PLANNING, SOURCES, WITHDRAWN, RectificationItem
from services.people.roster_cells import RowReader
from services.rectifications.rectification_plans import Plan
from services.rectifications.rectifications import Act, open_item, plan_item
from services.workbooks.workbook import Fault, clean, read_workbook

SHEET = "整改清单"
NUMBER, ORG_CODE, SOURCE, PROBLEM = "编号", "组织编码", "问题来源", "问题"
MEASURE, RESPONSIBLE, SUPPORT, DUE = "整改措施", "责任人工号", "支持单位", "整改时限"
COLUMNS = (NUMBER, ORG_CODE, SOURCE, PROBLEM, MEASURE, RESPONSIBLE, SUPPORT, DUE)
# What people write otherwise the second time and mean the same.
_UNHEARD = re.compile(r"\s|[。.；;，,、]+$")


@dataclass(frozen=True, slots=True)
class Brought:
    """How many items were new, how many got a plan, and how many rows changed nothing; `unlike`: how many of those say another plan
    than the item has by now, which is not taken."""

    opened: int
    planned: int
    same: int
    unlike: int = 0


_Told = tuple[str, str, str]
"""Organisation code, source, problem: what makes rows one item, whichever door it came by."""


@dataclass(frozen=True, slots=True)
class _Line:
    row: int
    number: str
    organisation: str
    source: str
    problem: str
    plan: Plan | None

    @property
    def told(self) -> _Told:
        return _told(self.organisation, self.source, self.problem)


def _told(code: str, source: str, problem: str) -> _Told:
    return code, source, _UNHEARD.sub("", unicodedata.normalize("NFKC", problem))


async def import_items(content: bytes, act: Act) -> Brought:
    """Open the rows without 编号, plan those with one. All or none: `BadInput` with every fault by row.

    A repeat changes nothing: a row without 编号 is the organisation's item of that source and problem where it has one, also a closed
    one, and plans it where it has no plan yet. The organisations are held, so that two imports at once list each problem once.
    """
    lines = _read_lines(content)
    faults: list[Fault] = []
    done: list[_Done] = []
    async with in_transaction():
        places = Organisation.filter(code__in={line.organisation for line in lines}).order_by("id")
        codes = {one.code: one.id for one in await places.select_for_update(no_key=True)}
        there = await _list_there(codes.values())
        for line in lines:
            try:
                done.append(await _bring(line, codes, there, act))
            except (BadInput, Refusal) as error:
                faults.append(Fault(SHEET, line.row, "", error.say))
        if faults:
            raise BadInput([str(fault) for fault in faults])
    same = sum(not (one.is_new or one.is_planned) for one in done)
    unlike = sum(one.is_unlike for one in done)
    return Brought(sum(one.is_new for one in done), sum(one.is_planned for one in done), same, unlike)


def _read_lines(content: bytes) -> list[_Line]:
    book = read_workbook(content, {SHEET: COLUMNS})
    sheet = book.sheets[SHEET]
    readers = [RowReader(SHEET, row, book.epoch, date.max) for row in sheet.rows]
    lines = [_read(cells) for cells in readers]
    faults = [*sheet.faults, *(fault for cells in readers for fault in cells.faults)] or [*_contradictions(lines)]
    if faults:
        raise BadInput([str(fault) for fault in sorted(faults)])
    return lines


def _read(cells: RowReader) -> _Line:
    number = cells.code(NUMBER, required=False)
    measure = cells.text(MEASURE, 500)
    responsible, support = cells.code(RESPONSIBLE, required=False), cells.text(SUPPORT, 128)
    due = cells.day(DUE)
    plan = Plan(measure, responsible, due, support) if measure or responsible or due else None
    problem = cells.name(PROBLEM, 500)
    return _Line(cells.row.number, number, cells.code(ORG_CODE), cells.one_of(SOURCE, SOURCES), problem, plan)


def _contradictions(lines: Iterable[_Line]) -> Iterator[Fault]:
    """One problem with two plans: which of them counts, nobody could tell."""
    first: dict[_Told, _Line] = {}
    for line in lines:
        if line.plan is None or line.number:
            continue
        other = first.setdefault(line.told, line)
        if other.plan != line.plan:
            yield Fault(SHEET, line.row, "", f"和第 {other.row} 行是同一个问题，措施却不同，请合成一行")


async def _list_there(organisation_ids: Iterable[int]) -> dict[_Told, RectificationItem]:
    """The organisations' own items by what they say; of several the newest that is not closed."""
    own = RectificationItem.filter(organisation_id__in=list(organisation_ids), person_id=None)
    found = await own.exclude(state=WITHDRAWN).select_related("organisation", "responsible")
    found.sort(key=lambda one: (one.state != CLOSED, one.id))
    return {_told(one.organisation.code, one.source, one.problem): one for one in found}


class _Done(NamedTuple):
    """Whether a row made an item, whether it gave one a plan, and whether it says another plan than the item has."""

    is_new: bool = False
    is_planned: bool = False
    is_unlike: bool = False


async def _bring(line: _Line, codes: dict[str, int], there: dict[_Told, RectificationItem], act: Act) -> _Done:
    act = Act(act.actor, act.now, _key(line))
    item = await _numbered(line) if line.number else there.get(line.told)
    if item is not None:
        if line.plan is None or item.state != PLANNING:
            return _Done(is_unlike=line.plan is not None and line.plan != _plan_of(item))
        there[line.told] = await plan_item(item.id, line.plan, act)
        return _Done(is_planned=True)
    if line.organisation not in codes:
        raise Refusal("no_such_organisation", f"组织编码「{line.organisation}」不在名册中")
    there[line.told] = await open_item(
        act, organisation_id=codes[line.organisation], source=line.source, problem=line.problem, plan=line.plan
    )
    return _Done(is_new=True, is_planned=line.plan is not None)


def _plan_of(item: RectificationItem) -> Plan:
    """An item's plan as a row would say it."""
    responsible = item.responsible.staff_no if item.responsible else ""
    return Plan(clean(item.measure), responsible, item.due_on, clean(item.support))


async def _numbered(line: _Line) -> RectificationItem:
    found = None
    if line.number.isascii() and line.number.isdigit() and int(line.number) < 2**31:
        own = RectificationItem.get_or_none(id=int(line.number), organisation__code=line.organisation)
        found = await own.select_related("responsible")
    if found is None:
        raise Refusal("no_such_item", f"「{line.organisation}」没有编号为 {line.number} 的整改事项")
    return found


def _key(line: _Line) -> str:
    return f"import:{hashlib.sha256(chr(10).join((line.number, *line.told)).encode()).hexdigest()[:40]}"
