"""What a scheme says of a paper: its parts, the states it goes through, who acts in each, what is missing in it. Pure."""

from collections.abc import Mapping, Sequence

from config.refusals import Refusal
from scoring import faults
from scoring.papers import Paper, Part, faults_of
from scoring.procedures import Procedure, State
from scoring.scheme import Scheme
from services import entitlements as acts

REPORT, CLEAR_POINTS, COMMENT, OPINION, DIGEST = "report", "clear_points", "comment", "opinion", "digest"
"""The papers that have a word of their own in the chat, by the keys that schemes give them."""
DRAFT = "草稿"
_TEXT = (Part(name="正文"),)
_USUAL = (
    State(name=DRAFT, by="填写人", then=("已交",), hand="writer"),
    State(name="已交", by="组织部门", then=("收下", "退回"), hand="office"),
    State(name="退回", by="填写人", then=("已交",), hand="writer"),
    State(name="收下", by="组织部门"),
)
"""What a paper goes through where the document names no procedure: handed in, received or sent back."""
_ACTS: Mapping[str, Mapping[str, str]] = {
    REPORT: {"writer": acts.WRITE_REPORT, "office": acts.PRE_REVIEW, "leaders": acts.PASS_REPORT},
    OPINION: {"writer": acts.WRITE_OPINION, "office": acts.WRITE_OPINION, "leaders": acts.DECIDE_OPINION},
    CLEAR_POINTS: {"writer": acts.PRE_REVIEW},
}


def paper_of(scheme: Scheme, key: str) -> Paper:
    """The paper of that key. A paper without parts is one text. Raises `Refusal` `no_such_paper`."""
    papers = {paper.key: paper for paper in scheme.papers}
    if key not in papers:
        raise Refusal(
            "no_such_paper", f"这个方案没有「{faults.clip(key)}」这种材料{faults.suggest(key, papers)}。", 404
        )
    paper = papers[key]
    return paper if paper.parts else paper.model_copy(update={"parts": _TEXT})


def procedure_of(scheme: Scheme, paper: Paper) -> Procedure | None:
    """The procedure that the scheme prescribes for the paper."""
    return next((one for one in scheme.procedures if one.key == paper.procedure), None)


def states_of(scheme: Scheme, paper: Paper) -> Mapping[str, State]:
    """All states of the paper by name, in order; the first one is being written."""
    procedure = procedure_of(scheme, paper)
    states = procedure.states if procedure else _USUAL
    if states[0].hand != "writer":
        states = (State(name=DRAFT, by=paper.by, then=(states[0].name,), hand="writer"), *states)
    return {state.name: state for state in states}


def reasons_of(scheme: Scheme, paper: Paper) -> tuple[str, ...]:
    """Why it may be sent back, in the document's words; empty where it gives none."""
    procedure = procedure_of(scheme, paper)
    return procedure.reasons if procedure else ()


def act_of(paper: str, hand: str | None) -> str:
    """The act (services.entitlements) of whoever has the paper in hand; of nobody: the writer's."""
    usual = acts.RECEIVE if hand in ("office", "leaders") else f"{acts.WRITE_PAPER}{paper}"
    return _ACTS.get(paper, {}).get(hand or "writer", usual)


def acts_on(paper: str) -> frozenset[str]:
    """Every act that lets somebody see the paper of another."""
    return frozenset(act_of(paper, hand) for hand in ("writer", "office", "leaders"))


def missing_in(paper: Paper, filled: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """What keeps it from being handed in, a sentence each."""
    return faults_of(paper, filled)


def missing_line(paper: Paper, filled: Mapping[str, Sequence[str]]) -> str:
    """The same on one line: the parts in which nothing stands by their names, then what else there is; empty where nothing is."""
    empty = [part for part in empty_parts(paper, filled) if not filled.get(part.name)]
    names = [f"{part.name}（至少 {part.low} 项）" if part.low > 1 else part.name for part in empty]
    begun = paper.model_copy(update={"parts": tuple(part for part in paper.parts if part not in empty)})
    others = missing_in(begun, {name: entries for name, entries in filled.items() if entries})
    return "；".join([*([f"还没有写：{'、'.join(names)}"] if names else []), *others])


def wrong_in(paper: Paper, filled: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """What cannot even stand in a draft: unknown parts, too many entries, entries that are no choice."""
    loose = tuple(part.model_copy(update={"low": 0}) for part in paper.parts)
    return faults_of(paper.model_copy(update={"parts": loose}), filled)


def empty_parts(paper: Paper, filled: Mapping[str, Sequence[str]]) -> tuple[Part, ...]:
    """The parts that still need entries, in order."""
    return tuple(part for part in paper.parts if len(filled.get(part.name, ())) < part.low)


def entries_of(paper: Paper, filled: Mapping[str, Sequence[str]], role: str) -> list[str]:
    """All entries of the parts that have this role."""
    return [entry for part in paper.parts if part.role == role for entry in filled.get(part.name, ())]


def listed(scheme: Scheme, fact: str) -> tuple[str, ...]:
    """What the document lists under this fact; empty where it does not."""
    return next((one.items for one in scheme.listings if one.fact == fact), ())
