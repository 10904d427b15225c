"""The ledgers of S0-24 and S0-27 as one workbook: who met the standard and who not, weak ones, problems, responsibilities, what is late."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from models.cycles import Cycle, CycleSubject
from models.rectifications import (
    OPEN_STATES,
    PLANNING,
    SOURCES,
    WITHDRAWN,
    RectificationItem,
    RectificationStep,
    WeakOrganisation,
)
from models.runs import RunSubject, find_published
from scoring.papers import Paper
from services.cycles.cycles import scheme_of
from services.rectifications.lateness import Lateness, lateness_of, listed_on
from services.rectifications.rectification_sheets import SHEET
from services.rectifications.rectification_views import STATE_WORDS
from services.trees import load_tree
from services.workbooks.sheet_pages import Column, Page, write_workbook

MET, UNMET, WEAK = "met_ledger", "unmet_ledger", "hard_ledger"
_RECTIFY = "rectify"


@dataclass(frozen=True, slots=True)
class Standing:
    """A subject of a published result: its grade, whether it must rectify, how many of its items are open."""

    key: str
    name: str
    band: str
    is_met: bool
    open_items: int


async def export_ledgers(cycle: Cycle | None, today: date) -> bytes:
    """The workbook: of one cycle, or (without the ledgers of who met the standard) of everything."""
    items = await list_ledger(cycle)
    late = await lateness_of(items, today)
    pages = [_items_page(items, await _progress(items)), _problems_page(items), _duties_page(items)]
    pages.append(_overdue_page([one for one in items if late.is_late(one) and one.state != PLANNING]))
    pages.append(_waiting_page([one for one in items if one.state == PLANNING], late))
    pages.append(await _weak_page(_paper(cycle, WEAK)))
    if cycle is not None:
        standings = await list_standings_of(cycle, items)
        for key, is_met in ((MET, True), (UNMET, False)):
            paper = _paper(cycle, key)
            if paper is not None:
                pages.append(_standing_page(paper, [one for one in standings if one.is_met == is_met]))
    return write_workbook(pages)


async def list_ledger(cycle: Cycle | None, code: str | None = None) -> list[RectificationItem]:
    """The items of a cycle or of everything, or of one organisation alone, with their names, by organisation and last day; without those
    withdrawn. Raises `Refusal` `no_such_organisation`.
    """
    items = RectificationItem.all() if cycle is None else RectificationItem.filter(cycle_id=cycle.id)
    if code is not None:
        items = items.filter(organisation_id=(await load_tree()).require(code).id)
    rows = await items.exclude(state=WITHDRAWN).select_related("organisation", "person", "responsible")
    return sorted(rows, key=lambda one: (one.organisation.code, one.due_on or date.max, one.id))


async def list_standings_of(cycle: Cycle, items: Sequence[RectificationItem]) -> list[Standing]:
    """The organisations among the subjects of the newest published result; empty before the publication."""
    published = await find_published(cycle.id)
    if published is None:
        return []
    subjects = {one.key: one for one in await CycleSubject.filter(cycle_id=cycle.id, person_id=None)}
    found = []
    for row in await RunSubject.filter(run_id=published.run_id).order_by("position"):
        result, subject = json.loads(row.result), subjects.get(row.key)
        if subject is not None and result["band"] is not None:
            count = sum(one.state in OPEN_STATES for one in items if one.organisation_id == subject.organisation_id)
            is_met = _RECTIFY not in result["consequences"]
            found.append(Standing(row.key, subject.name, str(result["band"]), is_met, count))
    return found


def _paper(cycle: Cycle | None, key: str) -> Paper | None:
    papers = scheme_of(cycle).papers if cycle is not None else ()
    return next((paper for paper in papers if paper.key == key), None)


async def _progress(items: Sequence[RectificationItem]) -> dict[int, str]:
    """Item → the last thing that was said of it."""
    steps = await RectificationStep.filter(item_id__in=[one.id for one in items]).order_by("id")
    return {one.item_id: one.text for one in steps if one.text}


def _items_page(items: Sequence[RectificationItem], progress: dict[int, str]) -> Page:
    page = Page(SHEET, _ITEM_COLUMNS, [str(one.id) for one in items])
    for one in items:
        due, who = str(one.due_on or ""), one.responsible
        values = {
            **{"id": str(one.id), "org": one.organisation.code, "org_name": one.organisation.name},
            **{"person": one.person.name if one.person else "", "source": one.source, "problem": one.problem},
            **{"measure": one.measure, "staff_no": who.staff_no if who else "", "who": who.name if who else ""},
            **{"support": one.support, "due": due, "state": STATE_WORDS[one.state], "clause": one.clause},
            "progress": progress.get(one.id, ""),
        }
        for column, value in values.items():
            page.put(str(one.id), column, value or None)
    return page


def _problems_page(items: Sequence[RectificationItem]) -> Page:
    """The problem list: the four sources, and under each what was found (S4-29)."""
    ordered = [one for source in SOURCES for one in items if one.source == source]
    page = Page("问题清单", _PROBLEM_COLUMNS, [str(one.id) for one in ordered])
    for one in ordered:
        for column, value in (("source", one.source), ("org_name", one.organisation.name), ("problem", one.problem)):
            page.put(str(one.id), column, value)
    return page


def _duties_page(items: Sequence[RectificationItem]) -> Page:
    """The responsibility list: who answers for what until when."""
    planned = [one for one in items if one.responsible is not None]
    page = Page("责任清单", _DUTY_COLUMNS, [str(one.id) for one in planned])
    for one in planned:
        who = one.responsible.name if one.responsible else ""
        values = (("org_name", one.organisation.name), ("measure", one.measure), ("who", who), ("support", one.support))
        for column, value in (*values, ("due", str(one.due_on)), ("state", STATE_WORDS[one.state])):
            page.put(str(one.id), column, value or None)
    return page


def _overdue_page(items: Sequence[RectificationItem]) -> Page:
    page = _duties_page(items)
    page.title = "超期事项"
    return page


def _waiting_page(items: Sequence[RectificationItem], late: Lateness) -> Page:
    """Problems for which nobody has fixed measure and last day, those that have waited longest first (S0-26)."""
    ordered = sorted(items, key=lambda one: (listed_on(one), one.id))
    page = Page("未定措施", _WAITING_COLUMNS, [str(one.id) for one in ordered])
    for one in ordered:
        by = late.plan_by.get(one.id)
        values = (("org_name", one.organisation.name), ("person", one.person.name if one.person else None))
        more = (("problem", one.problem), ("since", str(listed_on(one))), ("age", late.age(one)))
        for column, value in (*values, *more, ("by", str(by) if by else "未规定"), ("clause", one.clause or None)):
            page.put(str(one.id), column, value)
    return page


def _standing_page(paper: Paper, standings: Sequence[Standing]) -> Page:
    columns = (_KEY, _NAME, Column("band", "档次", f"{paper.clause} {paper.fact}"), Column("open", "未销号的整改"))
    page = Page(paper.title, columns, [one.key for one in standings])
    for one in standings:
        for column, value in (("key", one.key), ("org_name", one.name), ("band", one.band), ("open", one.open_items)):
            page.put(one.key, column, value)
    return page


async def _weak_page(paper: Paper | None) -> Page:
    marks = await WeakOrganisation.all().select_related("organisation", "responsible").order_by("id")
    title = paper.title if paper is not None else "软弱涣散党组织专门台账"
    page = Page(title, _WEAK_COLUMNS, [str(one.id) for one in marks])
    for one in marks:
        values = (("org_name", one.organisation.name), ("reason", one.reason), ("unit", one.unit))
        more = (("who", one.responsible.name), ("measure", one.measure), ("outcome", one.outcome))
        state = "已转化" if one.cleared_at else "在册"
        for column, value in (*values, *more, ("state", state)):
            page.put(str(one.id), column, value or None)
    return page


_KEY, _NAME = Column("key", "编号", width=18), Column("org_name", "组织名称", width=24)
_WHO, _DUE, _STATE = Column("who", "责任人"), Column("due", "整改时限"), Column("state", "状态")
_MEASURE, _SUPPORT = Column("measure", "整改措施", width=40), Column("support", "支持单位", width=18)
_SOURCE, _PROBLEM = Column("source", "问题来源"), Column("problem", "问题", width=40)
_ITEM_COLUMNS = (
    *(Column("id", "编号"), Column("org", "组织编码"), _NAME, Column("person", "姓名"), _SOURCE, _PROBLEM, _MEASURE),
    *(Column("staff_no", "责任人工号"), _WHO, _SUPPORT, _DUE, _STATE, Column("clause", "依据")),
    Column("progress", "进展", width=40),
)
_PROBLEM_COLUMNS = (_SOURCE, _NAME, _PROBLEM)
_DUTY_COLUMNS = (_NAME, _MEASURE, _WHO, _SUPPORT, _DUE, _STATE)
_WAITING_COLUMNS = (
    *(_NAME, Column("person", "姓名"), _PROBLEM, Column("since", "列入日期"), Column("age", "已等天数")),
    *(Column("by", "定措施的期限"), Column("clause", "依据")),
)
_WEAK_COLUMNS = (
    *(_NAME, Column("reason", "事由", width=30), Column("unit", "责任单位", width=20), _WHO),
    *(Column("measure", "转化措施", width=40), _STATE, Column("outcome", "转化情况", width=30)),
)
