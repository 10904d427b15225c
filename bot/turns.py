"""What one message makes of a conversation: `begin` puts a person at the first question, `advance` takes a message to the next `Turn`.

Pure: the same input gives the same turn. Who calls it does what the turn says (`bot.runner`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.conversation import (
    Again,
    Answers,
    Ask,
    Choice,
    Context,
    Elsewhere,
    Flow,
    Incoming,
    Invalid,
    Option,
    Outcome,
    Session,
    Step,
    Turn,
    flow_key,
    flow_tag,
    is_numbered,
    steps_of,
)
from bot.words import BACK, CANCEL, CONTINUE, HELP, global_word, is_labelled, normal, number_of, same_word

BELATED_S = 60
"""The platform delivers a message within a quarter of a minute, or not at all."""

_TAPPED_WORDS = {"b": BACK, "c": CANCEL, "h": HELP}


def begin(
    flow: Flow,
    context: Context,
    instance: str,
    args: Mapping[str, str] | None = None,
    answers: Answers | None = None,
    preface: str = "",
) -> Turn:
    """Stand before the first unanswered question. `answers` come from a draft; those of unknown steps are dropped."""
    key = flow_key(flow.name, args or {})
    session = Session(flow.name, key, flow.version, instance, context, "", {}, dict(args or {}))
    return _next(_stand(flow, session), answers or {}, preface)


def advance(flow: Flow, session: Session, incoming: Incoming) -> Turn:
    """Take one message to the next turn. Pure; the same input gives the same turn."""
    here = _stand(flow, session)
    if session.version != flow.version or here.position < 0:
        return Turn(Outcome.OUTDATED, session)
    gathered = _gathered(here, incoming)
    if gathered is not None:
        return gathered
    if _is_belated(session, incoming):
        return _repeat(here, "收到一条更早发出的消息，没有改动任何内容。现在请回答：")
    if incoming.menu_id.startswith("f."):
        return _tapped(here, incoming)
    return _typed(here, incoming)


def _is_belated(session: Session, incoming: Incoming) -> bool:
    """Whether it was sent before the present question was asked: overtaken on its way, or repeated after Redis was flushed.

    Photos may overtake each other. A difference beyond what the platform repeats is a clock put right, not a late message.
    """
    return incoming.media is None and 0 < incoming.sent_at < session.asked_at <= incoming.sent_at + BELATED_S


def _is_unread(session: Session, incoming: Incoming) -> bool:
    """Whether it was waiting already when the present question was asked: several typed at once do not fill a form unseen."""
    return incoming.behind is not None and incoming.behind < session.since


def ask_again(flow: Flow, session: Session, preface: str = "") -> Turn:
    """The present question once more, after what `preface` says; a paused session goes on."""
    here = _stand(flow, session)
    return _ask(here, preface) if here.position >= 0 else Turn(Outcome.OUTDATED, session)


def repeat_after(flow: Flow, session: Session, why: str) -> Turn:
    """The present question once more, without what stands above it: its answer was refused, because of `why`."""
    here = _stand(flow, session)
    return _repeat(here, why) if here.position >= 0 else Turn(Outcome.OUTDATED, session)


def go_back_to(flow: Flow, session: Session, again: Again) -> Turn:
    """What `done` wished with `Again`: that step is asked anew, with the reason before it."""
    answers = {key: value for key, value in session.answers.items() if key != again.step_key}
    return ask_again(flow, replace(session, at=again.step_key, answers=answers), again.text)


def match_choice(choices: tuple[Choice, ...], text: str) -> Choice | None:
    """The choice that a typed text means: by word first, then by number. A word that two choices share means neither."""
    said = normal(text)
    named = [c for c in choices if any(said == normal(word) for word in (c.label, c.said, *c.words))]
    if named:
        return named[0] if len(named) == 1 else None
    number = number_of(text) if is_numbered(choices) else 0
    return choices[number - 1] if 0 < number <= len(choices) else None


def match_line(choices: tuple[Choice, ...], text: str) -> Choice | None:
    """The choice that a typed text repeats as it is shown, its number and its label: only where the two agree."""
    shown = enumerate(choices, 1) if is_numbered(choices) else ()
    return next((one for number, one in shown if is_labelled(text, number, one.label)), None)


@dataclass(frozen=True, slots=True)
class _Stand:
    """A session seen in its flow; the steps are worked out once a message. `position` is -1 where the step is unknown."""

    flow: Flow
    session: Session
    steps: tuple[Step, ...]
    position: int

    @property
    def step(self) -> Step:
        return self.steps[self.position]

    @property
    def link(self) -> str:
        """Names flow, instance and question: what a tapped option's menu id begins with."""
        return f"f.{flow_tag(self.session.flow)}.{self.session.instance}.{self.position}"

    def ask(self) -> Ask:
        return self.step.ask(self.session.context, self.session.answers)

    def wanted(self, answers: Answers) -> list[Step]:
        """The steps that are not skipped."""
        return [step for step in self.steps if not self._is_skipped(step, answers)]

    def previous(self) -> Step | None:
        before = reversed(self.steps[: self.position])
        return next((step for step in before if not self._is_skipped(step, self.session.answers)), None)

    def _is_skipped(self, step: Step, answers: Answers) -> bool:
        return step.skip_if is not None and step.skip_if(self.session.context, answers)

    def at(self, key: str, **changes: Any) -> _Stand:
        """The same flow at another question."""
        session = replace(self.session, at=key, **changes)
        return _Stand(self.flow, session, self.steps, _find(self.steps, key))


