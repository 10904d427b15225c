"""打分: a value for one subject at a time, by whoever the table entitles (services.entitlements)."""

import re
import unicodedata
from dataclasses import asdict
from datetime import timedelta
from fractions import Fraction
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
from bot.replies import plain
from bot.routes import Route
from config.refusals import BadInput
from handlers.chat.accounts import BIND_FIRST
from scoring import faults
from scoring.numbers import read_decimal_in, show
from services.accounts import find_person
from services.entitlements import GRADE
from services.entry_lists import EntryList, Slot, list_entries
from services.inputs import InputRow, enter_inputs
from services.runtime import Runtime

_OFFERED = 15
_MOST_REASON = 200
# A draft may name what can no longer be entered: storing it is then refused with the reason.
_GONE: dict[str, Any] = {"slot": "", "label": "不能再打分", "low": "0", "high": "100", "words": [], "current": None}
_NONE = Said("现在没有等您打分的考核。打分由考核组、上级党组织、支委会等按规定的职务进行；有疑问请联系组织部门。")


async def _load(rt: Runtime, caller: Caller) -> Context | Said:
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    found = await list_entries(person)
    fitting = [one for one in found if one.subjects]
    if not fitting:
        return _too_many(found[0]) if found else _NONE
    return {"actor": person.staff_no, "cycles": [_cycle_context(one) for one in fitting]}


def _too_many(entries: EntryList) -> Said:
    return Said(f"「{entries.cycle.title}」有 {entries.count} 个对象等打分，在手机上太多了，请用工作簿导入。")


def _cycle_context(entries: EntryList) -> dict[str, Any]:
    subjects = [
        {"key": one.key, "name": one.name, "slots": [_plain(slot) for slot in one.slots]} for one in entries.subjects
    ]
    cycle = entries.cycle
    return {"id": cycle.id, "title": cycle.title, "missing": entries.missing, "subjects": subjects}


def _plain(slot: Slot) -> dict[str, Any]:
    return {**asdict(slot), "words": list(slot.words)}


def _cycle(context: Context, answers: Answers) -> dict[str, Any]:
    cycles: list[dict[str, Any]] = context["cycles"]
    return next((one for one in cycles if str(one["id"]) == answers.get("cycle")), cycles[0])


def _ask_cycle(context: Context, answers: Answers) -> Ask:
    cycles = context["cycles"]
    choices = (Choice(str(one["id"]), f"{one['title']}（还差 {one['missing']} 项）", (one["title"],)) for one in cycles)
    return Ask("给哪一项考核打分？", tuple(choices))


def _has_one_cycle(context: Context, answers: Answers) -> bool:
    return len(context["cycles"]) == 1


def _subject(context: Context, answers: Answers) -> dict[str, Any]:
    found = (one for one in _cycle(context, answers)["subjects"] if one["key"] == answers["subject"])
    return next(found, {"key": answers["subject"], "name": "（已不在名单里）", "slots": [_GONE]})


def _slot(context: Context, answers: Answers) -> dict[str, Any]:
    slots: list[dict[str, Any]] = _subject(context, answers)["slots"]
    return next((one for one in slots if one["slot"] == answers.get("slot")), slots[0])


def _code(subject: dict[str, Any]) -> str:
    return str(subject["key"].partition(":")[2])


def _ask_subject(context: Context, answers: Answers) -> Ask:
    cycle = _cycle(context, answers)
    subjects, title = cycle["subjects"], cycle["title"]
    if len(subjects) > _OFFERED:
        return Ask(f"「{title}」给谁打分？请回复编号或名称（共 {len(subjects)} 个）。")
    choices = tuple(
        Choice(one["key"], f"{one['name']}（{_progress(one)}）", (one["name"], f"编号{_code(one)}")) for one in subjects
    )
    return Ask(f"「{title}」给谁打分？", choices)


def _progress(subject: dict[str, Any]) -> str:
    done = sum(slot["current"] is not None for slot in subject["slots"])
    return f"{_code(subject)},已打 {done}/{len(subject['slots'])} 项"


def _read_subject(incoming: Incoming, context: Context, answers: Answers) -> str:
    wanted = unicodedata.normalize("NFKC", incoming.text).strip().casefold()
    found = [
        one for one in _cycle(context, answers)["subjects"] if wanted in (_code(one).casefold(), one["name"].casefold())
    ]
    if len(found) == 1:
        return str(found[0]["key"])
    if found:
        raise Invalid(f"有 {len(found)} 个同名的，请回复编号：{'、'.join(_code(one) for one in found)}")
    raise Invalid("名单里没有这个编号或名称，请再核对。")


