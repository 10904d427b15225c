"""The year of the demo organisation, made by the services that the office, the branches and the team use, each in their own name.

Last year is rated, published and on notice; this year is under way: records, a report in pre-review, self-ratings, an open vote.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from app.demo import files, story
from app.demo.data import Demo, DemoPerson
from config.clock import SHANGHAI
from config.record_kinds import record_kinds
from config.refusals import Refusal
from models.cycles import Cycle, CycleSubject
from models.evaluations import Evaluation
from models.exemptions import Exemption
from models.organisations import Organisation
from models.people import Person
from models.records import KEPT, Record
from scoring.rounds import SELF, Item, rounds_of
from services.audit import COMMAND
from services.cycles.cycles import create_cycle, scheme_of
from services.cycles.inputs import InputRow
from services.evaluations.evaluation_imports import import_evaluations
from services.evaluations.evaluations import open_evaluation
from services.filings.filing_sheets import Move
from services.filings.filings import file_paper, move_filing
from services.public_notices.objections import submit_objection
from services.public_notices.public_notices import open_result_notice
from services.ratings.assignments import Task, assign
from services.ratings.entries import enter_inputs
from services.ratings.rating_rules import NONE, Line, veto_slot
from services.ratings.ratings import submit_many, submit_rating
from services.records.record_reviews import review_record
from services.records.records import RecordContent, keep_record
from services.rectifications.rectification_plans import Plan
from services.rectifications.rectifications import Act, open_item
from services.requests.exemptions import apply_exemption
from services.runs.publications import publish_run
from services.runs.runs import compute_run
from services.runtime import Runtime

_SEED = 2020


async def fill_year(rt: Runtime, demo: Demo, now: datetime) -> None:
    """Make the year, once: where it is, nothing is touched. Killed midway, the next start goes on."""
    # The application is the last thing made.
    if await Exemption.filter(subject__cycle__organisation__code=files.RATED).exists():
        return
    year = _Year(rt, demo, now)
    await year.keep_records()
    stars = await year.last_year()
    await year.rectify(stars)
    await year.reports()
    await year.standard()
    await year.this_year()


@dataclass(frozen=True, slots=True)
class _Year:
    rt: Runtime
    demo: Demo
    now: datetime

    @property
    def office(self) -> str:
        """Who sets up."""
        return files.staff(self.demo, "组织部")[0].staff_no

    @property
    def team(self) -> str:
        """Who gives points."""
        return files.staff(self.demo, "考核组")[0].staff_no

    @property
    def leader(self) -> str:
        """Who publishes."""
        return self.demo.of(files.RATED)[0].staff_no

    @property
    def secretaries(self) -> list[DemoPerson]:
        """Of the branches, in order."""
        return self.demo.secretaries()

    async def cycle(self, file: str, at: datetime) -> Cycle:
        """The cycle of a file, made at that time or there already."""
        try:
            return (await create_cycle(file.encode(), now=at, actor=COMMAND)).cycle
        except Refusal as refusal:
            if refusal.code != "cycle_exists":
                raise
            title = file.partition("\n")[0].removeprefix("title: ")
            return await Cycle.get(title=title, organisation__code__startswith="demo-")

    async def keep_records(self) -> None:
        """What the branches wrote down soon after it was; the office accepted most of it and returned one."""
        for number, one in enumerate(story.ACTIVITIES):
            at = self.now - timedelta(days=one.days_ago)
            record = await self._keep(one, at)
            if number not in story.WAITING and record.state == KEPT:
                accept, reason = number != story.RETURNED, story.RETURN_REASON
                later = min(at + timedelta(days=1), self.now)
                await review_record(
                    record.id,
                    record.version,
                    accept=accept,
                    reason="" if accept else reason,
                    actor=self.office,
                    now=later,
                )

    async def _keep(self, one: story.Activity, at: datetime) -> Record:
        secretary = self.secretaries[one.branch]
        organisation = await Organisation.get(code=secretary.org)
        members = Person.filter(organisation=organisation, status="正式党员").exclude(staff_no=secretary.staff_no)
        away = await members.order_by("-staff_no").limit(one.absent)
        checks = dict.fromkeys(_checks(one.kind), True)
        content = RecordContent(
            kind=one.kind,
            held_on=at.astimezone(SHANGHAI).date(),
            topic=one.topic,
            place=one.place,
            minutes=one.minutes,
            absent={person.id: "请假" for person in away},
            checks=checks,
        )
        key = f"demo:{one.branch}:{one.days_ago}"
        return await keep_record(key, organisation.id, content, actor=secretary.staff_no, now=at)

    async def last_year(self) -> Cycle:
        """Rated, published and on public notice, with an objection that waits for its answer."""
        local = self.now.astimezone(SHANGHAI)
        cycle = await self.cycle(files.stars_file(self.demo, local.year - 1, None), self.now - timedelta(days=330))
        subjects = await CycleSubject.filter(cycle_id=cycle.id, exempt=None).order_by("position")
        at = self.now - timedelta(days=2)
        await enter_inputs(cycle.id, list(_scores(subjects)), actor=COMMAND, now=at)
        run = await compute_run(cycle.id, now=at, actor=COMMAND)
        await publish_run(run.id, now=at, actor=self.leader, accept_open=True)
        notice = await open_result_notice(run.id, now=self.now - timedelta(days=1), actor=self.leader)
        who = await Person.get(staff_no=self.demo.of("demo-104")[7].staff_no)
        await submit_objection(self.rt.settings, "demo", notice.id, story.OBJECTION, person_id=who.id, now=self.now)
        return cycle

    async def rectify(self, cycle: Cycle) -> None:
        """One item of the first branch under way, due soon."""
        secretary = self.secretaries[0]
        organisation = await Organisation.get(code=secretary.org)
        act = Act(self.office, self.now - timedelta(days=1), "demo:rectification")
        plan = Plan(story.MEASURE, secretary.staff_no, act.today + timedelta(days=6), story.SUPPORT)
        await open_item(
            act,
            organisation_id=organisation.id,
            source="考核反馈",
            problem=story.ITEM,
            cycle_id=cycle.id,
            plan=plan,
        )

    async def reports(self) -> None:
        """The second secretary's report waits for the office, the third one's for the leader."""
        today = self.now.astimezone(SHANGHAI).date()
        cycle = await self.cycle(files.reports_file(today.year, today), self.now - timedelta(days=14))
        for secretary in self.secretaries[1:3]:
            subject = f"secretary:{secretary.staff_no}"
            at = self.now - timedelta(days=2)
            sheet = await file_paper(cycle.id, "report", subject, story.REPORT, now=at, actor=secretary.staff_no)
            if secretary == self.secretaries[2] and sheet.filing.state == "预审":
                await move_filing(sheet.filing.id, Move("审阅"), now=at + timedelta(days=1), actor=self.office)

    async def standard(self) -> None:
        """达标考评: one branch has rated itself, the team is to rate it."""
        today = self.now.astimezone(SHANGHAI).date()
        cycle = await self.cycle(files.standard_file(today.year, today), self.now - timedelta(days=14))
        rated = next(one for one in self.secretaries if one.org == "demo-115")
        await self._rate_self(cycle, "branch:demo-115", rated.staff_no)
        tasks = [Task("full_review", f"branch:{code}", self.team) for code in ("demo-115", "demo-116")]
        await assign(cycle.id, tasks, now=self.now, actor=self.office)

    async def this_year(self) -> None:
        """评星定级 under way: a self-rating, the team's branches, an open vote, somebody who asks to be left out."""
        local = self.now.astimezone(SHANGHAI)
        file = files.stars_file(self.demo, local.year, local.date())
        cycle = await self.cycle(file, self.now - timedelta(days=14))
        for secretary in self.secretaries[1:7]:
            await self._rate_self(cycle, f"branch:{secretary.org}", secretary.staff_no)
        await self._assess(cycle)
        await self._vote(cycle)
        away = self.demo.of("demo-102")[8].staff_no
        await apply_exemption(cycle.id, f"member:{away}", reason=story.EXEMPTION, now=self.now, actor=away)

    async def _assess(self, cycle: Cycle) -> None:
        """Four branches for each of the team; the second of them has given points to all of theirs."""
        first, second = (one.staff_no for one in files.staff(self.demo, "考核组"))
        tasks = [Task("team", f"branch:demo-10{n}", first if n < 5 else second) for n in range(1, 9)]
        await assign(cycle.id, tasks, now=self.now, actor=self.office)
        scores = [
            (f"branch:demo-10{n}", points) for n, points in zip(range(5, 9), ("82", "91.5", "88", "90"), strict=True)
        ]
        await submit_many(cycle.id, "team", scores, now=self.now - timedelta(days=1), actor=second)

    async def _vote(self, cycle: Cycle) -> None:
        if not await Evaluation.filter(cycle_id=cycle.id).exists():
            file = files.evaluation_file(self.demo, cycle.id, self.now)
            (made,) = await import_evaluations(file, now=self.now, actor=COMMAND)
            await open_evaluation(self.rt, made.id, now=self.now, actor=COMMAND)

    async def _rate_self(self, cycle: Cycle, subject: str, staff_no: str) -> None:
        round = rounds_of(scheme_of(cycle), "branch")[SELF]
        lines = [_line(number, item) for number, item in enumerate(round.items)]
        lines += [Line(veto_slot(veto), text=NONE) for veto in round.vetoes]
        await submit_rating(
            cycle.id, subject, SELF, lines, now=self.now - timedelta(days=1), actor=staff_no, source="chat"
        )


def _checks(kind: str) -> Iterator[str]:
    return (check.key for check in record_kinds()[kind].checks)


def _line(number: int, item: Item) -> Line:
    """A line of a self-rating: most points, now and then one less with what is wanting; else what was done and what is wanting."""
    if item.has_points:
        is_less = number % 6 == 3
        return Line(item.slot, "4" if is_less else "5", story.PROBLEM if is_less else "")
    words = story.PROBLEM if item.is_problem else story.WORK
    return Line(item.slot, text=words, problems=story.PROBLEM if item.wants_problem else "")


def _scores(subjects: Sequence[CycleSubject]) -> Iterator[InputRow]:
    """Made-up scores of last year, the same at every call."""
    dice = Random(_SEED)
    for one in subjects:
        parts = ("democratic", "team", "superior") if one.kind == "branch" else ("democratic", "committee")
        level = 64 if one.key == "branch:demo-105" else dice.choice((78, 84, 86, 88, 91, 93, 95))
        for part in parts:
            yield InputRow(one.key, f"scores.{part}", f"{level + dice.randint(-30, 30) / 10:.1f}")
