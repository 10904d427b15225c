"""Writing a filing in the chat: part by part, typed or spoken, in any order, over days. Each answer is stored in the filing at once."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.conversation import Again, Answers, Ask, Caller, Choice, Context, Flow, Incoming, Invalid, Said, Start, Step
from bot.words import CANCEL, CONFIRM, normal, number_of
from config.refusals import BadInput, Refusal
from handlers.chat.accounts import BIND_FIRST
from handlers.chat.dictation import read_words
from services.filings import filing_views as views
from services.filings.filing_rules import REPORT
from services.filings.filing_sheets import MAX_ENTRY, Move, Sheet
from services.filings.filings import list_steps, move_filing, read_filing, write_parts
from services.filings.report_material import find_material, list_of, summary_of
from services.filings.uploads import Target, upload_page
from services.people.accounts import find_person
from services.records.records import RecordLine
from services.runtime import Runtime

_PARTS, _ALL, _MATERIAL, _HAND_IN = "parts", "all", "material", "hand_in"
_NEXT, _OVERVIEW, _ANEW, _BEFORE, _READ_ALL, _READ_MATERIAL = "›next", "›parts", "›anew", "›before", "›all", "›material"
_SHOWN, _OFFERED = 120, 5


def writing_flow(name: str) -> Flow:
    """The flow that writes the filing of args `filing`. `at` names what is asked: a part by its place, the overview, all, handing in.

    Every answer ends the session and starts the next question: what was written is in the filing, so that neither another
    version of this flow nor a phone that was lost takes any of it away.
    """

    async def done(rt: Runtime, caller: Caller, context: Context, answers: Answers) -> Said | Again | Start:
        return await _done(flow, rt, caller, context, answers)

    flow = Flow(
        name=name,
        version="1",
        ttl=timedelta(days=7),
        load=_load,
        steps=_steps,
        done=done,
        keep_draft=False,
        kept=f"写好的各部分都已存下，回复 {name} 接着写。",
    )
    return flow


async def _load(rt: Runtime, caller: Caller) -> Context | Said:
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    sheet = await read_filing(int(caller.args["filing"]), person.staff_no)
    if not sheet.is_being_written:
        return Said(f"{views.heading_of(sheet)}已经交了，现在是「{sheet.filing.state}」，退回以后才能再改。")
    steps = await list_steps(sheet.filing.id)
    last = steps[-1] if steps else None
    records = await find_material(sheet) if sheet.paper.key == REPORT else []
    at = caller.args.get("at") or _start(sheet, last.part if last and last.version == sheet.filing.version else "")
    return {
        "actor": person.staff_no,
        "filing": sheet.filing.id,
        "version": sheet.filing.version,
        "heading": views.heading_of(sheet),
        "parts": views.parts_of(sheet),
        "at": at,
        "anew": "anew" in caller.args,
        "before": int(caller.args["before"]) if "before" in caller.args else None,
        "next": views.first_empty(sheet, int(at) if at.isdigit() else -1),
        "returned": views.return_text(last, sheet),
        "promises": views.promises_text(sheet),
        "advice": list(views.advice_on(sheet)),
        "remarks": list(views.remarks_of(sheet)),
        "missing": views.missing_text(sheet),
        "all": _long_text(sheet, records, at),
        "material": summary_of(records),
        "to": sheet.state.then[0],
    }


def _long_text(sheet: Sheet, records: list[RecordLine], at: str) -> str:
    if at == _MATERIAL:
        return list_of(records)
    return views.full_text(sheet) if at == _ALL else ""


def _start(sheet: Sheet, returned: str) -> str:
    """Where to begin: the part that came back, else the first empty one, else the overview."""
    names = [part.name for part in sheet.paper.parts]
    if returned in names:
        return str(names.index(returned))
    empty = views.first_empty(sheet)
    return _PARTS if empty is None else str(empty)


def _steps(context: Context) -> tuple[Step, ...]:
    if context["at"] == _HAND_IN:
        return (Step("hand_in", _ask_hand_in),)
    if context["at"] in (_PARTS, _ALL, _MATERIAL):
        return (Step("where", _ask_where, _read_where),)
    return (Step("words", _ask_words, _read_words),)


def _part(context: Context) -> dict[str, Any]:
    parts: list[dict[str, Any]] = context["parts"]
    return parts[int(context["at"])]


def _ask_words(context: Context, answers: Answers) -> Ask:
    part, place = _part(context), int(context["at"])
    lines = [f"{context['heading']} {place + 1}/{len(context['parts'])}", f"【{part['name']}】{_bounds(part)}"]
    lines += [context["returned"]] if context["returned"] else []
    lines += (
        [context["promises"], "逐条说说落实得怎样。"] if part["role"] == "follow_up" and context["promises"] else []
    )
    lines += [context["material"]] if part["role"] == "achievement" and context["material"] else []
    lines += context["advice"] if _is_first(context) else []
    lines += [_standing(part, anew=context["anew"])] if part["entries"] else []
    lines.append("请选：" if part["choices"] else "请打字或发语音；写完一部分就存下，离开后可以接着写。")
    return Ask("\n".join(lines), tuple(_ways(context, part)))


def _is_first(context: Context) -> bool:
    return not any(part["entries"] for part in context["parts"])


def _bounds(part: Mapping[str, Any]) -> str:
    if part["low"] == 0:
        return "（可以不写）"
    return f"（{part['low']}—{part['high']} 个，一条消息写一个）" if part["high"] else ""


def _standing(part: Mapping[str, Any], *, anew: bool) -> str:
    texts = [entry if len(entry) <= _SHOWN else f"{entry[:_SHOWN]}……（{len(entry)} 字）" for entry in part["entries"]]
    then = "下一条消息会替换它：" if anew else "再发就是接着补充："
    return f"已写的：\n{'；'.join(texts)}\n{then}"


def _ways(context: Context, part: Mapping[str, Any]) -> list[Choice]:
    ways = [Choice(word, word) for word in part["choices"]]
    if part["entries"] and not context["anew"]:
        ways.append(Choice(_ANEW, "重写这一部分", ("重写",)))
    if part["role"] == "achievement" and context["material"]:
        ways.append(Choice(_READ_MATERIAL, "看今年的记录", ("素材",)))
    if context["next"] not in (None, int(context["at"])):
        ways.append(Choice(_NEXT, "下一部分", ("跳过",)))
    if context["before"] is not None:
        ways.append(Choice(_BEFORE, "补充上一部分", ("补充",)))
    return [*ways, Choice(_OVERVIEW, "目录和提交", ("目录", "提交"))]


def _read_words(incoming: Incoming, context: Context, answers: Answers) -> dict[str, str]:
    part = _part(context)
    if part["choices"]:
        raise Invalid(f"请从 {'、'.join(part['choices'])} 中选一个：")
    if part["high"] and len(part["entries"]) >= part["high"] and not context["anew"]:
        raise Invalid(f"「{part['name']}」最多 {part['high']} 个，已经写满；要改请点「重写这一部分」：")
    return {"said": read_words(incoming, MAX_ENTRY)}


def _ask_where(context: Context, answers: Answers) -> Ask:
    if context["all"]:
        text = f"{context['heading']}\n{context['all']}\n"
    else:
        lines = [f"{n}. {part['name']} {_amount(part)}" for n, part in enumerate(context["parts"], 1)]
        text = "\n".join([context["heading"], *lines, *filter(None, [context["returned"]]), *context["remarks"]])
        text += "\n回复序号写那一部分，或：" if context["missing"] else "\n都写了。回复序号可以再改，或："
    return Ask(text, tuple(_places(context)))


def _amount(part: Mapping[str, Any]) -> str:
    size = sum(map(len, part["entries"]))
    if not size:
        return "可以不写" if part["low"] == 0 else "还没有写"
    return f"{len(part['entries'])} 个，{size} 字" if part["high"] else f"{size} 字"


def _places(context: Context) -> list[Choice]:
    empty = [(n, part) for n, part in enumerate(context["parts"], 1) if len(part["entries"]) < part["low"]]
    ways = [Choice(str(n - 1), f"{n} {part['name']}", (part["name"], str(n))) for n, part in empty[:_OFFERED]]
    if not context["all"]:
        ways.append(Choice(_READ_ALL, "看全文", ("全文",)))
    else:
        ways.append(Choice(_OVERVIEW, "目录", ("返回",)))
    # With 确认 among them choices bear no numbers: a typed number always means a part.
    return ways if context["missing"] else [*ways, Choice(CONFIRM, "提交", ("交",))]


def _read_where(incoming: Incoming, context: Context, answers: Answers) -> str:
    parts = context["parts"]
    said = normal(incoming.text)
    named = [n for n, part in enumerate(parts) if normal(part["name"]) == said]
    number = number_of(incoming.text)
    if named or 0 < number <= len(parts):
        return str(named[0] if named else number - 1)
    if said in ("提交", "交") and context["missing"]:
        raise Invalid(f"还不能提交，{context['missing']}。")
    raise Invalid(f"请回复 1—{len(parts)} 的序号，或点选：")


def _ask_hand_in(context: Context, answers: Answers) -> Ask:
    size = sum(len(entry) for part in context["parts"] for entry in part["entries"])
    lines = [f"{context['heading']}，共 {size} 字。", *context["remarks"], *context["advice"]]
    lines.append(f"现在提交，转到「{context['to']}」吗？提交后退回才能再改。")
    return Ask("\n".join(lines), (Choice(CONFIRM, CONFIRM), Choice(_OVERVIEW, "再看看"), Choice(CANCEL, CANCEL)))


async def _done(flow: Flow, rt: Runtime, caller: Caller, context: Context, answers: Answers) -> Said | Again | Start:
    person = await find_person(caller.openid)
    if person is None or person.staff_no != context["actor"]:
        return Said(f"您的微信绑定在这期间变了。请重新回复 {flow.start_word}。")
    (key, answer), *_ = answers.items()
    if key == "hand_in" and answer == CONFIRM:
        return await _hand_in(rt, caller, context, person.id)
    entry = answer["said"] if isinstance(answer, dict) else answer
    if key == "words" and (isinstance(answer, dict) or entry in _part(context)["choices"]):
        return await _write(flow, caller, context, entry)
    return _go(flow, context, str(answer))


async def _write(flow: Flow, caller: Caller, context: Context, entry: str) -> Said | Again | Start:
    here, anew = str(context["at"]), context["anew"]
    try:
        sheet = await write_parts(
            context["filing"],
            {_part(context)["name"]: [entry]},
            add=not anew,
            version=context["version"] if anew else None,
            key=caller.key,
            now=caller.at,
            actor=context["actor"],
        )
    except BadInput as bad:
        return Again("words", bad.say)
    except Refusal as refusal:
        return Start(flow, _args(context, here, anew="1")) if refusal.code == "stale" else Said(refusal.say)
    empty = views.first_empty(sheet, int(here))
    return Start(flow, _args(context, _PARTS if empty is None else str(empty), before=here))


def _go(flow: Flow, context: Context, way: str) -> Start:
    """Somewhere else in the same filing; a plain number is a part."""
    here = str(context["at"])
    ways = {
        _NEXT: {"at": str(context["next"])},
        _OVERVIEW: {"at": _PARTS},
        _READ_ALL: {"at": _ALL},
        _READ_MATERIAL: {"at": _MATERIAL},
        CONFIRM: {"at": _HAND_IN},
        _BEFORE: {"at": str(context["before"])},
        _ANEW: {"at": here, "anew": "1"},
    }
    return Start(flow, {"filing": str(context["filing"]), **ways.get(way, {"at": way})})


def _args(context: Context, at: str, **more: str) -> dict[str, str]:
    return {"filing": str(context["filing"]), "at": at, **more}


async def _hand_in(rt: Runtime, caller: Caller, context: Context, person_id: int) -> Said:
    move = Move(context["to"], version=context["version"], key=caller.key)
    try:
        sheet = await move_filing(context["filing"], move, now=caller.at, actor=context["actor"])
    except BadInput as bad:
        return Said(f"还不能提交：{bad.say}。")
    target = Target("filing", sheet.filing.id, person_id, context["heading"])
    return Said(
        f"已提交：{context['heading']}，现在是「{sheet.filing.state}」。结果会通知您；有附件的可以传上来：",
        (Choice("任务", "任务"),),
        upload_page(rt.settings, target, caller.at),
    )
