"""审核: what waits for a verdict, looked at as a whole or part by part, passed on or sent back with a reason and a sentence."""

import re
from collections import Counter
from datetime import datetime, timedelta
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
    Invalid,
    Said,
    Start,
    Step,
)
from bot.messages import InMessage
from bot.routes import Handler, Match, Route
from bot.words import CONFIRM, normal
from config.clock import shown
from config.refusals import BadInput, Refusal
from handlers.chat.accounts import BIND_FIRST, binding_changed
from handlers.chat.dictation import read_words
from handlers.chat.record_reviews import REVIEW_RECORD_FLOW
from models.filings import FilingStep
from models.people import Person
from models.uploads import list_uploads
from services.attachments import names_of
from services.cycles.cycles import scheme_of
from services.entitlements import find_actor
from services.filings import filing_news
from services.filings import filing_views as views
from services.filings.filing_rules import OPINION, REPORT, listed, reasons_of
from services.filings.filing_sheets import MAX_NOTE, Move, Sheet
from services.filings.filings import list_steps, read_filing
from services.filings.opinions import stand_of
from services.filings.reviews import list_waiting, read_clear_points, review_filing
from services.notices.notices import say_told
from services.people.accounts import find_person
from services.records.record_reviews import list_records_to_review
from services.reminders.agenda import list_agenda
from services.runtime import Runtime

_ALL, _WHOLE, _FINE = "›all", "整篇", "都讲清楚了"
_OFFERED = 9


async def _load(rt: Runtime, caller: Caller) -> Context | Said:
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    sheet = await read_filing(int(caller.args["filing"]), person.staff_no)
    if sheet.state.hand not in ("office", "leaders"):
        return Said(f"{views.heading_of(sheet)}现在是「{sheet.filing.state}」，不等人审核。", (Choice("审核", "审核"),))
    steps = await list_steps(sheet.filing.id)
    see = caller.args.get("see", "")
    return {
        "actor": person.staff_no,
        "filing": sheet.filing.id,
        "version": sheet.filing.version,
        "heading": views.heading_of(sheet),
        "state": sheet.filing.state,
        "parts": [{"name": one["name"], "size": sum(map(len, one["entries"]))} for one in views.parts_of(sheet)],
        "text": _text(sheet, see) if see else "",
        "ways": [_way(sheet, to) for to in sheet.state.then],
        "reasons": list(reasons_of(scheme_of(sheet.cycle), sheet.paper)),
        "points": list(listed(scheme_of(sheet.cycle), "S4-13")) if _is_pre_review(sheet) else [],
        "notes": [*_history(steps), *await _attached(sheet), *await _notes(sheet)],
    }


def _is_pre_review(sheet: Sheet) -> bool:
    return sheet.paper.key == REPORT and sheet.state.hand == "office"


def _way(sheet: Sheet, to: str) -> dict[str, Any]:
    is_return = sheet.states[to].hand == "writer"
    onward = f"同意，转{to}" if sheet.states[to].then else f"同意，{to}"
    return {"to": to, "label": "退回修改" if is_return else onward, "is_return": is_return}


def _text(sheet: Sheet, see: str) -> str:
    entries = sheet.filing.filled.get(see, [])
    return views.full_text(sheet) if see == _ALL else f"【{see}】\n" + "\n".join(entries or ["（没有写）"])


def _history(steps: list[FilingStep]) -> list[str]:
    """How it came here: when it was handed in last, and each time it was sent back."""
    back = [one for one in steps if one.reason or one.note]
    lines = [f"{shown(steps[-1].at)} 转来。"] if steps else []
    return lines + [f"退回过：{'，'.join(filter(None, (one.part, one.reason, one.note)))}" for one in back]


async def _attached(sheet: Sheet) -> list[str]:
    uploads = await list_uploads("filing", sheet.filing.id)
    return [f"附件：{names_of(uploads)}。"] if uploads else []


async def _notes(sheet: Sheet) -> list[str]:
    """What the reviewer should know beside the paper itself."""
    if sheet.paper.key == OPINION and sheet.subject is not None:
        return list(await stand_of(sheet.cycle, sheet.subject))
    unclear = [name for name, said in (await read_clear_points(sheet)).items() if said.startswith("没有")]
    noted = [f"预审意见：没有讲清楚 {'、'.join(unclear)}。"] if unclear else []
    return [*filter(None, [views.promises_text(sheet)]), *views.remarks_of(sheet), *noted]


