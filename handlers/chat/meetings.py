"""签到 and 主持: what people in the hall and hosts say to the bot, and hear."""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from bot.conversation import Answers, Ask, Caller, Choice, Context, Flow, Said, Start, Step
from bot.messages import InMessage
from bot.routes import Match, Route
from bot.words import CANCEL, CONFIRM
from config.clock import shown
from config.refusals import Refusal
from handlers.chat.accounts import BIND_FIRST
from handlers.chat.briefs import reach_text
from models.meetings import CLOSED, DRAFT, OPEN, Meeting
from services.meetings.comments import find_uncommented, has_leaders
from services.meetings.conclusions import conclude_meeting
from services.meetings.meeting_names import names_apart
from services.meetings.meetings import (
    SCENE_PREFIX,
    Presence,
    Standing,
    check_in,
    find_hosted_meetings,
    publish_result,
    require_host,
    standing_of,
)
from services.meetings.results import meeting_result
from services.people.accounts import find_person
from services.polls.polls import close_poll, open_poll
from services.runtime import Runtime

_STATES = {DRAFT: "还没有开始投票", OPEN: "正在投票", CLOSED: "投票已结束"}
_NOT_A_GRADE = "以上只是现场测评得分。评价等次须结合平时了解、督促检查和领导点评，由组织研究确定。"


async def check_in_by_scene(rt: Runtime, person_id: int, scene: str, now: datetime) -> Said:
    """Check in to the meeting of a scanned scene; what answers it."""
    return _present(await check_in(scene.removeprefix(SCENE_PREFIX), person_id, now))


def _present(presence: Presence) -> Said:
    title = presence.meeting.title
    if presence.class_name is None:
        return Said(f"签到成功：「{title}」。您不在投票人名单中，可以列席。")
    if presence.has_voted:
        return Said(f"签到成功：「{title}」。您的票已计入。")
    text = f"签到成功：「{title}」，您是「{presence.class_name}」。"
    if presence.meeting.state != OPEN:
        return Said(f"{text}主持人宣布投票后，回复 投票 即可。")
    return Said(f"{text}投票正在进行，回复 投票 开始。", (Choice("投票", "投票"),))


def check_in_handler(bind: Flow) -> Callable[[Runtime, Caller, InMessage, Match], Awaitable[Said | Start]]:
    """The handler of a scanned check-in code; who is not bound yet goes through `bind` first and is then checked in."""

    async def scanned(rt: Runtime, caller: Caller, message: InMessage, match: Match) -> Said | Start:
        person = await find_person(caller.openid)
        if person is None:
            return Start(bind, {"scene": match.args["scene"]})
        return await check_in_by_scene(rt, person.id, match.args["scene"], caller.at)

    return scanned


async def how_to_check_in(rt: Runtime, caller: Caller, message: InMessage, match: Match) -> Said:
    """签到, typed: there is nothing to type."""
    return Said("请用微信「扫一扫」扫描会场大屏或海报上的签到码，扫完即签到。扫不了的话，请找工作人员。")


async def host(rt: Runtime, caller: Caller, message: InMessage, match: Match) -> Said:
    """主持: how the meeting stands and what can be done; with several meetings, which one."""
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    meetings = await find_hosted_meetings(person.id, caller.at)
    if number := match.args.get("id"):
        meetings = [await require_host(int(number), person.id)]
    if not meetings:
        return Said("您现在没有主持的会议。如果应该有，请联系组织部门核对会议文件里的主持人。")
    if len(meetings) > 1:
        names = names_apart(meetings)
        choices = tuple(Choice(f"主持{one.id}", f"{names[one.id]}（{_STATES[one.state]}）") for one in meetings)
        return Said("您主持几个会议，看哪一个？", choices)
    return await _board(meetings[0], caller.at)


async def _board(meeting: Meeting, now: datetime) -> Said:
    standing = await standing_of(meeting)
    text = (
        f"「{meeting.title}」\n{_turnout(standing)}\n{_plan(meeting, now)}{_slots(meeting)}{await _comments(meeting)}"
    )
    if meeting.state == CLOSED:
        text += f"\n\n{await result_text(meeting)}{await reach_text(meeting)}"
    return Said(text, tuple(Choice(f"{word}{meeting.id}", word) for word in (*_acts(meeting), "大屏")))


