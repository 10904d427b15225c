"""One shape for all that waits for somebody's decision: which one, what is decided, in what words, 确认."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from bot.conversation import (
    CONFIRMATION,
    Again,
    Answers,
    Ask,
    Caller,
    Choice,
    Context,
    Flow,
    Incoming,
    Said,
    Start,
    Step,
)
from bot.replies import plain
from config.refusals import BadInput
from handlers.chat.about import about_one
from handlers.chat.accounts import BIND_FIRST, binding_changed
from handlers.chat.dictation import read_words
from services.entitlements import Actor, find_actor
from services.people.accounts import find_person
from services.runtime import Runtime

OFFERED = 9
MOST_WORDS = 500
_EXCERPT = 400


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that waits: `label` to choose it by, `text` to decide on."""

    id: int
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided about a case, by whom and when. `choice`: the value of one of the flow's choices."""

    case_id: int
    choice: str
    words: str
    actor: str
    at: datetime


Find = Callable[[Actor], Awaitable[list[Case]]]
Decide = Callable[[Verdict], Awaitable[str]]
"""Calls the service, and says what became of it."""


def verdict_flow(*, name: str, find: Find, choices: tuple[Choice, ...], ask: str, decide: Decide, nothing: str) -> Flow:
    """A flow for who may decide. `ask`: what the words are to say; `nothing`: what is said where nothing waits for the person.

    With a single choice it is not asked. Its word is its name; 任务 and the menus of others may start it.
    """

    async def load(rt: Runtime, caller: Caller) -> Context | Said:
        person = await find_person(caller.openid)
        if person is None:
            return BIND_FIRST
        found = await find(await find_actor(person.staff_no))
        if not found:
            return Said(nothing, (Choice("任务", "任务"),))
        return {"actor": person.staff_no, "cases": [asdict(one) for one in found[:OFFERED]], "count": len(found)}

    def ask_case(context: Context, answers: Answers) -> Ask:
        more = f"（先列最早的 {OFFERED} 件）" if context["count"] > OFFERED else ""
        offered = tuple(Choice(str(one["id"]), one["label"]) for one in context["cases"])
        return Ask(f"有 {context['count']} 件等您办{more}，先办哪一件？", offered)

    def ask_choice(context: Context, answers: Answers) -> Ask:
        return Ask(_shown(context, answers), choices)

    def ask_words(context: Context, answers: Answers) -> Ask:
        before = f"{_shown(context, answers)}\n\n" if len(choices) == 1 else f"{_label(choices, answers)}。"
        return Ask(f"{before}{ask}（打字或语音，不超过 {MOST_WORDS} 字）：")

    def ask_confirm(context: Context, answers: Answers) -> Ask:
        chosen = _label(choices, answers)
        return Ask(
            f"{plain(_case(context, answers)['label'])}\n{chosen}：{plain(answers['words'])}\n提交吗？", CONFIRMATION
        )

    async def done(rt: Runtime, caller: Caller, context: Context, answers: Answers) -> Said | Again | Start:
        person = await find_person(caller.openid)
        if person is None or person.staff_no != context["actor"]:
            return binding_changed(name)
        choice = answers.get("choice", choices[0].value)
        case_id = int(_case(context, answers)["id"])
        try:
            said = await decide(Verdict(case_id, choice, answers["words"], person.staff_no, caller.at))
        except BadInput as bad:
            return Again("words", bad.say)
        more = (Choice(name, "下一件"),) if context["count"] > 1 else ()
        return Said(said, (*more, Choice("任务", "任务")))

    steps = (
        Step("case", ask_case, None, lambda context, answers: len(context["cases"]) == 1),
        *([Step("choice", ask_choice)] if len(choices) > 1 else []),
        Step("words", ask_words, _read_words),
        Step("confirm", ask_confirm),
    )
    return Flow(
        name=name,
        version="1",
        ttl=timedelta(days=7),
        load=load,
        steps=steps,
        done=done,
        about=about_one("case", lambda context: [str(one["id"]) for one in context["cases"]]),
    )


def _case(context: Context, answers: Answers) -> dict[str, str]:
    cases: list[dict[str, str]] = context["cases"]
    gone = {"id": answers.get("case", "0"), "label": "（已不在名单里）", "text": "这一件已经不在名单里。"}
    return next((one for one in cases if str(one["id"]) == answers.get("case")), cases[0] if len(cases) == 1 else gone)


def _shown(context: Context, answers: Answers) -> str:
    text = _case(context, answers)["text"]
    return plain(text) if len(text) <= _EXCERPT else f"{plain(text[:_EXCERPT])}……"


def _label(choices: tuple[Choice, ...], answers: Answers) -> str:
    chosen = answers.get("choice", choices[0].value)
    return next((one.label for one in choices if one.value == chosen), "")


def _read_words(incoming: Incoming, context: Context, answers: Answers) -> str:
    return read_words(incoming, MOST_WORDS)