def _chosen(context: Context, answers: Answers) -> dict[str, Any] | None:
    """The way that was chosen; None while something is only looked at."""
    return next((one for one in context["ways"] if one["to"] == answers.get("verdict")), None)


def _ask_verdict(context: Context, answers: Answers) -> Ask:
    if context["text"]:
        text = f"{context['heading']}\n{context['text']}\n"
    else:
        parts = [f"{one['name']} {one['size']} 字" for one in context["parts"] if one["size"]]
        text = "\n".join([f"{context['heading']}（{context['state']}）", *parts, *context["notes"]])
        text += "\n回复某一部分的名称看那一部分，或："
    ways = [Choice(one["to"], one["label"], (one["to"],)) for one in context["ways"]]
    return Ask(text, (*([] if context["text"] else [Choice(_ALL, "看全文", ("全文",))]), *ways))


def _read_verdict(incoming: Incoming, context: Context, answers: Answers) -> str:
    named = [one["name"] for one in context["parts"] if normal(one["name"]) == normal(incoming.text)]
    if not named:
        raise Invalid("请点选，或回复某一部分的名称：")
    return str(named[0])


def _is_not_passed(context: Context, answers: Answers) -> bool:
    way = _chosen(context, answers)
    return way is None or way["is_return"] or not context["points"]


def _ask_points(context: Context, answers: Answers) -> Ask:
    lines = [f"{n}. {point}" for n, point in enumerate(context["points"], 1)]
    text = "\n".join(["五个讲清楚，这份报告：", *lines, "没有讲清楚的，回复序号，如 2 4；或："])
    # Its value is 确认, so that choices bear no numbers: a typed number always means a point.
    return Ask(text, (Choice(CONFIRM, _FINE, ("都清楚", "清楚")),))


def _read_points(incoming: Incoming, context: Context, answers: Answers) -> list[str]:
    numbers = [int(one) for one in re.findall(r"[0-9]+", normal(incoming.text))]
    if not numbers or any(not 0 < one <= len(context["points"]) for one in numbers):
        raise Invalid(f"请回复没有讲清楚的序号（1—{len(context['points'])}），或点「{_FINE}」：")
    return [context["points"][one - 1] for one in sorted(set(numbers))]


def _is_no_return(context: Context, answers: Answers) -> bool:
    way = _chosen(context, answers)
    return way is None or not way["is_return"]


def _needs_no_reason(context: Context, answers: Answers) -> bool:
    return _is_no_return(context, answers) or not context["reasons"]


def _ask_reason(context: Context, answers: Answers) -> Ask:
    return Ask("为什么退回？", tuple(Choice(one, one) for one in context["reasons"]))


def _ask_part(context: Context, answers: Answers) -> Ask:
    parts = (Choice(one["name"], one["name"]) for one in context["parts"])
    return Ask("主要改哪一部分？", (Choice(_WHOLE, _WHOLE), *parts))


def _ask_note(context: Context, answers: Answers) -> Ask:
    return Ask(f"请用一句话说明怎样改（打字或语音，不超过 {MAX_NOTE} 字），会原样告诉撰写人：")


def _read_note(incoming: Incoming, context: Context, answers: Answers) -> str:
    return read_words(incoming, MAX_NOTE)


def _only_looks(context: Context, answers: Answers) -> bool:
    return _chosen(context, answers) is None


def _ask_confirm(context: Context, answers: Answers) -> Ask:
    way = _chosen(context, answers)
    assert way is not None, "else it is left out"
    lines = [context["heading"], way["label"]]
    if way["is_return"]:
        lines.append("，".join(filter(None, (answers.get("reason"), answers["part"], answers["note"]))))
    elif isinstance(answers.get("points"), list):
        lines.append(f"没有讲清楚：{'、'.join(answers['points'])}（会告诉审阅的领导）")
    return Ask("\n".join([*lines, "确认吗？"]), CONFIRMATION)


