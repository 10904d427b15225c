"""The words of conversations: flows as literals, questions, answers, and where a person stands.

Nothing here does I/O, reads a clock or knows what a flow is about. What a message makes of them: `bot.turns`.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from bot.words import BACK, CANCEL, CONFIRM, number_of

Context = Mapping[str, Any]
Answers = Mapping[str, Any]


class Invalid(Exception):
    """An answer that does not fit the step; `say` tells the person in Chinese what would."""

    def __init__(self, say: str) -> None:
        super().__init__(say)
        self.say = say


@dataclass(frozen=True, slots=True)
class Media:
    """A photo, voice, video, location or link; `detail` holds the remaining fields of the message by their XML names."""

    kind: str
    media_id: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a step gets to read. `known`: some route would take this message; `menu_id`: it was tapped, not typed.

    `sent_at`: the platform's CreateTime, unix seconds. `behind`: where it had to wait for an earlier message, the number that
    the desk had when it came (see `Session.since`).
    """

    text: str = ""
    menu_id: str = ""
    media: Media | None = None
    known: bool = False
    sent_at: int = 0
    behind: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One offered answer. In a step `value` is what is stored; in a `Said` outside flows it is the word that is sent.

    `to`: names a step of the flow; then nothing is stored, and that step is asked. `also`: answers to other steps, (key, value)
    each, that are stored with it. `says`: in a step, what a tap sends, where the label is a whole line; a link bears both.
    """

    value: str
    label: str
    words: tuple[str, ...] = ()
    to: str = ""
    also: tuple[tuple[str, str], ...] = ()
    says: str = ""

    @property
    def said(self) -> str:
        """What somebody says who taps it."""
        return self.says or self.label


CONFIRMATION = (Choice(CONFIRM, CONFIRM), Choice(BACK, BACK), Choice(CANCEL, CANCEL))
"""The choices of a final confirmation step; 上一步 and 取消 act as the global words."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A question. With choices it is a choice step, without a free-text step.

    `before`: what stands above it where it is asked or come back to; left out where an answer to it was not understood.
    """

    text: str
    choices: tuple[Choice, ...] = ()
    before: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A web page that an answer leads to: its address (made by us, never by a person), and what the link reads."""

    address: str
    label: str


@dataclass(frozen=True, slots=True)
class Said:
    """An answer to the person; choices become tappable words (see `Choice`). From `load` or `done` it ends the flow.

    No text carries markup: links are made of choices and of `page` alone, so nobody's name or title can bring one.
    """

    text: str
    choices: tuple[Choice, ...] = ()
    page: Page | None = None


@dataclass(frozen=True, slots=True)
class Again:
    """From `done` that has done nothing: go back to a step, because of what `text` says. The answers to the other steps stay."""

    step_key: str
    text: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """From a step's `read`: what was said answers other steps (`answers` by key, beside or without the present one), and `to` names
    the step to be asked next, where that is not the first unanswered one. An unknown step is a programmer's error.
    """

    answers: Answers = field(default_factory=dict)
    to: str = ""


@dataclass(frozen=True, slots=True)
class Start:
    """Begin (or resume, when it is under way with the same args) a flow. `args` reach its `load` as `caller.args`."""

    flow: Flow
    args: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who speaks, and when. `key` is the inbox key of the message: equal for every delivery of it, without the openid. In `done` of a
    flow that is not secret it is equal for every attempt to finish the same conversation with the same answers.

    `also`: in `done` of a `sole` flow, the args of its other sessions, oldest first.
    """

    openid: str
    key: str
    at: datetime
    app_id: str
    args: Mapping[str, str] = field(default_factory=dict)
    also: tuple[Mapping[str, str], ...] = ()


Read = Callable[[Incoming, Context, Answers], Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One question of a flow.

    `ask(context, answers)` gives the question. `read(incoming, context, answers)` gives the JSON value to store, or an
    `Elsewhere`, or raises `Invalid`; without it a free-text step stores the stripped text. In a choice step the engine picks the
    choice and stores its value; there `read` is asked only for what fits no choice. `skip_if(context, answers)` leaves the step
    out. `widest`: the longest answer there can be, where asking for the choices to find it would be dear (`bot.widths`).
    """

    key: str
    ask: Callable[[Context, Answers], Ask]
    read: Read | None = None
    skip_if: Callable[[Context, Answers], bool] | None = None
    widest: str = ""


