"""Which papers somebody may write in the cycles that are under way, and which they have begun."""

from dataclasses import dataclass
from datetime import datetime

from models.cycles import Cycle, CycleSubject
from models.filings import Filing
from scoring.papers import Paper
from scoring.scheme import Scheme
from services.cycles.cycles import scheme_of
from services.cycles.stages import list_running
from services.entitlements import Actor, Place, Scope, find_actor
from services.filings.filing_rules import CLEAR_POINTS, COMMENT, REPORT, act_of, paper_of
from services.filings.filing_sheets import Sheet, sheet_of
from services.trees import load_tree

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
            fitting = [one for one in subjects if scope.may(actor, act_of(paper.key, "writer"), one)]
            if paper.about != "subject" or fitting:
                found.append(_line(cycle, paper, fitting if paper.about == "subject" else []))
    return found


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


async def list_begun(staff_no: str) -> list[Sheet]:
    """Papers that the person has begun, or got back, and not handed in; the newest change first. Reports have their own word."""
    rows = Filing.filter(made_by=staff_no).exclude(paper__in=list(_ELSEWHERE)).order_by("-changed_at")
    sheets = [sheet_of(one, one.cycle, one.subject) for one in await rows.select_related("cycle", "subject").limit(100)]
    return [one for one in sheets if one.is_being_written]