def _stand(flow: Flow, session: Session) -> _Stand:
    steps = steps_of(flow, session.context)
    return _Stand(flow, session, steps, _find(steps, session.at))


def _find(steps: tuple[Step, ...], key: str) -> int:
    return next((i for i, step in enumerate(steps) if step.key == key), -1)


def _ask(here: _Stand, preface: str = "") -> Turn:
    ask = here.ask()
    return _shown(here, ask, f"{ask.before}{ask.text}", preface)


def _repeat(here: _Stand, why: str) -> Turn:
    """The question once more to somebody who has just read it whole."""
    ask = here.ask()
    return _shown(here, ask, ask.text, why)


def _shown(here: _Stand, ask: Ask, text: str, preface: str) -> Turn:
    numbered = is_numbered(ask.choices)
    link = here.link
    options = tuple(Option(i + 1 if numbered else 0, c.label, f"{link}.{i}", c.says) for i, c in enumerate(ask.choices))
    text = f"{preface}\n\n{text}" if preface else text
    return Turn(Outcome.ASK, replace(here.session, paused=False), text, options, _hints(here, ask.choices))


def _hints(here: _Stand, choices: tuple[Choice, ...]) -> tuple[Option, ...]:
    offered = {choice.value for choice in choices}
    unfit = offered if here.previous() else offered | {BACK}
    return tuple(Option(0, word, f"{here.link}.{mark}") for mark, word in _TAPPED_WORDS.items() if word not in unfit)


def _tapped(here: _Stand, incoming: Incoming) -> Turn:
    """A tapped link answers only the question it was shown with."""
    link, _, mark = incoming.menu_id.rpartition(".")
    if link != here.link:
        return _repeat(here, "您点的是前面的选项，没有改动任何内容。现在请回答：")
    if mark in _TAPPED_WORDS:
        return _obey(here, _TAPPED_WORDS[mark])
    choices = here.ask().choices
    index = int(mark) if re.fullmatch(r"[0-9]{1,3}", mark) else len(choices)
    if index >= len(choices) or not same_word(choices[index].said, incoming.text):
        return _repeat(here, "这个选项已经变了，请重新选择：")
    return _choose(here, choices[index])


def _gathered(here: _Stand, incoming: Incoming) -> Turn | None:
    """The turn of a message that the flow takes in beside its answers. The order in which such come does not matter."""
    if here.flow.gather is None or incoming.menu_id or not _may_be_gathered(here, incoming):
        return None
    session = here.session
    try:
        answers = here.flow.gather.add(incoming, session.context, session.answers, session.at)
    except Invalid as unfit:
        return _repeat(here, unfit.say)
    if answers is None:
        return None
    turn = _next(here, answers) if session.at in answers else _ask(here.at(session.at, answers=answers))
    return replace(turn, gathered=True)


def _may_be_gathered(here: _Stand, incoming: Incoming) -> bool:
    """Media always; a text only where it can mean nothing else: no word, no choice, and no other flow has come between."""
    if incoming.media is not None:
        return True
    is_word = incoming.known or bool(global_word(incoming.text))
    return not (is_word or here.session.paused or match_choice(here.ask().choices, incoming.text))


