"""约谈: leaders and the office record interviews and what else follows from results, one sentence each."""

import re
from datetime import date, timedelta

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
from config.clock import SHANGHAI
from config.refusals import BadInput
from handlers.chat.accounts import BIND_FIRST, binding_changed
from handlers.chat.dictation import read_words, today_of
from models.follow_ups import FollowUp
from services.day_words import find_day, shown_day
from services.people.accounts import find_person
from services.rectifications.follow_ups import KIND_WORDS, day_fault, list_open, opened_on, record_follow_up
from services.rectifications.rectifications import MAX_TEXT, Act
from services.runtime import Runtime

_LISTED, _WORD = 12, "约谈"
_NOTHING = Said("现在没有等您登记的约谈等事项。登记由领导和组织部门进行。", (Choice("任务", "任务"),))
_MORE = (Choice(_WORD, "接着登记"), Choice("任务", "任务"))


async def show_open(rt: Runtime, caller: Caller, message: InMessage, match: Match) -> Said | Start:
    """约谈: what the person can record; 约谈<编号>: that one."""
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    if number := match.args.get("id"):
        return Start(RECORD, {"id": number})
    found = await list_open(person)
    choices = tuple(Choice(f"{_WORD}{one.id}", _title(one)) for one in found[:_LISTED])
    rest = f"（先列 {_LISTED} 项）" if len(found) > _LISTED else ""
    return Said(f"等您登记 {len(found)} 项{rest}，办完一项登记一项：", choices) if found else _NOTHING


def _title(one: FollowUp) -> str:
    return f"{KIND_WORDS[one.kind]}：{one.person.name if one.person else one.organisation.name}"


async def _load(rt: Runtime, caller: Caller) -> Context | Said:
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    found = next((one for one in await list_open(person) if str(one.id) == caller.args["id"]), None)
    if found is None:
        return _NOTHING
    today = caller.at.astimezone(SHANGHAI).date()
    basis = f"〔{found.clause}〕" if found.clause else ""
    text = f"{_title(found)}\n事由：{found.reason}{basis}"
    days = {"today": str(today), "opened": str(opened_on(found))}
    return {"actor": person.staff_no, "id": found.id, "text": text, **days}


def _ask_what(context: Context, answers: Answers) -> Ask:
    return Ask(
        f"{plain(context['text'])}\n\n请一句话写明日期和结果，如：12月3日已约谈，要求一个月内整改。不写日期就是今天。"
    )


def _read_what(incoming: Incoming, context: Context, answers: Answers) -> dict[str, str]:
    text = read_words(incoming, MAX_TEXT)
    today = today_of(incoming, context)
    found = find_day(text, today, ahead=False)
    outcome = found.rest if found else text
    if not outcome:
        raise Invalid("请写明结果，如：已约谈，要求一个月内整改。")
    day = found.day if found else today
    if fault := day_fault(date.fromisoformat(context["opened"]), day, today):
        raise Invalid(f"{fault}。")
    return {"day": str(day), "outcome": outcome}


def _ask_confirm(context: Context, answers: Answers) -> Ask:
    said = answers["what"]
    return Ask(f"将登记：{shown_day(date.fromisoformat(said['day']))}，{plain(said['outcome'])}", CONFIRMATION)


async def _done(rt: Runtime, caller: Caller, context: Context, answers: Answers) -> Said | Again | Start:
    person = await find_person(caller.openid)
    if person is None or person.staff_no != context["actor"]:
        return binding_changed(_WORD)
    said = answers["what"]
    act = Act(person.staff_no, caller.at, caller.key)
    try:
        day = date.fromisoformat(said["day"])
        await record_follow_up(context["id"], done_on=day, outcome=said["outcome"], act=act)
    except BadInput as bad:
        return Again("what", f"没有登记：{bad.say}。")
    return Said("已登记。", _MORE)


RECORD = Flow(
    name="约谈登记",
    version="2",
    ttl=timedelta(days=7),
    load=_load,
    steps=(Step("what", _ask_what, _read_what), Step("confirm", _ask_confirm)),
    done=_done,
    word=_WORD,
)
ROUTES = (
    Route(
        to=show_open,
        words=(_WORD,),
        pattern=re.compile(r"约谈\s*(?P<id>[0-9]{1,9})"),
        help="登记约谈等结果运用（领导、组织部门用）",
    ),
)
FLOWS = (RECORD,)