def _slots(meeting: Meeting) -> str:
    return f"\n每位述职 {meeting.minutes_each} 分钟。" if meeting.minutes_each and meeting.state == DRAFT else ""


async def _comments(meeting: Meeting) -> str:
    """Who has not been commented on yet, where the meeting has leaders; S4-18 puts the comments before the vote."""
    if meeting.concluded_at is not None:
        return "\n会议已办结。"
    missing = await find_uncommented(meeting.id)
    if missing:
        return f"\n还没有点评：{'、'.join(missing)}。"
    return "\n述职的都点评过了。" if await has_leaders(meeting.id) else ""


def _acts(meeting: Meeting) -> tuple[str, ...]:
    if meeting.state == CLOSED:
        publish = () if meeting.published_at else ("公布结果",)
        return publish if meeting.concluded_at else (*publish, "会议办结")
    return ("开始投票",) if meeting.state == DRAFT else ("结束投票",)


def _turnout(standing: Standing) -> str:
    state = _STATES[standing.meeting.state]
    voted = "" if standing.meeting.state == DRAFT else f"，已投票 {standing.voted} 人"
    about = (
        f"（投票期间按 {standing.meeting.min_class} 人取整）"
        if standing.meeting.state == OPEN and standing.meeting.min_class > 1
        else ""
    )
    return f"{state}。应到 {standing.entitled} 人，已签到 {standing.present} 人{voted}{about}。"


def _plan(meeting: Meeting, now: datetime) -> str:
    if meeting.state == CLOSED:
        return "结果已公布。" if meeting.published_at else "结果还没有公布。"
    opens = f"{shown(meeting.opens_at)} 自动开始；" if meeting.state == DRAFT and meeting.opens_at else ""
    if meeting.closes_at <= now:
        return f"{opens}会议文件里的结束时间已过，不会自动结束，请记得 结束投票。"
    return f"{opens}到 {shown(meeting.closes_at)} 未结束的自动结束。"


async def result_text(meeting: Meeting) -> str:
    """The result as lines for the host, in file order."""
    result = await meeting_result(meeting)
    lines = [f"{place + 1}. {_score_line(one)}" for place, one in enumerate(result["reporters"])]
    return "现场测评得分：\n" + "\n".join(lines) + f"\n\n{_NOT_A_GRADE}"


def _score_line(row: dict[str, Any]) -> str:
    if row["onsite"] is not None:
        return f"{row['name']} {row['onsite']}"
    return f"{row['name']} 无法计分（有类别没有有效票）"


_QUESTIONS = {
    "开始投票": "现在开始投票？应到 {entitled} 人，已签到 {present} 人，还有 {absent} 人未签到（迟到的签到后仍可投）。"
    "开始后名单和规则不能再改。",
    "结束投票": "现在结束投票？{missing}。结束后不能再投，也不能恢复。",
    "公布结果": "现在公布结果？公布后大屏即可显示，不能收回。",
    "会议办结": "现在办结会议？办结后点评不能再改，点评指出的问题列入各支部的整改清单。",
}


async def _load_act(rt: Runtime, caller: Caller) -> Context | Said:
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    meeting = await require_host(int(caller.args["meeting"]), person.id)
    act = caller.args["act"]
    if act not in _acts(meeting):
        return await _board(meeting, caller.at)
    standing = await standing_of(meeting)
    missing = f"已签到的人里还有 {standing.missing} 人没有投票" if standing.missing else "已签到的人都投票了"
    numbers = {
        "entitled": standing.entitled,
        "present": standing.present,
        "absent": standing.entitled - standing.present,
    }
    question = _QUESTIONS[act].format(**numbers, missing=missing)
    if act == "开始投票" and (uncommented := await find_uncommented(meeting.id)):
        question += f"\n按规定先逐一点评、再测评：{'、'.join(uncommented)}还没有点评。"
    if caller.args.get("small"):
        question = "投票人太少，结果可能看出个人的选择。您接受并仍要开始投票吗？投票人会在投票前看到提示。"
    return {
        "act": act,
        "meeting": meeting.id,
        "small": "small" in caller.args,
        "question": f"「{meeting.title}」\n{question}",
    }


