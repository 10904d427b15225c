"""投诉建议: open to everybody, bound or not; one text, a photo if they like."""

import re
from datetime import timedelta

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
    Invalid,
    Said,
    Start,
    Step,
)
from bot.messages import InMessage
from bot.replies import plain
from bot.routes import Match, Route
from config.clock import shown
from handlers.chat.accounts import binding_changed
from handlers.chat.dictation import read_words
from handlers.chat.pending import Case, Verdict, verdict_flow
from models.complaints import Complaint
from services.entitlements import Actor
from services.people.accounts import find_person
from services.requests.complaints import (
    ANSWER_WORD,
    MAX_TEXT,
    PENDING,
    answer_complaint,
    check_rate,
    find_answer,
    reference_of,
    say_answered,
    submit_complaint,
)
from services.runtime import Runtime

_PHOTO = "附一张照片"
_SHOWN = 300


async def _load(rt: Runtime, caller: Caller) -> Context | Said:
    await check_rate(rt, caller.openid, caller.at)
    person = await find_person(caller.openid)
    return {"person": person.id if person else None, "name": person.name if person else ""}


def _ask_text(context: Context, answers: Answers) -> Ask:
    signed = f"会记下您的姓名（{context['name']}），便于答复您" if context["name"] else "您没有绑定，不会记下您是谁"
    return Ask(
        f"请说说您的意见、建议或遇到的问题，打字或语音都行，最多 {MAX_TEXT} 字。\n{signed}；提交前会给您看一遍。"
    )


def _read_text(incoming: Incoming, context: Context, answers: Answers) -> str:
    return read_words(incoming, MAX_TEXT, also="照片可以在下一步附上。")


def _ask_ready(context: Context, answers: Answers) -> Ask:
    confirm, *others = CONFIRMATION
    signed = "记您的姓名" if context["name"] else "不记姓名"
    return Ask(
        f"将提交（{signed}）：\n{_excerpt(answers['text'])}", (confirm, Choice(_PHOTO, _PHOTO, ("照片",)), *others)
    )


def _excerpt(text: str) -> str:
    return plain(text) if len(text) <= _SHOWN else f"{plain(text[:_SHOWN])}……（共 {len(text)} 字，会完整提交）"


def _wants_no_photo(context: Context, answers: Answers) -> bool:
    return answers.get("ready") != _PHOTO


def _ask_photo(context: Context, answers: Answers) -> Ask:
    return Ask("请发来照片。不附了也可以，点「不附照片」：", (Choice("", "不附照片", ("不附",)),))


def _read_photo(incoming: Incoming, context: Context, answers: Answers) -> str:
    if incoming.media is None or incoming.media.kind != "image" or not incoming.media.media_id:
        raise Invalid("请发一张照片，或点「不附照片」。")
    return incoming.media.media_id


def _ask_confirm(context: Context, answers: Answers) -> Ask:
    photo = "已附一张照片" if answers["photo"] else "不附照片"
    return Ask(f"将提交（{photo}）：\n{_excerpt(answers['text'])}", CONFIRMATION)


async def _done(rt: Runtime, caller: Caller, context: Context, answers: Answers) -> Said | Again | Start:
    person = await find_person(caller.openid)
    if (person.id if person else None) != context["person"]:
        return binding_changed("投诉建议", "为免记错人，没有提交")
    number = await submit_complaint(
        rt,
        caller.openid,
        caller.key,
        answers["text"],
        person_id=context["person"],
        photo=answers.get("photo", ""),
        now=caller.at,
    )
    how = "答复了会通知您，也可以" if context["name"] else "没有记您是谁，请记下整个编号，几天后"
    then = f"组织部门会处理。{how}回复 投诉 {number} 看答复。"
    ways_out = ("任务", "帮助") if person else ("帮助",)
    return Said(f"已收到，谢谢您。编号 {number}。{then}", tuple(Choice(word, word) for word in ways_out))


async def show_answer(rt: Runtime, caller: Caller, message: InMessage, match: Match) -> Said:
    """投诉 <编号>: what was answered, to whom it belongs."""
    person = await find_person(caller.openid)
    reference, check = match.args["reference"], match.args.get("check", "")
    found = await find_answer(rt.settings, reference, check, person.id if person else None)
    if found.answered_at is None:
        return Said(f"投诉建议 {reference} 已收到，还没有答复，请过几天再看。", (Choice("任务", "任务"),))
    return Said(f"投诉建议 {reference} 于 {shown(found.answered_at)} 答复：\n{found.answer}", (Choice("任务", "任务"),))


COMPLAIN = Flow(
    name="投诉建议",
    version="1",
    ttl=timedelta(days=7),
    load=_load,
    steps=(
        Step("text", _ask_text, _read_text),
        Step("ready", _ask_ready),
        Step("photo", _ask_photo, _read_photo, _wants_no_photo),
        Step("confirm", _ask_confirm, None, _wants_no_photo),
    ),
    done=_done,
)


async def _find_cases(actor: Actor) -> list[Case]:
    return [_case(one) for one in await PENDING.list_for(actor)]


def _case(one: Complaint) -> Case:
    who = one.person.name if one.person else "匿名"
    text = f"{who}于 {shown(one.received_at)} 提出：\n{one.text}"
    return Case(one.id, f"{reference_of(one)} {who}", text)


async def _decide(verdict: Verdict) -> str:
    found = await answer_complaint(verdict.case_id, answer=verdict.words, now=verdict.at, actor=verdict.actor)
    return f"已答复。{await say_answered(found)}"


ANSWER_COMPLAINT = verdict_flow(
    name=ANSWER_WORD,
    find=_find_cases,
    choices=(Choice("answer", "答复"),),
    ask="请写答复，对方会原样看到",
    decide=_decide,
    nothing="现在没有等您答复的投诉建议。",
)

ROUTES = (
    Route(
        to=COMPLAIN,
        words=("投诉建议", "投诉", "建议"),
        help="提意见、建议，反映问题",
    ),
    Route(
        to=show_answer,
        pattern=re.compile(r"(?:投诉建议|投诉|建议)\s*(?P<reference>[0-9]{8}-[0-9]{1,9})(?:-(?P<check>[0-9]{8}))?"),
        help="凭编号看投诉建议的答复",
    ),
    Route(to=ANSWER_COMPLAINT, words=(ANSWER_WORD,), help="答复投诉建议（组织部门用）"),
)
