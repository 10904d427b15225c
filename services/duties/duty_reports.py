"""Reporting that a duty was done: one line each time. A 过筛子 that finds an area backward opens a rectification item (S0-44)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from tortoise.transactions import in_transaction

from config.refusals import BadInput, Refusal
from models.cycles import Cycle
from models.duties import DutyReport
from models.organisations import Organisation
from models.rectifications import INSPECTION, OPEN_STATES, RectificationItem, insert_items
from scoring.duties import Duty, Times
from services.audit import record
from services.cycles.cycles import get_cycle, scheme_of
from services.day_words import shown_day
from services.duties.duties import open_cycles
from services.entitlements import DO_DUTY, Place, require
from services.rectifications.rectifications import MAX_TEXT, Act


@dataclass(frozen=True, slots=True)
class Doing:
    """What was done: which count of which duty, by which bearer, when, in one line; about which branch; areas → grades."""

    duty: str
    what: str
    organisation_id: int
    person_id: int | None
    done_on: date
    text: str
    branch_id: int | None = None
    grades: Mapping[str, str] = field(default_factory=dict)


async def report_duty(cycle_id: int, doing: Doing, act: Act) -> DutyReport:
    """Keep one report. A repeat of the `source_key` gives the first one.

    Raises `Refusal` `not_entitled`, `no_such_duty`, `cycle_over`; `BadInput` for a day outside the year or to come, a missing branch
    or grade.
    """
    async with in_transaction():
        cycle = await get_cycle(cycle_id)
        await require(act.actor, cycle, DO_DUTY, Place(doing.organisation_id))
        duty, count = _find(cycle, doing)
        faults = _faults(cycle, duty, count, doing, act.today)
        if faults:
            raise BadInput(faults)
        await _check_open(cycle, act)
        made = DutyReport(
            source_key=act.source_key,
            cycle=cycle,
            duty=doing.duty,
            what=doing.what,
            organisation_id=doing.organisation_id,
            person_id=doing.person_id,
            branch_id=doing.branch_id,
            done_on=doing.done_on,
            text=doing.text.strip()[:MAX_TEXT],
            grades=dict(doing.grades),
            reported_by=act.actor,
            reported_at=act.now,
        )
        await DutyReport.bulk_create([made], ignore_conflicts=True)
        kept = await DutyReport.get(source_key=act.source_key)
        await _open_items(cycle, duty, kept, act)
        await record(act.now, act.actor, "report_duty", f"duty:{kept.id}", {"duty": doing.duty, "what": doing.what})
    return kept


def _find(cycle: Cycle, doing: Doing) -> tuple[Duty, Times]:
    for duty in scheme_of(cycle).duties:
        for count in duty.counts:
            if (duty.key, count.what) == (doing.duty, doing.what):
                return duty, count
    raise Refusal("no_such_duty", f"这项考核的方案里没有「{doing.what}」这项职责。", 404)


def _faults(cycle: Cycle, duty: Duty, count: Times, doing: Doing, today: date) -> list[str]:
    faults = []
    if doing.done_on > today:
        faults.append(f"{shown_day(doing.done_on)}还没有到，办完以后再报")
    if str(doing.done_on.year) != cycle.year:
        faults.append(f"{shown_day(doing.done_on)}不在 {cycle.year} 年度内")
    if not doing.text.strip():
        faults.append("请用一句话写明做了什么")
    if count.about is not None and doing.branch_id is None:
        faults.append("请写明是哪个党支部")
    if count.about == "each_branch":
        missing = [area for area in duty.looks_at if doing.grades.get(area) not in duty.grades]
        faults += [f"还没有结果：{'、'.join(missing)}"] if missing else []
    return faults


async def _check_open(cycle: Cycle, act: Act) -> None:
    """In January people report December; when the year's cycle is long over, its figures are not changed any more."""
    if cycle.id not in {one.id for one in await open_cycles(act.today)}:
        raise Refusal("cycle_over", f"「{cycle.title}」已经结束，不能再报；确有遗漏的，请联系组织部门。")


async def _open_items(cycle: Cycle, duty: Duty, report: DutyReport, act: Act) -> None:
    """The lowest grade is to be put right: an item for each area that got it, unless one still stands in this cycle."""
    lowest = duty.grades[-1] if duty.grades else None
    areas = [area for area, grade in report.grades.items() if grade == lowest]
    if not areas or report.branch_id is None:
        return
    # Held, so that two who report the same branch at once open an area once; rows that point to it may still come.
    branch = await Organisation.filter(id=report.branch_id).select_for_update(no_key=True).get()
    standing = RectificationItem.filter(
        organisation_id=branch.id, cycle_id=cycle.id, consequence=duty.key, state__in=OPEN_STATES
    )
    problems = [one.problem for one in await standing]
    found = {area: f"{report.what}：{area}{lowest}" for area in areas}
    await insert_items(
        [
            RectificationItem(
                source_key=f"duty:{report.id}:{number}",
                organisation_id=branch.id,
                cycle_id=cycle.id,
                source=INSPECTION,
                problem=f"{shown_day(report.done_on)}{problem}",
                consequence=duty.key,
                clause=duty.clause[:64],
                fact=duty.fact,
                opened_by=act.actor,
                opened_at=act.now,
            )
            for number, problem in enumerate(found.values())
            if not any(one.endswith(problem) for one in problems)
        ]
    )
