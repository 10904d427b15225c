"""异议: to what is on public notice, in one's own name; and the office's answer (S2-35)."""

from datetime import timedelta
from functools import partial

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
from bot.messages import InMessage
from bot.replies import plain
from bot.routes import Match, Route
from config.clock import shown
from handlers.chat.about import about_one
from handlers.chat.accounts import BIND_FIRST, binding_changed
from handlers.chat.dictation import read_words
from handlers.chat.pending import Case, Verdict, verdict_flow
from models.objections import CORRECTED, RECEIVED, UPHELD, Objection
from services.day_words import shown_day
from services.entitlements import Actor
from services.people.accounts import find_person
from services.public_notices.objections import (
    ANSWER_WORD,
    MAX_TEXT,
    OUTCOMES,
    PENDING,
    answer_objection,
    list_objectionable,
    list_own,
    reference_of,
    say_answered,
    submit_objection,
)
from services.runtime import Runtime

_NONE = "现在没有您可以提异议的公示。公示时会在 公示 里看到；其他意见请回复 投诉建议。"
_ANOTHER = "提异议"
_EXCERPT = 120


async def show_objections(rt: Runtime, caller: Caller, message: InMessage, match: Match) -> Said | Start:
    """异议: what the person has objected to and what came of it; who has not objected yet begins at once."""
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    own = await list_own(person.id)
    if not own:
        return Start(OBJECT)
    more = (Choice(_ANOTHER, "再提一条异议"),) if await list_objectionable(person, caller.at) else ()
    return Said("\n\n".join(["您提过的异议：", *map(_own, own)]), (*more, Choice("任务", "任务")))


def _own(one: Objection) -> str:
    head = f"{reference_of(one)}「{one.notice.title}」：{_cut(one.text)}"
    if one.outcome == RECEIVED:
        return f"{head}\n已收到，等待答复（公示到{shown_day(one.notice.to_day)}）。"
    return f"{head}\n已答复：{OUTCOMES[one.outcome]}。{one.answer}"


def _cut(text: str) -> str:
    return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]}……"


async def _load(rt: Runtime, caller: Caller) -> Context | Said:
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    found = await list_objectionable(person, caller.at)
    if not found:
        return Said(_NONE, (Choice("公示", "公示"), Choice("投诉建议", "投诉建议")))
    notices = [{"id": str(one.id), "title": one.title, "last": shown_day(one.to_day)} for one in found]
    return {"person": person.id, "name": person.name, "notices": notices}


def _notice(context: Context, answers: Answers) -> dict[str, str]:
    notices: list[dict[str, str]] = context["notices"]
    return next((one for one in notices if one["id"] == answers.get("notice")), notices[0])


def _ask_notice(context: Context, answers: Answers) -> Ask:
    offered = (Choice(one["id"], f"{one['title']}（到 {one['last']}）") for one in context["notices"])
    return Ask("对哪一份公示有异议？", tuple(offered))


def _has_one_notice(context: Context, answers: Answers) -> bool:
    return len(context["notices"]) == 1


def _ask_text(context: Context, answers: Answers) -> Ask:
    return Ask(
        f"对「{plain(_notice(context, answers)['title'])}」的异议：请说明哪一项、为什么，打字或语音都行，不超过 {MAX_TEXT} 字。\n"
        f"异议是实名的：组织部门会看到您的姓名（{context['name']}）和内容，用来核实和答复您；不会公开。"
    )


def _read_text(incoming: Incoming, context: Context, answers: Answers) -> str:
    return read_words(incoming, MAX_TEXT)


def _ask_confirm(context: Context, answers: Answers) -> Ask:
    return Ask(f"将实名提交（{context['name']}）：\n{plain(_cut(answers['text']))}", CONFIRMATION)


async def _done(rt: Runtime, caller: Caller, context: Context, answers: Answers) -> Said | Again | Start:
    person = await find_person(caller.openid)
    if person is None or person.id != context["person"]:
        return binding_changed("异议", "没有提交")
    notice_id = int(_notice(context, answers)["id"])
    submit = partial(submit_objection, rt.settings, caller.key, notice_id, answers["text"])
    made = await submit(person_id=person.id, now=caller.at)
    return Said(
        f"已收到，编号 {reference_of(made)}。组织部门核实后答复，会通知您；随时回复 异议 查看。",
        (Choice("任务", "任务"),),
    )


OBJECT = Flow(
    name=_ANOTHER,
    version="1",
    ttl=timedelta(days=7),
    load=_load,
    steps=(
        Step("notice", _ask_notice, None, _has_one_notice),
        Step("text", _ask_text, _read_text),
        Step("confirm", _ask_confirm),
    ),
    done=_done,
    about=about_one("notice", lambda context: [one["id"] for one in context["notices"]]),
)


async def _find_cases(actor: Actor) -> list[Case]:
    return [_case(one) for one in await PENDING.list_for(actor)]


def _case(one: Objection) -> Case:
    who = f"{one.person.name}（{one.person.organisation.name}）"
    about = f"{reference_of(one)} {who}"
    text = f"{who}于 {shown(one.received_at)} 对「{one.notice.title}」提出：\n{one.text}"
    return Case(one.id, about, f"{text}\n公示到{shown_day(one.notice.to_day)}，请在此前答复。")


async def _decide(verdict: Verdict) -> str:
    made = await answer_objection(
        verdict.case_id, outcome=verdict.choice, answer=verdict.words, now=verdict.at, actor=verdict.actor
    )
    then = "请更正录入或认定，重新计算、公布，再重新公示。" if made.outcome == CORRECTED else ""
    return f"已答复（{OUTCOMES[made.outcome]}）。{await say_answered(made)}{then}"


ANSWER_OBJECTION = verdict_flow(
    name=ANSWER_WORD,
    find=_find_cases,
    choices=(Choice(UPHELD, "维持原结果", ("维持",)), Choice(CORRECTED, "更正结果", ("更正",))),
    ask="请写答复，提出人会原样看到",
    decide=_decide,
    nothing="现在没有等您答复的异议。",
)

ROUTES = (
    Route(to=show_objections, words=("异议",), help="对公示有异议，或看答复"),
    Route(to=OBJECT, words=(_ANOTHER,), help="对公示再提一条异议"),
    Route(to=ANSWER_OBJECTION, words=(ANSWER_WORD,), help="核实并答复异议（组织部门用）"),
)