def _typed(here: _Stand, incoming: Incoming) -> Turn:
    ask, paused, tapped = here.ask(), here.session.paused, bool(incoming.menu_id)
    if incoming.media is not None:
        return _read(here, incoming, ask)
    word = global_word(incoming.text)
    if word in (CANCEL, BACK, HELP):
        return _obey(here, word)
    choice = match_choice(ask.choices, incoming.text) or _shown_choice(here, ask, incoming.text)
    if ask.choices and not tapped and _is_unread(here.session, incoming) and (choice or not incoming.known):
        return _repeat(here, "这条消息是在看到这一题之前发出的，没有算作回答。现在请回答：")
    if choice is not None and not paused and not tapped:
        return _choose(here, choice)
    if word:
        return _obey(here, word)
    if incoming.known and (ask.choices or paused or tapped):
        return Turn(Outcome.INTERRUPTED, here.session)
    if tapped or (paused and ask.choices):
        return _ask(here, f"回到「{here.flow.name}」：")
    return _read(here, incoming, ask)


def _shown_choice(here: _Stand, ask: Ask, text: str) -> Choice | None:
    """A step with a `read` has a grammar of its own, in which 「1 优秀」 may well be the first person's grade."""
    return match_line(ask.choices, text) if here.step.read is None else None


def _read(here: _Stand, incoming: Incoming, ask: Ask) -> Turn:
    try:
        value = _value(here, incoming, ask)
    except Invalid as unfit:
        if incoming.known and incoming.media is not None:
            return Turn(Outcome.INTERRUPTED, here.session)
        return _repeat(here, unfit.say)
    return _go_elsewhere(here, value) if isinstance(value, Elsewhere) else _answer(here, value)


def _go_elsewhere(here: _Stand, found: Elsewhere) -> Turn:
    answers = {**here.session.answers, **found.answers}
    return _ask(here.at(found.to, answers=answers)) if found.to else _next(here, answers)


def _value(here: _Stand, incoming: Incoming, ask: Ask) -> Any:
    if here.step.read is not None:
        return here.step.read(incoming, here.session.context, here.session.answers)
    if ask.choices:
        how = "请点选，或回复选项的序号、文字" if is_numbered(ask.choices) else "请点选，或回复选项的文字"
        raise Invalid(f"没有这个选项，{how}：")
    if incoming.media is not None or not incoming.text.strip():
        raise Invalid("这一步请用文字回复。")
    return incoming.text.strip()


def _obey(here: _Stand, word: str) -> Turn:
    """The global words, inside a flow."""
    name = here.flow.name
    if word == CANCEL:
        return Turn(Outcome.CANCELLED, None, f"已取消「{name}」。{here.flow.kept}")
    if word == BACK:
        previous = here.previous()
        return _ask(here.at(previous.key)) if previous else _repeat(here, "已经是第一步了。")
    if word == HELP:
        lost = here.flow.kept or "没有提交的不留；去办别的事，进度会留着，回复 继续 接着办。"
        return _repeat(here, f"您正在办「{name}」。回复 上一步 可改前一项，回复 取消 就不办了，{lost}")
    return _ask(here, f"回到「{name}」：") if word == CONTINUE else _repeat(here, "现在还没有到确认的一步。")


def _choose(here: _Stand, choice: Choice) -> Turn:
    if choice.value in (BACK, CANCEL, HELP):
        return _obey(here, choice.value)
    return _ask(here.at(choice.to)) if choice.to else _answer(here, choice.value, dict(choice.also))


def _answer(here: _Stand, value: Any, also: Answers | None = None) -> Turn:
    return _next(here, {**here.session.answers, **(also or {}), here.step.key: value})


def _next(here: _Stand, answers: Answers, preface: str = "") -> Turn:
    """The first unanswered question of all, so that a changed answer never leaves a hole; or the end."""
    wanted = here.wanted(answers)
    answers = {step.key: answers[step.key] for step in wanted if step.key in answers}
    for step in wanted:
        if step.key not in answers:
            return _ask(here.at(step.key, answers=answers), preface)
    return _finish(here, wanted, answers)


def _finish(here: _Stand, wanted: list[Step], answers: Answers) -> Turn:
    """Done, but the last answer (the confirmation) is not kept: whatever goes wrong next, it is asked for once more."""
    if not wanted:
        return Turn(Outcome.FINISH, here.session, answers=answers)
    last = wanted[-1].key
    kept = {key: value for key, value in answers.items() if key != last}
    return Turn(Outcome.FINISH, here.at(last, answers=kept, paused=False).session, answers=answers)
