"""How many bytes a sealed session needs whatever was answered, so that its size in Redis tells nothing of the answers."""

from __future__ import annotations

import json
from dataclasses import fields
from functools import lru_cache
from typing import Any

from bot.conversation import Answers, Choice, Flow, Option, Session, Step, steps_of
from bot.replies import render
from bot.words import BACK, CANCEL, HELP

_LINK = "f" * 32
"""As long as the name of any question's link."""


def room_of(flow: Flow, session: Session) -> int:
    """Bytes of JSON: the session as if the longest choice had been taken everywhere, and its question in full, as what is left of it
    to read is sealed, too. Depends on form and step alone; free text has the length it has. Seldom a few bytes too many.
    """
    steps = steps_of(flow, session.context)
    longest = _longest_answers(steps, session)
    question = next(step for step in steps if step.key == session.at).ask(session.context, longest)
    kept = {each.name: getattr(session, each.name) for each in fields(session)}
    return (
        _size(kept | {"answers": longest, "paused": False, "room": 0}) + _size(question.text) + _shown(question.choices)
    )


def _longest_answers(steps: tuple[Step, ...], session: Session) -> Answers:
    return {step.key: step.widest or _longest_answer(step, session) for step in steps if step.key in session.answers}


def _longest_answer(step: Step, session: Session) -> Any:
    choices = step.ask(session.context, session.answers).choices
    return _longest(choices) if choices else session.answers[step.key]


@lru_cache(maxsize=256)  # a form offers the same few words at every question
def _longest(choices: tuple[Choice, ...]) -> str:
    return max((choice.value for choice in choices), key=_size)


@lru_cache(maxsize=256)
def _shown(choices: tuple[Choice, ...]) -> int:
    """Bytes of everything below a question's text."""
    options = [Option(len(choices), choice.label, _LINK) for choice in choices]
    return _size(render("", options, [Option(0, word, _LINK) for word in (BACK, CANCEL, HELP)]))


def _size(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode())