def _ask_act(context: Context, _: Answers) -> Ask:
    # Another word for the second question: a 确认 sent twice must not accept what was not read.
    yes = Choice(CONFIRM, "接受" if context["small"] else CONFIRM)
    return Ask(context["question"], (yes, Choice(CANCEL, CANCEL)))


async def _do_act(rt: Runtime, caller: Caller, context: Context, _: Answers) -> Said | Start:
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    meeting_id: int = context["meeting"]
    await require_host(meeting_id, person.id)
    try:
        return await _ACTS[context["act"]](rt, meeting_id, caller.at, person.staff_no, context["small"])
    except Refusal as refusal:
        if refusal.code == "small_class":
            return Start(ACT, {"act": context["act"], "meeting": str(meeting_id), "small": "1", "at": caller.key})
        return Said(refusal.say)


async def _open(rt: Runtime, meeting_id: int, now: datetime, actor: str, small: bool) -> Said:
    poll = await open_poll(rt, meeting_id, now=now, actor=actor, accept_small=small)
    return Said(
        f"「{poll.title}」投票已开始。请宣布：「请大家在公众号回复 投票」。回复 主持 看进度，或：",
        (Choice(f"结束投票{meeting_id}", "结束投票"),),
    )


async def _close(rt: Runtime, meeting_id: int, now: datetime, actor: str, small: bool) -> Said:
    meeting = await close_poll(rt, meeting_id, now=now, actor=actor)
    return await _board(meeting, now)


async def _publish(rt: Runtime, meeting_id: int, now: datetime, actor: str, small: bool) -> Said:
    return await _board(await publish_result(meeting_id, now=now, actor=actor), now)


async def _conclude(rt: Runtime, meeting_id: int, now: datetime, actor: str, small: bool) -> Said:
    return await _board(await conclude_meeting(meeting_id, now=now, actor=actor), now)


_ACTS: dict[str, Callable[[Runtime, int, datetime, str, bool], Awaitable[Said]]] = {
    "开始投票": _open,
    "结束投票": _close,
    "公布结果": _publish,
    "会议办结": _conclude,
}
ACT = Flow(
    name="主持操作",
    word="主持",
    version="1",
    ttl=timedelta(minutes=10),
    load=_load_act,
    steps=(Step("confirm", _ask_act),),
    done=_do_act,
    keep_draft=False,
)


async def act(rt: Runtime, caller: Caller, message: InMessage, match: Match) -> Said | Start:
    """开始投票, 结束投票, 公布结果, 会议办结: asks for 确认. Without a number it means the one meeting where that can be done."""
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    word = match.args["act"]
    if number := match.args.get("id"):
        # `at` makes each asking a new one, with today's counts.
        return Start(ACT, {"act": word, "meeting": number, "at": caller.key})
    fitting = [one for one in await find_hosted_meetings(person.id, caller.at) if word in _acts(one)]
    if len(fitting) == 1:
        return Start(ACT, {"act": word, "meeting": str(fitting[0].id), "at": caller.key})
    if not fitting:
        return Said(f"您主持的会议里，现在没有可以「{word}」的。回复 主持 看各会议的情况。", (Choice("主持", "主持"),))
    names = names_apart(fitting)
    return Said(f"对哪个会议「{word}」？", tuple(Choice(f"{word}{one.id}", names[one.id]) for one in fitting))


def routes(bind: Flow) -> tuple[Route, ...]:
    """The routes of meetings; `bind` is the flow that makes strangers known."""
    return (
        Route(to=check_in_handler(bind), scene=SCENE_PREFIX),
        Route(to=how_to_check_in, words=("签到",), help="到会场扫码签到"),
        Route(
            to=host,
            words=("主持",),
            pattern=re.compile(r"主持\s*(?P<id>[0-9]{1,9})"),
            help="开始、结束投票，看结果（主持人用）",
        ),
        Route(
            to=act,
            pattern=re.compile(r"(?P<act>开始投票|结束投票|公布结果|会议办结)\s*(?P<id>[0-9]{1,9})?"),
            help="只有一场能办时可不写编号，都要再回复一次 确认（主持人用）",
        ),
    )