def _ask_slot(context: Context, answers: Answers) -> Ask:
    subject = _subject(context, answers)
    choices = (
        Choice(one["slot"], f"{one['label']}（{one['current'] or '未打'}）", (one["label"],))
        for one in subject["slots"]
    )
    return Ask(f"{subject['name']}:打哪一项？", tuple(choices))


def _has_one_slot(context: Context, answers: Answers) -> bool:
    return "subject" not in answers or len(_subject(context, answers)["slots"]) == 1


def _ask_value(context: Context, answers: Answers) -> Ask:
    subject, slot = _subject(context, answers), _slot(context, answers)
    now = f"（现在是 {slot['current']}）" if slot["current"] is not None else ""
    if slot["words"]:
        return Ask(f"{subject['name']} · {slot['label']}{now}:", tuple(Choice(word, word) for word in slot["words"]))
    return Ask(f"{subject['name']} · {slot['label']}{now}：请回复分数，{slot['low']}—{slot['high']}，可以有小数。")


def _read_value(incoming: Incoming, context: Context, answers: Answers) -> str:
    slot = _slot(context, answers)
    if slot["words"]:
        raise Invalid(f"请从 {'、'.join(slot['words'])} 中选一个：")
    text = unicodedata.normalize("NFKC", incoming.text).strip().removesuffix("分").strip()
    if incoming.media is not None or not re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,12})?", text):
        raise Invalid("请只回复分数，如 88.5。")
    try:
        return show(read_decimal_in(_unpadded(text), Fraction(slot["low"]), Fraction(slot["high"]), ""))
    except faults.BadInput as error:
        raise Invalid(f"{error.say}。请重新回复分数。") from error


def _unpadded(text: str) -> str:
    """「085」 is 85 to whoever types it."""
    return re.sub(r"^(-?)0+(?=[0-9])", r"\1", text)


def _ask_reason(context: Context, answers: Answers) -> Ask:
    slot = _slot(context, answers)
    what = (
        f"原来是 {slot['current']}，改为 {answers['value']}"
        if slot["current"] is not None
        else f"确定为 {answers['value']}"
    )
    return Ask(f"{what}。请写明理由（不超过 {_MOST_REASON} 字），会与您的姓名一起留存：")


def _read_reason(incoming: Incoming, context: Context, answers: Answers) -> str:
    text = incoming.text.strip()
    if incoming.media is not None or not 0 < len(text) <= _MOST_REASON:
        raise Invalid(f"请用文字写明理由，不超过 {_MOST_REASON} 字。")
    return text


def _needs_no_reason(context: Context, answers: Answers) -> bool:
    if "value" not in answers:
        return True
    slot = _slot(context, answers)
    return slot["slot"] != GRADE and slot["current"] in (None, answers["value"])


def _ask_confirm(context: Context, answers: Answers) -> Ask:
    subject, slot = _subject(context, answers), _slot(context, answers)
    title = _cycle(context, answers)["title"]
    reason = f"\n理由：{plain(answers['reason'])}" if answers.get("reason") else ""
    return Ask(f"「{title}」\n{subject['name']} · {slot['label']}：{answers['value']}{reason}\n提交吗？", CONFIRMATION)


async def _done(rt: Runtime, caller: Caller, context: Context, answers: Answers) -> Said | Again | Start:
    person = await find_person(caller.openid)
    if person is None or person.staff_no != context["actor"]:
        return Said("您的微信绑定在这期间变了，没有记下。请重新回复 打分。", (Choice("打分", "打分"),))
    row = InputRow(answers["subject"], _slot(context, answers)["slot"], answers["value"], answers.get("reason", ""))
    try:
        await enter_inputs(_cycle(context, answers)["id"], [row], actor=context["actor"], now=caller.at, source="chat")
    except BadInput as bad:
        return Said("没有记下：" + "；".join(fault.partition("：")[2] for fault in bad.faults))
    subject, label = _subject(context, answers)["name"], _slot(context, answers)["label"]
    more = (Choice("打分", "接着打分"), Choice("任务", "任务"))
    return Said(f"已记下：{subject} · {label} {answers['value']}。", more)


ENTER = Flow(
    name="打分",
    version="1",
    ttl=timedelta(days=7),
    load=_load,
    steps=(
        Step("cycle", _ask_cycle, None, _has_one_cycle),
        Step("subject", _ask_subject, _read_subject),
        Step("slot", _ask_slot, None, _has_one_slot),
        Step("value", _ask_value, _read_value),
        Step("reason", _ask_reason, _read_reason, _needs_no_reason),
        Step("confirm", _ask_confirm),
    ),
    done=_done,
)


ROUTES = (Route(to=ENTER, words=("打分",), help="考核组、上级党组织、支委会打分"),)
