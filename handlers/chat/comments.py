"""点评: one message a reporter, typed or dictated, naming the problem that stands out and the direction."""

import re
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
    Elsewhere,
    Flow,
    Incoming,
    Invalid,
    Said,
    Start,
    Step,
)
from bot.messages import InMessage
from bot.routes import Match, Route
from bot.words import normal, number_of
from config.refusals import BadInput
from handlers.chat.accounts import BIND_FIRST, binding_changed
from handlers.chat.dictation import read_words
from models.meetings import Meeting
from models.people import Person
from services.meetings.comment_words import names_nothing, read_comment
from services.meetings.comments import MAX_TEXT, Commented, find_commented, find_commenting, require_leader, say_comment
from services.meetings.meeting_names import names_apart
from services.meetings.meetings import get_meeting
from services.people.accounts import find_person
from services.runtime import Runtime

_OFFERED = 6
_NONE = Said("现在没有等您点评的会议。点评由会议文件里的领导进行；如果应该是您，请联系组织部门核对会议文件。")


async def comment(rt: Runtime, caller: Caller, message: InMessage, match: Match) -> Said | Start:
    """点评: the meeting that the person leads; with several, which one; 点评<会议编号>: that one."""
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    if number := match.args.get("id"):
        return Start(COMMENT, {"meeting": number} | ({"page": page} if (page := match.args.get("page")) else {}))
    meetings = await find_commenting(person.id, caller.at)
    if len(meetings) == 1:
        return Start(COMMENT, {"meeting": str(meetings[0].id)})
    names = names_apart(meetings)
    choices = tuple(Choice(f"点评{one.id}", names[one.id]) for one in meetings)
    return Said("点评哪个会议的述职？", choices) if meetings else _NONE


async def _load(rt: Runtime, caller: Caller) -> Context | Said:
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    await require_leader(int(caller.args["meeting"]), person.id)
    meeting = await get_meeting(int(caller.args["meeting"]))
    if meeting.concluded_at is not None:
        return Said(f"「{meeting.title}」已经办结，点评不能再改。")
    rows = [one for one in await find_commented(meeting.id) if one.reporter.person_id != person.id]
    reporters = [_reporter(one, person) for one in rows]
    left = [one for one in reporters if not one["problem"]]
    chosen = caller.args.get("reporter", "")
    if chosen and int(chosen) not in [one["id"] for one in reporters]:
        return Said(f"「{meeting.title}」没有等您点评的这位述职人。", (Choice(f"点评{meeting.id}", "点评"),))
    if not left and not chosen:
        return _all_said(meeting, reporters, max(1, int(caller.args.get("page", "1"))))
    return {
        "person": person.id,
        "meeting": meeting.id,
        "title": meeting.title,
        "reporters": reporters,
        "at": int(chosen or left[0]["id"]),
        "left": len(left),
    }


def _all_said(meeting: Meeting, reporters: list[dict[str, Any]], page: int) -> Said:
    """Everybody has been commented on: whose to change, a page of a few at a time."""
    names = "、".join(one["name"] for one in reporters)
    start = (page - 1) * _OFFERED
    choices = [Choice(f"点评{meeting.id}改{one['id']}", one["name"]) for one in reporters[start : start + _OFFERED]]
    choices += [Choice(f"点评{meeting.id}第{page + 1}页", "下一页")] if start + _OFFERED < len(reporters) else []
    choices += [Choice(f"点评{meeting.id}", "回到第一页")] if page > 1 else []
    return Said(f"「{meeting.title}」{len(reporters)} 位述职人您都点评了：{names}。要改哪一位的？", tuple(choices))


def _reporter(one: Commented, person: Person) -> dict[str, Any]:
    mine = next((comment for comment in one.comments if comment.person_id == person.id), None)
    said = {"problem": mine.problem if mine else "", "direction": mine.direction if mine else ""}
    return {"id": one.reporter.id, "name": one.name, "mode": one.reporter.mode, **said}


def _at(context: Context) -> dict[str, Any]:
    reporters: list[dict[str, Any]] = context["reporters"]
    return next((one for one in reporters if one["id"] == context["at"]), reporters[0])


def _ask_words(context: Context, answers: Answers) -> Ask:
    at = _at(context)
    lines = [f"「{context['title']}」还有 {context['left']} 位没有点评。", f"点评 {at['name']}（{at['mode']}述职）："]
    lines += [f"您说过：问题：{at['problem']}；方向：{at['direction']}。再说就替换它。"] if at["problem"] else []
    lines.append("一条消息说清突出问题和努力方向，打字或语音都行，如：问题：……方向：……")
    others = _others(context)
    more = "、".join(f"{n} {one['name']}" for n, one in enumerate(others, 1) if n > _OFFERED)
    lines += [f"也可以先点评别人；点不到的 {more}，回复序号或姓名。"] if more else []
    return Ask("\n".join(lines), tuple(Choice(f"›{one['id']}", f"先点评{one['name']}") for one in others[:_OFFERED]))


