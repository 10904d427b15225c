"""自评 and the sheets of 打分: a whole round of one subject, line by line, in any order, over as many days as it takes."""

from datetime import datetime, timedelta
from typing import Any

from bot.conversation import Again, Answers, Ask, Caller, Choice, Context, Flow, Incoming, Said, Start, Step
from bot.messages import InMessage
from bot.routes import Match, Route
from config.clock import SHANGHAI
from config.refusals import BadInput
from handlers.chat.about import about_one
from handlers.chat.accounts import BIND_FIRST
from handlers.chat.dictation import read_words
from handlers.chat.rating_contexts import context_of
from handlers.chat.rating_lines import REASON, SUMMARY, lines_of, total
from handlers.chat.rating_steps import steps
from scoring.numbers import show
from services.people.accounts import find_person
from services.ratings.rating_sheets import OwnSheet, list_own_sheets, load_sheet
from services.ratings.ratings import reopen_rating, submit_rating
from services.runtime import Runtime

_LASTS = timedelta(days=60)
_MOST_REASON = 200
_REOPEN = Choice("重开自评", "重开自评")
_NONE = Said("现在没有要您做的自评。自评由书记代表支部进行，按星级评定的党员也要自评；有疑问请联系组织部门。")
_GONE = Said("这一项已经不能填了：名单或方案有变动。有疑问请联系组织部门。")


async def _load(rt: Runtime, caller: Caller) -> Context | Said:
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    sheet = await load_sheet(person, int(caller.args["subject"]), caller.args["round"])
    return _GONE if sheet is None else context_of(person, sheet)


async def _done(rt: Runtime, caller: Caller, context: Context, answers: Answers) -> Said | Again | Start:
    person = await find_person(caller.openid)
    if person is None or person.staff_no != context["actor"]:
        return Said("您的微信绑定在这期间变了，为免记错人，没有提交。")
    try:
        await submit_rating(
            context["cycle"],
            context["subject"],
            context["round"],
            lines_of(context, answers),
            now=caller.at,
            actor=context["actor"],
            reason=answers.get(REASON, ""),
        )
    except BadInput as bad:
        return Again(SUMMARY, f"没有提交：{BadInput(bad.faults[:5]).say}")
    return _handed_in(context, answers)


def _handed_in(context: Context, answers: Answers) -> Said:
    points = f"，合计 {show(total(context, answers))} 分" if any(one["high"] for one in context["items"]) else ""
    own = context["round"] == "self"
    more = Choice("自评", "自评") if own else Choice("打分", "接着打分")
    change = "要改可回复 重开自评，写明理由。" if own else "要改可再回复 打分，写明理由。"
    return Said(f"已提交：{context['name']}{context['label']}{points}。{change}", (more, Choice("任务", "任务")))


SELF_RATE = Flow("自评", "1", _LASTS, _load, steps, _done)
RATE = Flow("逐项打分", "1", _LASTS, _load, steps, _done, word="打分")


async def rate_self(rt: Runtime, caller: Caller, message: InMessage, match: Match) -> Said | Start:
    """自评: into the one sheet that is to be filled in, or to the list of several, or what was handed in."""
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    sheets = await list_own_sheets(person, caller.at)
    open_ones = [one for one in sheets if not one.is_handed_in]
    if not sheets:
        return _NONE
    if not open_ones:
        return Said("\n".join(map(_told, sheets)), (_REOPEN, Choice("任务", "任务")))
    return Start(SELF_RATE, _args(open_ones[0])) if len(open_ones) == 1 else Start(CHOOSE_SHEET)


def _args(one: OwnSheet) -> dict[str, str]:
    return {"subject": str(one.subject.id), "round": one.round.key}


def _named(one: OwnSheet) -> str:
    return f"{one.cycle.title}：{one.subject.name}"


def _told(one: OwnSheet) -> str:
    assert one.mine is not None, "it is handed in"
    return f"「{one.cycle.title}」{one.subject.name}的自评已于 {_day(one.mine.submitted_at)} 提交。"


def _day(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d}"


async def _load_open(rt: Runtime, caller: Caller) -> Context | Said:
    person = await find_person(caller.openid)
    sheets = await list_own_sheets(person, caller.at) if person else []
    found = [_args(one) | {"name": _named(one)} for one in sheets if not one.is_handed_in]
    return {"sheets": found} if found else _NONE


def _ask_which(context: Context, answers: Answers) -> Ask:
    choices = tuple(Choice(one["subject"], one["name"]) for one in context["sheets"])
    return Ask(f"有 {len(choices)} 份自评要做，先做哪一份？每份都可以随时停下，改天接着做。", choices)


async def _start_chosen(rt: Runtime, caller: Caller, context: Context, answers: Answers) -> Start:
    chosen: dict[str, Any] = next(one for one in context["sheets"] if one["subject"] == answers["sheet"])
    return Start(SELF_RATE, {"subject": chosen["subject"], "round": chosen["round"]})


CHOOSE_SHEET = Flow(
    name="选择自评",
    word="自评",
    version="1",
    ttl=timedelta(days=1),
    load=_load_open,
    steps=(Step("sheet", _ask_which),),
    done=_start_chosen,
    keep_draft=False,
)


async def _load_handed_in(rt: Runtime, caller: Caller) -> Context | Said:
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    done = [one for one in await list_own_sheets(person, caller.at) if one.is_handed_in]
    found = [_args(one) | {"name": _named(one), "rating": one.mine.id} for one in done if one.mine]
    return (
        {"actor": person.staff_no, "sheets": found}
        if found
        else Said("没有已提交的自评可以重开。要做自评，请回复 自评。")
    )


def _ask_reopen(context: Context, answers: Answers) -> Ask:
    return Ask("重开哪一份自评？", tuple(Choice(one["subject"], one["name"]) for one in context["sheets"]))


def _ask_reason(context: Context, answers: Answers) -> Ask:
    name = _chosen(context, answers)["name"]
    return Ask(
        f"重开「{name}」的自评。请写明理由，会与您的姓名一起留存（打字或语音，不超过 {_MOST_REASON} 字）；原来填的都在，只改要改的："
    )


def _read_reason(incoming: Incoming, context: Context, answers: Answers) -> str:
    return read_words(incoming, _MOST_REASON)


def _chosen(context: Context, answers: Answers) -> dict[str, Any]:
    sheets: list[dict[str, Any]] = context["sheets"]
    return next((one for one in sheets if one["subject"] == answers.get("sheet")), sheets[0])


async def _reopen(rt: Runtime, caller: Caller, context: Context, answers: Answers) -> Start:
    chosen = _chosen(context, answers)
    await reopen_rating(chosen["rating"], reason=answers["reason"], now=caller.at, actor=context["actor"])
    return Start(SELF_RATE, {"subject": chosen["subject"], "round": chosen["round"]})


REOPEN = Flow(
    name="重开自评",
    version="1",
    ttl=timedelta(days=7),
    load=_load_handed_in,
    steps=(
        Step("sheet", _ask_reopen, None, lambda context, answers: len(context["sheets"]) == 1),
        Step("reason", _ask_reason, _read_reason),
    ),
    done=_reopen,
    about=about_one("sheet", lambda context: [one["subject"] for one in context["sheets"]]),
)

ROUTES = (
    Route(to=rate_self, words=("自评",), help="支部或本人的自查自评，逐项填写"),
    Route(to=REOPEN, words=("重开自评",), help="改已经提交的自评，须写明理由"),
)
FLOWS = (SELF_RATE, RATE, CHOOSE_SHEET)
