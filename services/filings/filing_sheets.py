"""A filing with all that stands around it, and what keeps it from being written or moved."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from config.clock import shown
from config.refusals import BadInput, Refusal
from models.cycles import Cycle, CycleSubject
from models.filings import Filing, FilingStep
from models.people import Person
from scoring.papers import Paper
from scoring.procedures import State
from services.cycles.cycles import scheme_of
from services.filings.filing_rules import act_of, missing_in, paper_of, reasons_of, states_of

MAX_ENTRY, MAX_ENTRIES = 5000, 50
MAX_NOTE = 500


@dataclass(frozen=True, slots=True)
class Sheet:
    """A filing with all that stands around it: its cycle, its paper in the scheme, its present state, whom it is about."""

    filing: Filing
    cycle: Cycle
    paper: Paper
    states: Mapping[str, State]
    subject: CycleSubject | None

    @property
    def state(self) -> State:
        """The state in which it is."""
        return self.states[self.filing.state]

    @property
    def is_being_written(self) -> bool:
        """Whether its writer has it in hand."""
        return self.state.hand == "writer"

    @property
    def missing(self) -> tuple[str, ...]:
        """What keeps it from being handed in."""
        return missing_in(self.paper, self.filing.filled)


@dataclass(frozen=True, slots=True)
class Move:
    """Where a filing shall go. `version`: the one that was looked at, None where nobody looked; `key`: of the message that asks.

    `reason`: one of the scheme's, `part`: which is to be written anew, `note`: a sentence; all three for sending back.
    """

    to: str
    version: int | None = None
    reason: str = ""
    part: str = ""
    note: str = ""
    key: str | None = None


def sheet_of(filing: Filing, cycle: Cycle, subject: CycleSubject | None) -> Sheet:
    """A filing of which cycle and subject are at hand."""
    scheme = scheme_of(cycle)
    paper = paper_of(scheme, filing.paper)
    return Sheet(filing, cycle, paper, states_of(scheme, paper), subject)


def check_about(cycle: Cycle, paper: Paper, subject: CycleSubject | None, about: str) -> None:
    """Raise `BadInput` where a paper of each subject names none or one that has none, or one of each stage no stage of the scheme."""
    stages = [stage.key for stage in scheme_of(cycle).stages]
    if paper.about == "subject" and subject is None:
        raise BadInput([f"subject：{paper.title}要写明是哪个对象的"])
    if subject is not None and paper.about == "subject" and not paper.is_of(subject.kind):
        raise BadInput([f"subject：{paper.title}没有「{subject.name}」的：{paper.each or '每个对象'}一份"])
    if paper.about == "stage" and about not in stages:
        raise BadInput([f"about：{paper.title}要写明是哪个阶段的：{'、'.join(stages)}"])


def find_sizes(filled: Mapping[str, list[str]]) -> Iterable[str]:
    """A sentence for each part that has too many entries, or too long ones."""
    for name, entries in filled.items():
        if len(entries) > MAX_ENTRIES:
            yield f"「{name}」有 {len(entries)} 段，最多 {MAX_ENTRIES} 段"
        if longest := max((len(entry) for entry in entries if len(entry) > MAX_ENTRY), default=0):
            yield f"「{name}」有一段 {longest} 字，一段最多 {MAX_ENTRY} 字"


async def check_fresh(filing: Filing, version: int | None) -> None:
    """Raise `Refusal` `stale`, with who moved it when, unless this is the version that was looked at; None: nobody looked."""
    if version is None or version == filing.version:
        return
    last = await FilingStep.filter(filing_id=filing.id).order_by("-id").first()
    if last is None or last.version <= version:
        raise Refusal("stale", "这份材料刚才又有改动，请重新打开看最新的内容。")
    mover = await Person.get_or_none(staff_no=last.by)
    who = mover.name if mover else "办理人"
    say = f"这份材料已由{who}于 {shown(last.at)} 办理：「{last.from_state}」转到「{last.to_state}」，您这一次没有生效。"
    raise Refusal("stale", say)


def check_way(sheet: Sheet, to: str) -> None:
    """Raise `Refusal` `wrong_state` unless the filing may go there from where it is."""
    then = sheet.state.then
    if to in then:
        return
    ways = f"可以转到「{'」或「'.join(then)}」" if then else "这是最后一步"
    raise Refusal("wrong_state", f"{sheet.paper.title}现在是「{sheet.filing.state}」，不能转到「{to}」；{ways}。")


def check_mover(sheet: Sheet, steps: Sequence[FilingStep], actor: str) -> Refusal | None:
    """Whoever hands in does not also receive, whoever reviewed does not also pass; the office moves its own opinions on.

    `steps`: the moves of the filing, the newest first. None where the actor may go on.
    """
    # Whoever handed it in does not pass it later either, though another has reviewed it in between.
    handed_in = next((one for one in steps if sheet.states[one.from_state].hand == "writer"), None)
    return _check_hands(sheet, steps[0] if steps else None, actor) or _check_hands(sheet, handed_in, actor)


def _check_hands(sheet: Sheet, last: FilingStep | None, actor: str) -> Refusal | None:
    """`last`: the newest move of the filing, or that which handed it in."""
    if last is None or last.by != actor or sheet.is_being_written:
        return None
    if act_of(sheet.paper.key, sheet.states[last.from_state].hand) == act_of(sheet.paper.key, sheet.state.hand):
        return None
    return Refusal("same_person", "前面是您交的或办的，这一步要由另一位同志来办。", 403)


def is_return(sheet: Sheet, to: str) -> bool:
    """Whether this gives the filing back to its writer."""
    return not sheet.is_being_written and sheet.states[to].hand == "writer"


def check_return(sheet: Sheet, move: Move) -> None:
    """Raise `BadInput` where what is said with a move does not fit, or a return lacks its reason."""
    reasons = reasons_of(scheme_of(sheet.cycle), sheet.paper)
    faults = []
    if len(move.note) > MAX_NOTE:
        faults.append(f"说明不超过 {MAX_NOTE} 字")
    if move.part and move.part not in {part.name for part in sheet.paper.parts}:
        faults.append(f"没有「{move.part}」这一部分")
    if is_return(sheet, move.to):
        if reasons and move.reason not in reasons:
            faults.append(f"退回的理由应是：{'、'.join(reasons)}")
        if not move.note.strip():
            faults.append("退回时请用一句话说明怎样修改")
    if faults:
        raise BadInput(faults)