async def _done(rt: Runtime, caller: Caller, context: Context, answers: Answers) -> Said | Again | Start:
    person = await find_person(caller.openid)
    if person is None or person.staff_no != context["actor"]:
        return binding_changed("审核", "没有办理")
    way = _chosen(context, answers)
    if way is None:
        return Start(REVIEW, {"filing": str(context["filing"]), "see": answers["verdict"]})
    try:
        return await _give(caller, context, answers, way)
    except BadInput as bad:
        return Said(bad.say, (Choice("审核", "审核"),))
    except Refusal as refusal:
        return Said(refusal.say, (Choice("审核", "审核"),))


async def _give(caller: Caller, context: Context, answers: Answers, way: dict[str, Any]) -> Said:
    part = answers.get("part", "")
    move = Move(
        way["to"],
        version=context["version"],
        reason=answers.get("reason", ""),
        part="" if part == _WHOLE else part,
        note=answers.get("note", ""),
        key=caller.key,
    )
    points = answers.get("points")
    unclear = None if points is None else points if isinstance(points, list) else []
    sheet = await review_filing(context["filing"], move, unclear=unclear, now=caller.at, actor=context["actor"])
    slot = f"filing:{sheet.filing.id}:{sheet.filing.version}"
    told = await say_told(filing_news.KIND, slot, "撰写人") if way["is_return"] else ""
    return Said(
        f"已办：{context['heading']}现在是「{sheet.filing.state}」。{told}",
        (Choice("审核", "下一份"), Choice("任务", "任务")),
    )


REVIEW = Flow(
    name="审核",
    version="1",
    ttl=timedelta(days=7),
    load=_load,
    steps=(
        Step("verdict", _ask_verdict, _read_verdict),
        Step("points", _ask_points, _read_points, _is_not_passed),
        Step("reason", _ask_reason, None, _needs_no_reason),
        Step("part", _ask_part, None, _is_no_return),
        Step("note", _ask_note, _read_note, _is_no_return),
        Step("confirm", _ask_confirm, None, _only_looks),
    ),
    done=_done,
    about=lambda context, answers: {"version": context["version"]},  # what was not read was not judged
)


def show_reviews(also: tuple[str, ...]) -> Handler:
    """The handler of 审核: the filings that wait for the person, and how many things wait under the other words in `also`."""

    async def show(rt: Runtime, caller: Caller, message: InMessage, match: Match) -> Said | Start:
        person = await find_person(caller.openid)
        if person is None:
            return BIND_FIRST
        if number := match.args.get("id"):
            return Start(REVIEW, {"filing": number})
        sheets = await list_waiting(await find_actor(person.staff_no))
        others = await _others(person, caller.at, also)
        if len(sheets) == 1 and not others:
            return Start(REVIEW, {"filing": str(sheets[0].filing.id)})
        return _listed(sheets, others)

    return show


async def _others(person: Person, now: datetime, also: tuple[str, ...]) -> list[Choice]:
    counts = Counter(due.word for due in await list_agenda(now, [person.id]))
    # Records are one due, however many wait.
    counts[REVIEW_RECORD_FLOW.start_word] = len(await list_records_to_review(person.staff_no))
    words = (*also, REVIEW_RECORD_FLOW.start_word)
    return [Choice(word, f"{word}（{counts[word]} 件）") for word in words if counts[word]]


def _listed(sheets: list[Sheet], others: list[Choice]) -> Said:
    if not sheets and not others:
        return Said("现在没有等您审核的。述职报告等由组织部门预审、领导审阅；有疑问请联系组织部门。")
    choices = [Choice(f"审核{one.filing.id}", f"{_short(one)}（{one.filing.state}）") for one in sheets[:_OFFERED]]
    more = f"（先列最早的 {_OFFERED} 份）" if len(sheets) > _OFFERED else ""
    text = f"有 {len(sheets)} 份材料等您办理{more}：" if sheets else "等您办理的："
    return Said(text, (*choices, *others))


def _short(sheet: Sheet) -> str:
    return f"{sheet.subject.name} {sheet.paper.title}" if sheet.subject else sheet.paper.title


def routes(also: tuple[str, ...]) -> tuple[Route, ...]:
    """The routes of 审核; `also`: the words of the other things that wait for somebody's decision."""
    return (
        Route(
            to=show_reviews(also),
            words=("审核",),
            pattern=re.compile(r"审核\s*(?P<id>[0-9]{1,9})"),
            help="审核述职报告和别的材料（组织部门、领导用）",
        ),
    )
