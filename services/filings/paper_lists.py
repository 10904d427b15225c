"""Which papers somebody may write in the cycles that are under way, and which they have begun."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from models.cycles import Cycle, CycleSubject
from models.filings import Filing
from models.people import FormerPost
from scoring.papers import Paper
from scoring.scheme import Scheme
from services.audit import COMMAND
from services.cycles.cycles import scheme_of
from services.cycles.stages import list_running
from services.dues import Due
from services.entitlements import Actor, Place, Scope, find_actor, list_holders, own_posts
from services.filings.filing_rules import CLEAR_POINTS, COMMENT, REPORT, act_of, paper_of
from services.filings.filing_sheets import Sheet, sheet_of
from services.filings.filing_views import heading_of
from services.successors import Stranded, find_successors
from services.trees import Tree, load_tree

# They have words of their own, or come about with something else.
_ELSEWHERE = {REPORT, CLEAR_POINTS, COMMENT}
# What can be chosen from on a phone.
MOST_SUBJECTS = 200


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A paper that somebody may write: about which subjects (name by key; empty where about none, or too many to choose from)."""

    cycle: Cycle
    paper: Paper
    subjects: dict[str, str]
    stages: dict[str, str]


async def list_papers(staff_no: str, now: datetime) -> list[PaperLine]:
    """The papers that the person may write, by cycle, in the order of the scheme."""
    actor, tree = await find_actor(staff_no), await load_tree()
    found: list[PaperLine] = []
    for cycle in await list_running(now):
        scope, scheme = Scope(tree, cycle.organisation_id), scheme_of(cycle)
        subjects: list[CycleSubject] | None = None
        for paper in _writable(scheme, actor, scope):
            subjects = subjects or await CycleSubject.filter(cycle_id=cycle.id, exempt=None).order_by("position")
            fitting = [one for one in subjects if _is_due_of(paper, one, actor, scope)]
            if paper.about != "subject" or fitting:
                found.append(_line(cycle, paper, fitting if paper.about == "subject" else []))
    return found


def _is_due_of(paper: Paper, subject: CycleSubject, actor: Actor, scope: Scope) -> bool:
    return paper.is_of(subject.kind) and scope.may(actor, act_of(paper.key, "writer"), subject)


def _writable(scheme: Scheme, actor: Actor, scope: Scope) -> list[Paper]:
    """Papers of which the actor may write some: a rough look before subjects are read."""
    papers = [one for one in scheme.papers if one.included and one.key not in _ELSEWHERE]
    return [paper_of(scheme, one.key) for one in papers if _may_write(one, actor, scope)]


def _may_write(paper: Paper, actor: Actor, scope: Scope) -> bool:
    act = act_of(paper.key, "writer")
    if paper.about == "subject":
        reach = scope.reach_of(actor, [act])
        own = actor.person_id is not None and scope.may(actor, act, Place(scope.root_id, actor.person_id))
        return reach is None or bool(reach) or own
    return scope.may(actor, act)


def _line(cycle: Cycle, paper: Paper, subjects: list[CycleSubject]) -> PaperLine:
    stages = {one.key: one.title for one in scheme_of(cycle).stages} if paper.about == "stage" else {}
    few = subjects if len(subjects) <= MOST_SUBJECTS else []
    return PaperLine(cycle, paper, {one.key: one.name for one in few}, stages)


async def list_begun(staff_no: str, now: datetime) -> list[Sheet]:
    """Papers that the person has begun, or got back, and not handed in, the newest change first; then those that whoever had the post
    before them has left. Reports have their own word.
    """
    actor, tree = await find_actor(staff_no), await load_tree()
    rows = Filing.filter(made_by=staff_no).exclude(paper__in=list(_ELSEWHERE)).order_by("-changed_at")
    own = [sheet_of(one, one.cycle, one.subject) for one in await rows.select_related("cycle", "subject").limit(100)]
    mine = [one for one in own if one.is_being_written]
    return [one for one in (*mine, *await _list_left(tree, now)) if _may_go_on(tree, actor, one)]


async def _list_left(tree: Tree, now: datetime) -> list[Sheet]:
    """Papers of the running cycles that are being written, and that whoever began them may write no more: they gave the post up; or
    that a command brought in, and that came back.
    """
    former = await FormerPost.all().distinct().values_list("person__staff_no", flat=True)
    cycles = [one.id for one in await list_running(now)]
    rows = Filing.filter(made_by__in=[*former, COMMAND], cycle_id__in=cycles).exclude(paper__in=list(_ELSEWHERE))
    found = await rows.order_by("id").select_related("cycle", "subject") if cycles else []
    sheets = [sheet for one in found if (sheet := sheet_of(one, one.cycle, one.subject)).is_being_written]
    makers = {one.filing.made_by: await find_actor(one.filing.made_by) for one in sheets}
    return [
        one
        for one in sheets
        if makers[one.filing.made_by].is_command or not _may_go_on(tree, makers[one.filing.made_by], one)
    ]


def _may_go_on(tree: Tree, actor: Actor, sheet: Sheet) -> bool:
    scope = Scope(tree, sheet.cycle.organisation_id)
    return scope.may(actor, act_of(sheet.paper.key, "writer"), sheet.subject)


async def list_dues(now: datetime, person_ids: Sequence[int]) -> list[Due]:
    """Papers that were left half-written, or came back where nobody wrote them, for whoever has the post now: of an organisation who
    leads it, else everybody who may.
    """
    tree = await load_tree()
    return [
        _due(sheet, person)
        for sheet in await _list_left(tree, now)
        for person in await _writers(tree, sheet, person_ids)
    ]


async def _writers(tree: Tree, sheet: Sheet, person_ids: Sequence[int]) -> list[int]:
    act = act_of(sheet.paper.key, "writer")
    if sheet.subject is not None and own_posts(act):
        at = sheet.subject.organisation_id
        head = (await find_successors(act, [at])).who(at)
        return [head] if head is not None and head in person_ids else []
    actors = [one for one in await list_holders(act, person_ids) if _may_go_on(tree, one, sheet)]
    return [one.person_id for one in actors if one.person_id is not None]


def _due(sheet: Sheet, person_id: int) -> Due:
    number = sheet.filing.id
    why = "退回了" if sheet.filing.made_by == COMMAND else "前任没有写完"
    text = f"{heading_of(sheet)}：{why}，请接着写"
    cycle = sheet.cycle
    return Due(person_id, f"paper:{number}", text, f"材料{number}", scheme=cycle.scheme, cycle_id=cycle.id)


async def list_stranded(now: datetime) -> list[Stranded]:
    """Half-written papers about an organisation or its people that nobody can go on with."""
    found = []
    for sheet in await _list_left(await load_tree(), now):
        act = act_of(sheet.paper.key, "writer")
        if sheet.subject is not None and own_posts(act):
            at = sheet.subject.organisation_id
            if (await find_successors(act, [at])).who(at) is None:
                found.append(Stranded(at, f"{heading_of(sheet)}写了一半，没有人接着写"))
    return found
