"""整改: progress in one line or one photo, reporting done, and the verification by somebody else."""

from datetime import timedelta
from typing import Any

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
from handlers.chat.accounts import BIND_FIRST
from handlers.chat.dictation import read_words
from handlers.chat.rectification_plans import CHANGED, MORE, PLAN
from models.rectifications import DONE
from services.people.accounts import find_person
from services.rectifications.rectification_steps import reopen_item, report_done, report_progress, verify_item
from services.rectifications.rectification_views import view_item
from services.rectifications.rectifications import MAX_TEXT, Act
from services.runtime import Runtime

_DONE, _PLAN, _PASS, _RETURN = "done", "plan", "pass", "return"


async def _load_for(caller: Caller, act: str) -> Context | Said:
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    view = await view_item(int(caller.args["item"]), person)
    if view.act != act:
        return Said(view.text, MORE)
    return {
        "actor": person.staff_no,
        "item": view.item.id,
        "text": view.text,
        "is_waiting": view.item.state == DONE,
    }


async def _load_report(rt: Runtime, caller: Caller) -> Context | Said:
    return await _load_for(caller, "report")


async def _load_check(rt: Runtime, caller: Caller) -> Context | Said:
    return await _load_for(caller, "check")


def _ask_what(context: Context, answers: Answers) -> Ask:
    choices = (
        Choice(_DONE, "已改完", ("改完了", "完成", "已完成")),
        Choice(_PLAN, "改措施或期限", ("改措施", "改期限")),
    )
    return Ask(f"{plain(context['text'])}\n\n有进展请回复一句话，或发一张照片；改完了点「已改完」。", choices)


def _read_evidence(incoming: Incoming, context: Context, answers: Answers) -> dict[str, str]:
    """One line, spoken or typed, or a photo."""
    if incoming.media is not None and incoming.media.kind == "image" and incoming.media.media_id:
        return {"text": "", "photo": incoming.media.media_id}
    return {"text": read_words(incoming, MAX_TEXT, also="也可以发照片。"), "photo": ""}


def _is_not_done(context: Context, answers: Answers) -> bool:
    return answers.get("what") != _DONE


def _ask_note(context: Context, answers: Answers) -> Ask:
    return Ask("请用一句话说说改成了什么样，或发一张照片，给核实的人看。", (Choice("", "没有补充"),))


def _ask_done(context: Context, answers: Answers) -> Ask:
    return Ask(f"报告整改完成：{_shown(answers['note'])}\n报告以后由上级组织、考核组或组织部门核实。", CONFIRMATION)


def _shown(evidence: Any) -> str:
    if not evidence:
        return "（没有补充）"
    return plain(evidence["text"]) if evidence["text"] else "（一张照片）"


async def _reported(rt: Runtime, caller: Caller, context: Context, answers: Answers) -> Said | Again | Start:
    person = await find_person(caller.openid)
    if person is None or person.staff_no != context["actor"]:
        return CHANGED
    act, what = Act(person.staff_no, caller.at, caller.key), answers["what"]
    if what == _PLAN:
        return Start(PLAN, {"item": str(context["item"])})
    if what == _DONE:
        note = answers["note"] or {"text": "", "photo": ""}
        await report_done(context["item"], note["text"], act, photo=note["photo"])
        return Said("已报告完成，等核实。核实的结果会告诉您。", MORE)
    await report_progress(context["item"], what["text"], act, photo=what["photo"])
    again = Choice(f"整改{context['item']}", "再报一条")
    return Said(f"已记下进展：{_shown(what)}", (again, *MORE))


REPORT = Flow(
    name="整改进展",
    version="1",
    ttl=timedelta(days=7),
    load=_load_report,
    steps=(
        Step("what", _ask_what, _read_evidence),
        Step("note", _ask_note, _read_evidence, _is_not_done),
        Step("confirm", _ask_done, None, _is_not_done),
    ),
    done=_reported,
    word="整改",
)


def _ask_verdict(context: Context, answers: Answers) -> Ask:
    passing = (Choice(_PASS, "通过，销号", ("通过", "销号")),) if context["is_waiting"] else ()
    returning = Choice(_RETURN, "退回，重新整改", ("退回", "重新整改"))
    question = "核实下来怎么样？" if context["is_waiting"] else "已经销号；确有反复的，可以重新整改："
    return Ask(f"{plain(context['text'])}\n\n{question}", (*passing, returning))


def _is_passed(context: Context, answers: Answers) -> bool:
    return answers.get("verdict") != _RETURN


def _ask_reason(context: Context, answers: Answers) -> Ask:
    return Ask("请写明退回的理由，责任人会看到（打字或语音）：")


def _read_reason(incoming: Incoming, context: Context, answers: Answers) -> str:
    return read_words(incoming, MAX_TEXT)


def _ask_settled(context: Context, answers: Answers) -> Ask:
    if _is_passed(context, answers):
        return Ask("确认销号？您的姓名会作为核实人留存。", CONFIRMATION)
    return Ask(f"退回重新整改，理由：{plain(answers['reason'])}", CONFIRMATION)


async def _checked(rt: Runtime, caller: Caller, context: Context, answers: Answers) -> Said | Again | Start:
    person = await find_person(caller.openid)
    if person is None or person.staff_no != context["actor"]:
        return CHANGED
    act = Act(person.staff_no, caller.at, caller.key)
    if _is_passed(context, answers):
        await verify_item(context["item"], act)
        return Said("已销号。", MORE)
    await reopen_item(context["item"], answers["reason"], act)
    return Said("已退回，责任人会收到理由。", MORE)


CHECK = Flow(
    name="整改核实",
    version="1",
    ttl=timedelta(days=7),
    load=_load_check,
    steps=(
        Step("verdict", _ask_verdict),
        Step("reason", _ask_reason, _read_reason, _is_passed),
        Step("confirm", _ask_settled),
    ),
    done=_checked,
    about=lambda context, answers: {"text": context["text"]},  # what was not read was not judged
    word="整改",
)