def _others(context: Context) -> list[dict[str, Any]]:
    """Whom the leader has said nothing to yet, beside the one in hand: the first few to tap, each by number or name."""
    return [one for one in context["reporters"] if one["id"] != context["at"] and not one["problem"]]


def _read_first(incoming: Incoming, context: Context, answers: Answers) -> str | Elsewhere:
    if incoming.media is None and (other := _named(incoming.text, context)) is not None:
        return f"›{other['id']}"
    problem, direction = read_comment(read_words(incoming, 2 * MAX_TEXT))
    if not problem:
        raise Invalid("请先说突出问题，再说努力方向：")
    return Elsewhere({"first": problem, **({"direction": direction} if direction else {})})


def _named(text: str, context: Context) -> dict[str, Any] | None:
    """The reporter whose number or name the text is, or 「点评张三」. Raises `Invalid` where it may be one of several."""
    others, number, said = _others(context), number_of(text), normal(text)
    if 0 < number <= len(others):
        return others[number - 1]
    reporters: list[dict[str, Any]] = context["reporters"]
    found = [one for one in reporters if said in [normal(f"{way}{one['name']}") for way in ("", "点评", "先点评")]]
    if len(found) > 1:
        raise Invalid(f"有 {len(found)} 位都叫{found[0]['name']}，请点选或回复序号：")
    return found[0] if found else None


def _goes_elsewhere(context: Context, answers: Answers) -> bool:
    return str(answers.get("first", "")).startswith("›")


def _ask_direction(context: Context, answers: Answers) -> Ask:
    return Ask(f"{_at(context)['name']}的努力方向是什么？（打字或语音）")


def _read_direction(incoming: Incoming, context: Context, answers: Answers) -> str | Elsewhere:
    """Who says both now has thought better of the problem: none of their words is dropped, and both are shown before they are kept."""
    problem, direction = read_comment(read_words(incoming, 2 * MAX_TEXT))
    return Elsewhere({"first": problem, "direction": direction}) if problem and direction else direction or problem


def _ask_confirm(context: Context, answers: Answers) -> Ask:
    lines = [
        f"点评 {_at(context)['name']}",
        f"突出问题：{answers['first']}",
        f"努力方向：{answers['direction']}",
    ]
    if not (hollow := _hollow(answers)):
        return Ask("\n".join([*lines, "记下吗？"]), CONFIRMATION)
    again = Choice("again", f"重说{'问题' if hollow == 'first' else '方向'}", to=hollow)
    text = "\n".join([*lines, "点评要点出一个问题和努力方向；还要这样提交吗？"])
    return Ask(text, (again, Choice(_STOOD_BY, _STOOD_BY), *CONFIRMATION))


_STOOD_BY = "就这样提交"


def _hollow(answers: Answers) -> str:
    """The first step whose words name nothing, else empty. A reflex 确认 does not pass it, the leader who means it does."""
    return next((key for key in ("first", "direction") if names_nothing(answers[key])), "")


async def _done(rt: Runtime, caller: Caller, context: Context, answers: Answers) -> Said | Again | Start:
    meeting = str(context["meeting"])
    if _goes_elsewhere(context, answers):
        return Start(COMMENT, {"meeting": meeting, "reporter": answers["first"].removeprefix("›")})
    person = await find_person(caller.openid)
    if person is None or person.id != context["person"]:
        return binding_changed("点评")
    if _hollow(answers) and answers["confirm"] != _STOOD_BY:
        return Again("confirm", "还没有记下，请先点一项。")
    try:
        reporter, left = await say_comment(
            context["at"], person.id, problem=answers["first"], direction=answers["direction"], now=caller.at
        )
    except BadInput as bad:
        return Again("first", bad.say)
    if left:
        return Start(COMMENT, {"meeting": meeting})
    return Said(
        f"已记下对{reporter.person.name}的点评。{len(context['reporters'])} 位述职人都点评了。",
        (Choice("任务", "任务"),),
    )


COMMENT = Flow(
    name="点评",
    version="1",
    ttl=timedelta(days=7),
    load=_load,
    steps=(
        Step("first", _ask_words, _read_first),
        Step("direction", _ask_direction, _read_direction, _goes_elsewhere),
        Step("confirm", _ask_confirm, None, _goes_elsewhere),
    ),
    done=_done,
    about=lambda context, answers: {"at": context["at"]},
)


async def comment_again(rt: Runtime, caller: Caller, message: InMessage, match: Match) -> Start:
    """点评<会议编号>改<述职人编号>: say it anew to one of them."""
    return Start(COMMENT, {"meeting": match.args["id"], "reporter": match.args["reporter"]})


ROUTES = (
    Route(
        to=comment,
        words=("点评",),
        pattern=re.compile(r"点评\s*(?P<id>[0-9]{1,9})(?:第(?P<page>[0-9]{1,2})页)?"),
        help="点评述职的书记（会议的领导用）",
    ),
    Route(to=comment_again, pattern=re.compile(r"点评\s*(?P<id>[0-9]{1,9})改(?P<reporter>[0-9]{1,9})")),
)
