"""大屏: where the hall's big screen is, and steering it from the host's phone."""

import re
from datetime import datetime, timedelta

from bot.conversation import Answers, Ask, Caller, Choice, Context, Flow, Said, Start, Step
from bot.messages import InMessage
from bot.routes import Match, Route
from bot.words import CANCEL, CONFIRM
from handlers.chat.accounts import BIND_FIRST
from models.meetings import CLOSED, Meeting
from models.people import Person
from services.meetings.meeting_names import names_apart
from services.meetings.meetings import find_hosted_meetings, require_host
from services.meetings.screens import (
    CODE,
    REPORTER,
    RESULT,
    VOTING,
    WAITING,
    Shown,
    address_of,
    open_screen,
    replace_screen,
    steer_screen,
)
from services.people.accounts import find_person
from services.runtime import Runtime

_ADDRESS, _REPLACE = "大屏", "换地址"
_ACTS = {"下一位": "next", "上一位": "previous", "显示签到码": CODE, "显示结果": RESULT, "自动显示": "auto"}
_VIEWS = {CODE: "签到码", VOTING: "投票进度", WAITING: "「投票已结束，等待公布结果」", RESULT: "测评结果"}


async def steer(rt: Runtime, caller: Caller, message: InMessage, match: Match) -> Said | Start:
    """大屏, 换地址 and the words that change what is shown. Without a number they mean the one meeting that goes on."""
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    word = match.args.get("word", _ADDRESS)
    if number := match.args.get("id"):
        return await _act(rt, caller, person, word, await require_host(int(number), person.id))
    meetings = await _likely_meetings(person, caller.at)
    if not meetings:
        return Said("您现在没有主持的会议，没有大屏可以操作。")
    if len(meetings) > 1:
        names = names_apart(meetings)
        choices = tuple(Choice(f"{word}{one.id}", names[one.id]) for one in meetings)
        return Said(f"对哪个会议的大屏「{word}」？", choices)
    return await _act(rt, caller, person, word, meetings[0])


async def _likely_meetings(person: Person, now: datetime) -> list[Meeting]:
    """The meetings hosted that go on; where none does, all."""
    hosted = await find_hosted_meetings(person.id, now)
    return [one for one in hosted if one.state != CLOSED] or hosted


async def _act(rt: Runtime, caller: Caller, person: Person, word: str, meeting: Meeting) -> Said | Start:
    if word == _REPLACE:
        return Start(REPLACE, {"meeting": str(meeting.id), "at": caller.key})
    if word == _ADDRESS:
        return _address(rt, await open_screen(meeting, now=caller.at, actor=person.staff_no))
    shown = await steer_screen(meeting, _ACTS[word], now=caller.at, actor=person.staff_no, key=caller.key)
    return Said(f"大屏现在显示{_what(shown)}。", _choices(shown))


def _address(rt: Runtime, shown: Shown) -> Said:
    return Said(
        f"「{shown.meeting.title}」的大屏，在会场电脑的浏览器里打开：\n{address_of(rt.settings, shown.screen)}\n"
        f"不用登录，所以请不要外传；传出去了就回复 换地址。\n\n大屏现在显示{_what(shown)}，随会议进程自动切换，也可以：",
        (*_choices(shown), Choice(f"{_REPLACE}{shown.meeting.id}", _REPLACE)),
    )


def _what(shown: Shown) -> str:
    if shown.speaker is None:
        return _VIEWS[shown.view]
    return f"{shown.reporters[shown.speaker]}（第 {shown.speaker + 1} 位，共 {len(shown.reporters)} 位）"


def _choices(shown: Shown) -> tuple[Choice, ...]:
    """What makes sense next."""
    words = ["下一位"] if shown.speaker is None or shown.speaker + 1 < len(shown.reporters) else []
    words += ["上一位"] if shown.speaker else []
    words += ["显示签到码"] if shown.meeting.state != CLOSED and shown.view != CODE else []
    words += ["显示结果"] if shown.meeting.published_at and shown.view != RESULT else []
    words += ["自动显示"] if shown.view == REPORTER or shown.screen.chosen_view else []
    return tuple(Choice(f"{word}{shown.meeting.id}", word) for word in words)


async def _load(rt: Runtime, caller: Caller) -> Context | Said:
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    meeting = await require_host(int(caller.args["meeting"]), person.id)
    return {"meeting": meeting.id, "title": meeting.title}


def _ask(context: Context, _: Answers) -> Ask:
    text = f"「{context['title']}」换一个大屏地址？旧地址马上失效，会场大屏会显示「地址已更换」，要打开新地址才能继续。"
    return Ask(text, (Choice(CONFIRM, CONFIRM), Choice(CANCEL, CANCEL)))


async def _replace(rt: Runtime, caller: Caller, context: Context, _: Answers) -> Said:
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    meeting = await require_host(context["meeting"], person.id)
    shown = await replace_screen(meeting, now=caller.at, actor=person.staff_no, key=caller.key)
    return _address(rt, shown)


REPLACE = Flow(
    name="换大屏地址",
    version="1",
    ttl=timedelta(minutes=10),
    load=_load,
    steps=(Step("confirm", _ask),),
    done=_replace,
    keep_draft=False,
    word=_REPLACE,
)
_WORDS = "|".join((_ADDRESS, _REPLACE, *_ACTS))
ROUTES = (
    Route(
        to=steer,
        words=(_ADDRESS,),
        pattern=re.compile(rf"(?P<word>{_WORDS})\s*(?P<id>[0-9]{{1,9}})?"),
        help="会场大屏的地址和操作（主持人用）",
    ),
)
