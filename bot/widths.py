"""How many bytes a sealed session needs whatever was answered, so that its size in Redis tells nothing of the answers."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

from bot.conversation import Flow, Session, Step, steps_of
from bot.replies import render
from bot.turns import ask_again


def room_of(flow: Flow, session: Session) -> int:
    """Bytes of JSON: the session as if the longest choice had been taken everywhere, and its question in full, as what is left of it
    to read is sealed, too. Depends on form and step alone; free text has the length it has.
    """
    widest = _widest(flow, replace(session, paused=False, room=0))
    turn = ask_again(flow, widest)
    shallow = {each.name: getattr(widest, each.name) for each in fields(widest)}
    return _size({"session": shallow, "rest": render(turn.text, turn.options, turn.hints)})


def _widest(flow: Flow, session: Session) -> Session:
    answered = [step for step in steps_of(flow, session.context) if step.key in session.answers]
    return replace(session, answers={step.key: _widest_answer(step, session) for step in answered})


def _widest_answer(step: Step, session: Session) -> Any:
    choices = step.ask(session.context, session.answers).choices
    return max((choice.value for choice in choices), key=_size, default=session.answers[step.key])


def _size(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode())
