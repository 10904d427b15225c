"""A walk through every flow of the chat: every turn that choices and sayings can lead to."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from bot.conversation import Again, Flow, Incoming, Media, Outcome, Session, Turn, steps_of
from bot.turns import advance, begin, go_back_to
from handlers.chat import FLOWS, ROUTES
from tests.architecture.flow_contexts import CONTEXTS

ALL = {flow.name: flow for flow in (*FLOWS, *(route.to for route in ROUTES if isinstance(route.to, Flow)))}

# Asked only where somebody wants to correct what is understood already.
CORRECTIONS = {"topic", "held_on", "place", "absent", "minutes", "checks", "photos"}
SAMPLES = {name: found for name, found in CONTEXTS.items() if name in ALL}
CASES = [
    pytest.param(ALL[name], context, id=f"{name}{n}")
    for name, found in SAMPLES.items()
    for n, context in enumerate(found)
]

# What people may send to a question that reads more than its choices.
SAYINGS = (
    Incoming("张三"),
    Incoming("ACDE-FGHJ"),
    Incoming("85"),
    Incoming("2022-01-18"),
    Incoming(media=Media("image", "m1", {"MediaId": "m1"})),
    Incoming(media=Media("voice", "m2", {"Recognition": "食堂的灯坏了"})),
)


def turns(flow: Flow, turn: Turn) -> Iterator[Turn]:
    """The turns that answers to this turn's question lead to."""
    session = turn.session
    assert session is not None
    for option in turn.options:
        yield advance(flow, session, Incoming(option.label, option.menu_id))
        yield advance(flow, session, Incoming(option.label))
        if option.number:
            yield advance(flow, session, Incoming(str(option.number)))
    for saying in SAYINGS if not turn.options or reads(flow, session) else ():
        yield advance(flow, session, saying)


def reads(flow: Flow, session: Session) -> bool:
    """Whether the present question takes more than its choices."""
    return any(step.key == session.at and step.read is not None for step in steps_of(flow, session.context))


def walk(flow: Flow, context: Mapping[str, Any]) -> list[Turn]:
    """Every turn that can be reached; questions with the same answers given count as one."""
    todo, seen, found = [begin(flow, context, "i1")], set[str](), list[Turn]()
    while todo:
        turn = todo.pop()
        found.append(turn)
        place = state(turn)
        if turn.outcome is Outcome.ASK and place not in seen:
            seen.add(place)
            todo += turns(flow, turn)
        todo += corrections(flow, turn)
    return found


def corrections(flow: Flow, turn: Turn) -> list[Turn]:
    """A confirmation that names a question leads back to it: `done` answers `Again`. One correction is followed, not all of them."""
    if turn.outcome is not Outcome.FINISH or turn.session is None:
        return []
    wanted = turn.answers.get(turn.session.at)
    keys = {step.key for step in steps_of(flow, turn.session.context)}
    if not isinstance(wanted, str) or wanted not in keys or CORRECTIONS & set(turn.answers):
        return []
    return [go_back_to(flow, turn.session, Again(wanted, ""))]


def state(turn: Turn) -> str:
    """Which question is asked, and which others have been answered, or passed over with an empty answer."""
    session = turn.session
    return f"{session.at} {sorted((key, bool(value)) for key, value in session.answers.items())}" if session else ""


def questions(flow: Flow, context: Mapping[str, Any]) -> dict[str, Turn]:
    """One turn for each state that asks."""
    return {state(turn): turn for turn in walk(flow, context) if turn.outcome is Outcome.ASK}


def session_of(turn: Turn) -> Session:
    assert turn.session is not None
    return turn.session
