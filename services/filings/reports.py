"""述职报告: who has to write one, how far it is, and by when it is owed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import Q

from models.cycles import Cycle, CycleSubject
from models.filings import Filing, FilingStep, last_steps
from models.runs import Publication
from services.cycles.cycles import scheme_of
from services.cycles.stages import StageDays, list_running, stage_days_of
from services.dues import Due
from services.entitlements import WRITE_REPORT, Actor, Scope, find_actor
from services.filings.filing_rules import REPORT, paper_of, states_of
from services.successors import Stranded, find_successors, list_led, list_left
from services.trees import load_tree


@dataclass(frozen=True, slots=True)
class Report:
    """A report that somebody has to write; `filing` None where it has not been begun; `last`: its newest move."""

    cycle: Cycle
    subject: CycleSubject
    filing: Filing | None
    last: FilingStep | None

    @property
    def is_owed(self) -> bool:
        """Whether its writer has it in hand, or nobody has begun it."""
        return self.filing is None or _is_written(self.cycle, self.filing.state)


def _is_written(cycle: Cycle, state: str) -> bool:
    scheme = scheme_of(cycle)
    return states_of(scheme, paper_of(scheme, REPORT))[state].hand == "writer"


async def find_reports(staff_no: str) -> list[Report]:
    """The reports that the person writes, in cycles without a published result, the newest first."""
    actor, tree = await find_actor(staff_no), await load_tree()
    found: list[Report] = []
    for cycle in await _open_cycles():
        scope = Scope(tree, cycle.organisation_id)
        subjects = await CycleSubject.filter(_mine(actor, scope), cycle_id=cycle.id, exempt=None).order_by("position")
        fitting = [one for one in subjects if scope.may(actor, WRITE_REPORT, one)]
        found += await _reports(cycle, fitting)
    return found


async def _open_cycles() -> list[Cycle]:
    """Cycles whose scheme has reports, and whose result is not published."""
    published = await Publication.all().values_list("cycle_id", flat=True)
    cycles = await Cycle.exclude(id__in=list(published)).order_by("-year", "-id")
    return [one for one in cycles if _has_reports(one)]


def _has_reports(cycle: Cycle) -> bool:
    return any(paper.key == REPORT for paper in scheme_of(cycle).papers)


def _mine(actor: Actor, scope: Scope) -> Q:
    reach = scope.reach_of(actor, [WRITE_REPORT])
    own = Q(person_id=actor.person_id)
    return own if reach is None else own | Q(organisation_id__in=list(reach))


async def _reports(cycle: Cycle, subjects: Sequence[CycleSubject]) -> list[Report]:
    """Where a cycle assesses branches and their secretaries, the secretaries report."""
    heads = await CycleSubject.filter(cycle_id=cycle.id, kind="secretary").only("organisation_id")
    headed = {one.organisation_id for one in heads}
    subjects = [one for one in subjects if one.kind == "secretary" or one.organisation_id not in headed]
    filings = await Filing.filter(cycle_id=cycle.id, paper=REPORT, subject_id__in=[one.id for one in subjects])
    by_subject = {one.subject_id: one for one in filings}
    steps = await last_steps([one.id for one in filings])
    return [
        Report(cycle, one, filing, steps.get(filing.id) if filing else None)
        for one in subjects
        for filing in [by_subject.get(one.id)]
    ]


async def list_dues(now: datetime, person_ids: Sequence[int]) -> list[Due]:
    """Reports that these people owe: due on the last day of the stage that gives them."""
    cycles = [one for one in await list_running(now, published=False) if _has_reports(one)]
    days = await stage_days_of(cycles)
    found = []
    for cycle in cycles:
        writers = await _writers(cycle, person_ids)
        for report in await _reports(cycle, [subject for subject, _ in writers]):
            if report.is_owed:
                found.append(_due(report, dict(writers)[report.subject], _stage(days[cycle.id].values())))
    return found


async def _writers(cycle: Cycle, person_ids: Sequence[int]) -> list[tuple[CycleSubject, int]]:
    """(subject, person) of those who report for themselves or, as they lead it, for their organisation."""
    led = await list_led(WRITE_REPORT, person_ids)
    mine = Q(person_id__in=list(person_ids)) | Q(person_id=None, organisation_id__in=list(led))
    subjects = await CycleSubject.filter(mine, cycle_id=cycle.id, exempt=None)
    return [(one, one.person_id or led[one.organisation_id]) for one in subjects]


async def list_stranded(now: datetime) -> list[Stranded]:
    """Reports owed by organisations that nobody leads, or by people who do not lead theirs any more: the roll of the year names them,
    so they owe it until the office decides otherwise.
    """
    tree, left, found = await load_tree(), await list_left(), []
    for cycle in [one for one in await list_running(now, published=False) if _has_reports(one)]:
        subjects = await CycleSubject.filter(cycle_id=cycle.id, exempt=None).order_by("position")
        successors = await find_successors(WRITE_REPORT, {one.organisation_id for one in subjects})
        for report in await _reports(cycle, subjects):
            one, at = report.subject, report.subject.organisation_id
            has_left = one.kind == "secretary" and (one.person_id, tree.committees[at]) in left
            if report.is_owed and (has_left or (one.person_id is None and successors.who(at) is None)):
                what = "已不任书记，述职报告由谁写请核定" if has_left else "的述职报告没有人写"
                found.append(Stranded(at, f"「{cycle.title}」{one.name}{what}"))
    return found


def _stage(stages: Iterable[StageDays]) -> StageDays | None:
    return next((one for one in stages if REPORT in one.stage.gives), None)


def _due(report: Report, person_id: int, days: StageDays | None) -> Due:
    is_back = report.last is not None
    what = "述职报告退回了，请修改后再交" if is_back else "写述职报告并提交"
    return Due(
        person_id,
        f"report:{report.cycle.id}:{report.subject.key}",
        f"「{report.cycle.title}」{what}",
        "述职",
        by=days.due if days else None,
        soft_by=days.soft if days else None,
        from_day=days.starts if days else None,
        scheme=report.cycle.scheme,
        cycle_id=report.cycle.id,
    )
