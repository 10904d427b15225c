"""Setting up a cycle's evaluations from one file: an evaluation for every branch, all of them or none, every fault at once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from tortoise.transactions import in_transaction

from config.refusals import BadInput, Refusal
from models.cycles import Cycle, CycleSubject
from models.evaluations import BRANCH, MEMBERS, Evaluation
from models.meetings import DRAFT
from models.organisations import Organisation
from models.people import Person
from scoring import faults
from scoring.filling import allowed
from services.audit import record
from services.ballots.ballot_forms import sheet_of
from services.cycles.cycle_files import MEMBER
from services.cycles.cycles import lock_cycle, scheme_of
from services.cycles.inputs import canonical
from services.entitlements import SET_UP, require
from services.evaluations.evaluation_files import OWN, ClassPlan, EvaluationFile, read_evaluation_file
from services.evaluations.evaluation_forms import resolve_form, resolve_weights
from services.meetings.electorates import Electorate, electorate_of_branch
from services.polls.openings import check_electorate
from services.trees import Tree, load_tree

ACCEPT_SMALL = "确需投票的，在测评文件里写 small: accept，投票人会事先看到提示。"
MOST_PLACES = 200
T = TypeVar("T")
_SAME = ("component", "title", "opens_at", "closes_at", "form", "classes", "min_class", "accepts_small")


async def import_evaluations(content: bytes, *, now: datetime, actor: str) -> list[Evaluation]:
    """Store what a file describes, and give all of it, by organisation. Raises `BadInput` with every fault, and then stores nothing.

    The same file again changes nothing; a changed one changes what has not been opened yet, and must leave the rest as it is.
    """
    file = read_evaluation_file(content)
    async with in_transaction():
        cycle = await lock_cycle(file.cycle)
        await require(actor, cycle, SET_UP)
        plan = _Plan(file, cycle, await load_tree())
        wanted = await plan.make(now)
        stored = [await plan.settle(one) for one in wanted]
        if plan.faults:
            raise BadInput(list(dict.fromkeys(plan.faults)))
        for one in stored:
            await one.save()
        await record(now, actor, "import_evaluations", f"cycle:{cycle.id}", {"evaluations": [one.id for one in stored]})
    return stored


def voted_on(subjects: Sequence[CycleSubject], about: str) -> dict[int, list[CycleSubject]]:
    """What is voted on in each organisation (by id): itself or its members, without those who are exempt."""
    branches = {one.key: one.organisation_id for one in subjects}
    found: dict[int, list[CycleSubject]] = {}
    for one in subjects:
        is_wanted = one.kind == MEMBER if about == MEMBERS else one.person_id is None
        if is_wanted and one.exempt is None:
            above = branches.get(one.parent or "") if about == MEMBERS else None
            found.setdefault(above or one.organisation_id, []).append(one)
    return found


def _assessed(subjects: Sequence[CycleSubject]) -> set[int]:
    """The organisations (by id) that a cycle assesses themselves; none where it assesses people alone."""
    return {one.organisation_id for one in subjects if one.person_id is None}


async def list_passed_over(made: Sequence[Evaluation]) -> list[str]:
    """Names of the members whom the cycle of these evaluations assesses and on whom nobody votes, as they belong to none of the branches
    that it assesses: `organisations: all` does not mean them.
    """
    if all(one.about != MEMBERS for one in made):
        return []
    cycle_id = made[0].cycle_id
    subjects = await CycleSubject.filter(cycle_id=cycle_id).order_by("position")
    voting = await Evaluation.filter(cycle_id=cycle_id, about=MEMBERS).values_list("organisation_id", flat=True)
    meant = {*(int(str(one)) for one in voting), *_assessed(subjects)}
    return [one.name for place, own in voted_on(subjects, MEMBERS).items() if place not in meant for one in own]


@dataclass(slots=True)
class _Plan:
    """A file being turned into evaluations; what is wrong is collected in `faults`."""

    file: EvaluationFile
    cycle: Cycle
    tree: Tree
    faults: list[str] = field(default_factory=list)

    async def make(self, now: datetime) -> list[Evaluation]:
        """The evaluations, not stored. With faults some may be missing."""
        form = self._collected(lambda: resolve_form(self.file, self.cycle))
        weights = self._collected(lambda: resolve_weights(self.file, self.cycle))
        people = await self._check_names()
        subjects = await CycleSubject.filter(cycle_id=self.cycle.id).order_by("position")
        found: list[Evaluation] = []
        for about in self.file.about:
            targets = voted_on(subjects, about)
            for organisation in await self._organisations(targets, _assessed(subjects)):
                self._check_component(targets[organisation.id][0].kind)
                if form is not None and weights is not None:
                    self._check_rules(organisation, form, len(targets[organisation.id]), about)
                    found.append(await self._evaluation(organisation, about, form, weights, now))
        self._check_places(people, {one.organisation_id for one in found})
        return found

    def _collected(self, resolve: Callable[[], T]) -> T | None:
        try:
            return resolve()
        except BadInput as bad:
            self.faults += bad.faults
            return None

    async def _check_names(self) -> Mapping[str, Person]:
        """Every staff number and code that the classes name is on the roster, and every branch takes part. The people found."""
        numbers = {one for plan in self.file.classes for each in plan.voters.values() for one in each}
        known = {one.staff_no: one for one in await Person.filter(staff_no__in=list(numbers))}
        for plan in self.file.classes:
            path = faults.child("classes", plan.name)
            for branch, staff_nos in plan.voters.items():
                self.faults += [f"{path}.voters：工号「{one}」不在名册中" for one in staff_nos if one not in known]
                self._check_branch(f"{path}.voters", branch)
            for branch, codes in plan.orgs.items():
                self._check_branch(f"{path}.orgs", branch)
                unknown = (one for one in codes if one not in self.tree.by_code)
                self.faults += [f"{path}.orgs：组织编码「{one}」不在名册中" for one in unknown]
        return known

    def _check_places(self, people: Mapping[str, Person], branches: set[int]) -> None:
        """Whoever votes in the branch that they belong to belongs to one."""
        for plan in self.file.classes if branches else ():
            for person in (people[one] for one in plan.voters.get(OWN, ()) if one in people):
                if not any(self.tree.is_within(person.organisation_id, one) for one in branches):
                    who = f"{person.name}（{person.staff_no}）"
                    say = f"{who} 不属于这些支部，请写明在哪个支部投票：voters: {{支部编码: [工号]}}"
                    self.faults.append(f"{faults.child('classes', plan.name)}.voters：{say}")

    def _check_branch(self, path: str, code: str) -> None:
        if code != OWN and (
            code not in self.tree.by_code or code not in (self.file.organisations or self.tree.by_code)
        ):
            self.faults.append(f"{path}：组织「{code}」不在名册或 organisations 里")

    async def _organisations(
        self, targets: Mapping[int, Sequence[CycleSubject]], assessed: set[int]
    ) -> list[Organisation]:
        """Those that vote, by code. `targets`: organisations with something to be voted on; all of them are those that are `assessed`
        themselves: a committee that merely has assessed members of its own votes only where it is named.
        """
        there = await Organisation.filter(id__in=list(targets)).order_by("code")
        if self.file.organisations is None:
            meant = [one for one in there if not assessed or one.id in assessed]
            if not meant:
                self.faults.append("organisations：本周期没有要测评的对象")
            return meant
        known = {one.code for one in there}
        gone = (code for code in self.file.organisations if code not in known)
        self.faults += [f"organisations：「{code}」在本周期没有要测评的对象（不在考核范围，或不列入）" for code in gone]
        return [one for one in there if one.code in self.file.organisations]

    def _check_component(self, kind: str) -> None:
        slot = f"ballots.{self.file.component}"
        try:
            canonical(scheme_of(self.cycle), self.cycle.year, kind, slot, {})
        except faults.BadInput as error:
            self.faults.append(f"component：{error.say}")

    def _check_rules(self, organisation: Organisation, form: Mapping[str, Any], count: int, about: str) -> None:
        """That the rules can be kept, also by a voter who leaves out their own place, and that a ballot is not too long."""
        where = f"「{organisation.name}」（{organisation.code}）"
        if count * len(form["items"]) > MOST_PLACES:
            self.faults.append(f"form：{where}有 {count} 个对象，一张票最多 {MOST_PLACES} 格，请减少评价项目")
        for number in {count, count - 1} if about == MEMBERS else {count}:
            names = [str(n) for n in range(number)]
            if not names:
                self.faults.append(f"organisations：{where}只有一名对象，没有别人可测评")
            elif not allowed(sheet_of(form), names, {}, names[0], form["items"][0]):
                self.faults.append(f"form.rules：{where}要评 {number} 个对象，这些规则无法同时满足")

    async def _evaluation(
        self,
        organisation: Organisation,
        about: str,
        form: dict[str, Any],
        weights: Mapping[str, str],
        now: datetime,
    ) -> Evaluation:
        classes = [await self._class(organisation, one, weights[one.name]) for one in self.file.classes]
        small = self.file.small is None or organisation.code in self.file.small
        self._check_sizes(organisation, await electorate_of_branch(organisation.code, classes), small)
        return Evaluation(
            cycle=self.cycle,
            component=self.file.component,
            organisation=organisation,
            about=about,
            title=f"{self.file.title}·{organisation.name[:60]}（{_ABOUT_WORDS[about]}）",
            opens_at=self.file.opens_at,
            closes_at=self.file.closes_at,
            form=form,
            classes=classes,
            min_class=self.file.min_class,
            accepts_small=small,
            imported_at=now,
        )

    async def _class(self, organisation: Organisation, plan: ClassPlan, weight: str) -> dict[str, Any]:
        named = list(plan.voters.get(organisation.code, ()))
        for person in await Person.filter(staff_no__in=list(plan.voters.get(OWN, ()))):
            if self.tree.is_within(person.organisation_id, organisation.id):
                named.append(person.staff_no)
        return {
            "name": plan.name,
            "weight": weight,
            "statuses": list(plan.statuses),
            "voters": sorted(named),
            "orgs": list(plan.orgs.get(organisation.code, ())),
        }

    def _check_sizes(self, organisation: Organisation, electorate: Electorate, accepted: bool) -> None:
        try:
            accept = "" if accepted else ACCEPT_SMALL
            check_electorate(electorate, self.file.min_class, file="测评文件", accept=accept)
        except Refusal as refusal:
            self.faults.append(f"「{organisation.name}」（{organisation.code}）：{refusal.say}")

    async def settle(self, wanted: Evaluation) -> Evaluation:
        """The row to be stored: the new one, or the one that is there with what has changed."""
        same = Evaluation.filter(
            cycle_id=self.cycle.id,
            component=wanted.component,
            organisation_id=wanted.organisation_id,
            about=wanted.about,
        )
        # Held: the clock may be opening, closing or counting it just now, and the whole row is written back.
        before = await same.select_for_update().first()
        if before is None:
            return wanted
        changed = list(_changes(before, wanted))
        if changed and before.state != DRAFT:
            self.faults.append(f"「{before.title}」已经开始或结束，不能再改：{'、'.join(changed)}")
        for name in changed:
            setattr(before, name, getattr(wanted, name))
        before.trouble = "" if changed else before.trouble
        return before


_ABOUT_WORDS = {MEMBERS: "评党员", BRANCH: "评支部"}


def _changes(before: Evaluation, wanted: Evaluation) -> Iterator[str]:
    return (name for name in _SAME if getattr(before, name) != getattr(wanted, name))
