"""Who hears of a filing's move: the writer, when it comes back or is passed; the person whom an opinion is about."""

from models.cycles import Cycle, CycleSubject
from models.filings import Filing, FilingStep
from models.people import Person
from scoring.papers import Paper
from services.cycles.cycles import scheme_of
from services.entitlements import WRITE_REPORT, find_actor, scope_of
from services.filings.filing_rules import REPORT, act_of, states_of
from services.filings.opinions import feedback_text
from services.notices.notices import plan_notice
from services.successors import find_successors

KIND = "filing"


async def tell_move(
    cycle: Cycle, paper: Paper, subject: CycleSubject | None, filing: Filing, step: FilingStep, *, is_return: bool
) -> None:
    """Plan the notices of one move, inside its transaction."""
    if subject is not None and states_of(scheme_of(cycle), paper)[step.to_state].tells:
        await _tell(await person_concerned(subject), filing, step, await feedback_text(cycle, paper, subject, filing))
    elif is_return:
        writer, whose = await _writer(cycle, subject, filing)
        await _tell(writer, filing, step, _returned(cycle, paper, step, whose))
    elif paper.key == REPORT and step.from_state != step.to_state and step.by != filing.made_by:
        writer, whose = await _writer(cycle, subject, filing)
        await _tell(writer, filing, step, f"「{cycle.title}」{whose}{paper.title}转到了「{step.to_state}」。")


def _returned(cycle: Cycle, paper: Paper, step: FilingStep, whose: str) -> str:
    part = f"「{step.part}」这一部分：" if step.part else ""
    reason = f"{step.reason}。" if step.reason else ""
    word = "述职" if paper.key == REPORT else "材料"
    return f"「{cycle.title}」{whose}{paper.title}退回修改。{part}{reason}{step.note}\n回复 {word} 接着改，改好再交。"


async def _writer(cycle: Cycle, subject: CycleSubject | None, filing: Filing) -> tuple[int | None, str]:
    """Who goes on with it, and whose it is to them: whoever began it as long as they write it, else who has the post now.

    What a command brought in nobody has begun.
    """
    found, act = await Person.get_or_none(staff_no=filing.made_by), act_of(filing.paper, "writer")
    if subject is None or (
        found is not None and (await scope_of(cycle)).may(await find_actor(found.staff_no), act, subject)
    ):
        return (found.id if found else None), "您的"
    successors = await find_successors(act, [subject.organisation_id])
    return successors.who(subject.organisation_id), f"{subject.name}的"


async def person_concerned(subject: CycleSubject) -> int | None:
    """The person that a subject is, or who leads the organisation that it is."""
    if subject.person_id is not None:
        return subject.person_id
    successors = await find_successors(WRITE_REPORT, [subject.organisation_id])
    return successors.who(subject.organisation_id)


async def _tell(person_id: int | None, filing: Filing, step: FilingStep, text: str) -> None:
    if person_id is not None:
        await plan_notice(KIND, person_id, f"filing:{filing.id}:{step.version}", text, step.at)