@dataclass(frozen=True, slots=True)
class Gather:
    """Lets a flow take in messages beside the answers to its questions: photos that come one by one, in any order, some late.

    `add(incoming, context, answers, at)` is asked about media at every question, and about texts that fit no choice: the answers
    with it, or None where it is for the question `at` (a step's key); raises `Invalid`. Then the same question is asked again, or
    the next one where it is answered now. `keep(rt, caller, incoming)` does what has to be done with it before it is
    acknowledged, such as having a photo fetched; a repeat must change nothing.
    """

    add: Callable[[Incoming, Context, Answers, str], Answers | None]
    keep: Callable[[Any, Caller, Incoming], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Flow:
    """A conversation. `name` is what people read, `word` the chat word that starts it where that is another one.

    `load(rt, caller)` returns a JSON-stable context, or `Said` to end at once, or raises `config.refusals.Refusal`; a secret
    flow's context names its `realm`. `done(rt, caller, context, answers)` calls one service; after what it refuses the last question
    is asked again, unless the refusal is final. `late_text` is what a secret flow says when its answer missed the reply window
    (default 「请回复 <word> 继续」). `sole`: done once, it is done for every session of it; they end together.

    `about(context, answers)`: what all other answers are about, by key, asked or the only one there is; kept with the draft, which
    is gone on with only where that is still the same. It bears answers of any age.

    `kept`: the sentence that 取消 and 帮助 add where answers are stored as they are given: what stays, and how to go on.
    """

    name: str
    version: str
    ttl: timedelta
    load: Callable[[Any, Caller], Awaitable[Context | Said]]
    steps: tuple[Step, ...] | Callable[[Context], tuple[Step, ...]]
    done: Callable[[Any, Caller, Context, Answers], Awaitable[Said | Again | Start]]
    secret: bool = False
    keep_draft: bool = True
    late_text: str = ""
    word: str = ""
    sole: bool = False
    gather: Gather | None = None
    about: Callable[[Context, Answers], Answers] | None = None
    kept: str = ""

    @property
    def start_word(self) -> str:
        """What a person replies to begin or go on."""
        return self.word or self.name


@dataclass(frozen=True, slots=True)
class Session:
    """Where one person stands in one flow. `key` = `flow_key`; `instance` is random, so that old links are told apart.

    `asked_at`: CreateTime of the newest message that led here; what was sent before it is no answer to the present question.
    `since`: the number of the desk (`bot.inbox`, `rev`) with which the present question came.
    `room`: bytes that hold the session whatever the answers are (`bot.widths`); 0 where it is not sealed.
    """

    flow: str
    key: str
    version: str
    instance: str
    context: Context
    at: str
    answers: Answers = field(default_factory=dict)
    args: Mapping[str, str] = field(default_factory=dict)
    paused: bool = False
    asked_at: int = 0
    since: int = 0
    room: int = 0


class Outcome(enum.Enum):
    """What the caller of `advance` has to do next."""

    ASK = "ask"  # say the text, keep the session
    FINISH = "finish"  # call `done` with `answers`; the session is where to stand if that fails
    CANCELLED = "cancelled"  # say the text, forget the session
    INTERRUPTED = "interrupted"  # let the routes answer, keep the session as paused
    OUTDATED = "outdated"  # the flow has changed since: start again


@dataclass(frozen=True, slots=True)
class Option:
    """A choice ready to be shown: the number is 0 where choices are not numbered; `says`: what a tap sends, where not the label."""

    number: int
    label: str
    menu_id: str
    says: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """The result of one message; `hints` are the global words that can be tapped below the choices.

    `gathered`: the flow has taken the message in beside its answers (`Gather`), so it is to be kept.
    """

    outcome: Outcome
    session: Session | None
    text: str = ""
    options: tuple[Option, ...] = ()
    hints: tuple[Option, ...] = ()
    answers: Answers = field(default_factory=dict)
    gathered: bool = False


def flow_key(name: str, args: Mapping[str, str]) -> str:
    """Names a flow together with what it is about: the name, plus a short digest of args where there are any."""
    if not args:
        return name
    return f"{name}#{_digest(repr(sorted(args.items())), 12)}"


@lru_cache(maxsize=256)
def flow_tag(name: str) -> str:
    """A short ASCII name of a flow, for links."""
    return _digest(name, 6)


@lru_cache(maxsize=256)
def is_numbered(choices: tuple[Choice, ...]) -> bool:
    """Whether choices are offered by position: not where a label is itself a number, so that "1" means one thing.

    Nor where 确认 is among them: what cannot be taken back is said in words or tapped, never by a stray digit.
    """
    return not any(
        choice.value == CONFIRM or number_of(word) for choice in choices for word in (choice.label, *choice.words)
    )


def about_of(flow: Flow, context: Context, answers: Answers) -> Answers:
    """What the answers are about, by key; empty where the flow's args say it all."""
    return flow.about(context, answers) if flow.about else {}


def steps_of(flow: Flow, context: Context) -> tuple[Step, ...]:
    """All steps of the flow in this context, skipped ones included."""
    return flow.steps(context) if callable(flow.steps) else flow.steps


def _digest(text: str, length: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]
