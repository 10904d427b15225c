"""打分: who is to be rated, then one value, a list of values, or a whole sheet, by whoever `services.ratings.raters` lets."""

import re
import unicodedata
from dataclasses import asdict
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
from bot.replies import plain
from bot.routes import Route
from config.refusals import BadInput, Refusal
from handlers.chat.about import one_of
from handlers.chat.accounts import BIND_FIRST, binding_changed
from handlers.chat.input_lists import (
    changed,
    code_of,
    cycle_of,
    find_one,
    in_range,
    is_list,
    listed,
    named,
    number_of,
    only_number,
    read_listed,
    told,
)
from handlers.chat.rating_words import read_pairs
from handlers.chat.ratings import RATE
from services.cycles.inputs import InputRow
from services.entitlements import GRADE
from services.people.accounts import find_person
from services.ratings.entries import enter_inputs
from services.ratings.entry_lists import EntryList, Slot, list_entries
from services.ratings.rating_rules import Line
from services.ratings.ratings import submit_many, submit_rating
from services.runtime import Runtime

# So many can be tapped, and of more so many are named.
_OFFERED, _NAMED = 15, 40
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
    return Said(f"「{entries.cycle.title}」有 {entries.count} 个等您打分，手机上列不下，请用工作簿导入。")


def _cycle_context(entries: EntryList) -> dict[str, Any]:
    subjects = [
        {
            "id": one.id,
            "key": one.key,
            "name": one.name,
            "mine": one.is_assigned,
            "lacks_self": one.lacks_self,
            "slots": [_plain(slot) for slot in one.slots],
        }
        for one in entries.subjects
    ]
    cycle = entries.cycle
    return {"id": cycle.id, "title": cycle.title, "missing": entries.missing, "subjects": subjects}


def _plain(slot: Slot) -> dict[str, Any]:
    return {**asdict(slot), "words": list(slot.words)}


def _ask_cycle(context: Context, answers: Answers) -> Ask:
    cycles = context["cycles"]
    choices = (Choice(str(one["id"]), f"{one['title']}（还差 {one['missing']} 项）", (one["title"],)) for one in cycles)
    return Ask("给哪一项考核打分？", tuple(choices))


def _has_one_cycle(context: Context, answers: Answers) -> bool:
    return len(context["cycles"]) == 1


def _subject(context: Context, answers: Answers) -> dict[str, Any]:
    wanted = answers.get("subject")
    found = (one for one in cycle_of(context, answers)["subjects"] if one["key"] == wanted)
    return next(found, {"key": wanted, "name": "（已不在名单里）", "slots": [_GONE]})


def _slot(context: Context, answers: Answers) -> dict[str, Any]:
    slots: list[dict[str, Any]] = _subject(context, answers)["slots"]
    chosen = (one for one in slots if one["slot"] == answers.get("slot"))
    return next(chosen, _only_open(slots) or slots[0])


def _only_open(slots: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The one that is not rated yet, where all others are: nobody has to be asked which."""
    waiting = [one for one in slots if one["current"] is None]
    return waiting[0] if len(waiting) == 1 else None


def _about(context: Context, answers: Answers) -> Answers:
    """A list of values names its subjects itself, and a sheet asks for the rest."""
    found = one_of("cycle", [str(one["id"]) for one in context["cycles"]], answers)
    if isinstance(answers.get("subject"), str):
        found |= one_of("subject", [one["key"] for one in cycle_of(context, answers)["subjects"]], answers)
    return found | {"slot": _slot(context, answers)["slot"]} if "value" in answers else found


def _ask_subject(context: Context, answers: Answers) -> Ask:
    cycle = cycle_of(context, answers)
    subjects, title = cycle["subjects"], cycle["title"]
    done = sum(_is_done(one) for one in subjects)
    text = f"「{title}」给谁打分？已打完 {done}/{len(subjects)} 个。{_hint(subjects)}"
    if len(subjects) > _OFFERED:
        return Ask(f"{text}\n{_waiting(subjects)}请回复名称或编号（共 {len(subjects)} 个）。")
    choices = tuple(
        Choice(
            one["key"],
            f"{one['name']}（{_whose(one, subjects)}{_progress(one)}）",
            (one["name"], f"编号{code_of(one)}"),
        )
        for one in subjects
    )
    return Ask(text, choices)


def _waiting(subjects: list[dict[str, Any]]) -> str:
    """Who is left, where they are too many to be tapped."""
    left = [f"{_whose(one, subjects)}{one['name']}" for one in subjects if not _is_done(one)]
    return f"还没打完的：{'、'.join(left[:_NAMED])}{'等' if len(left) > _NAMED else ''}。\n" if left else ""


def _is_done(subject: dict[str, Any]) -> bool:
    return all(slot["current"] is not None for slot in subject["slots"])


def _hint(subjects: list[dict[str, Any]]) -> str:
    """That several may be told at once, where each has one number to be told; how to change what is rated beside what is not."""
    names = [one["name"] for one in subjects[:2]] if all(map(only_number, subjects)) else []
    if len(names) > 1:
        return f"可以一次写几个，如「{names[0]} 90 {names[1]} 85」。"
    mixed = next((one for one in subjects if _only_open(one["slots"]) and len(one["slots"]) > 1), None)
    rated = next((one["label"] for one in mixed["slots"] if one["current"] is not None), "") if mixed else ""
    return f"要改已打的，连同哪一项一起写，如「{mixed['name']} {rated}」。" if mixed else ""


def _progress(subject: dict[str, Any]) -> str:
    done = sum(slot["current"] is not None for slot in subject["slots"])
    notes = ("分派给您，" if subject["mine"] else "") + ("还没有自评，" if subject["lacks_self"] else "")
    return f"{notes}已打 {done}/{len(subject['slots'])} 项"


def _whose(subject: dict[str, Any], subjects: list[dict[str, Any]]) -> str:
    """The code, where a name alone does not tell."""
    is_alone = sum(one["name"] == subject["name"] for one in subjects) == 1
    return "" if is_alone else f"编号{code_of(subject)} "


def _read_subject(incoming: Incoming, context: Context, answers: Answers) -> Any:
    subjects = cycle_of(context, answers)["subjects"]
    if named(incoming.text, subjects):
        return str(find_one(incoming.text, subjects)["key"])
    for one in subjects:
        for slot in one["slots"]:
            if "".join(incoming.text.split()) == f"{one['name']}{slot['label']}":
                return Elsewhere({"subject": one["key"], "slot": slot["slot"]})
    pairs = read_pairs(incoming.text)
    if pairs is None:
        raise Invalid("名单里没有这个名称或编号，请再核对；要先办别的，请回复 取消。")
    return read_listed(pairs, subjects)


def _ask_slot(context: Context, answers: Answers) -> Ask:
    subject = _subject(context, answers)
    choices = (
        Choice(one["slot"], f"{one['label']}（{one['current'] or '未打'}）", (one["label"],))
        for one in subject["slots"]
    )
    return Ask(f"{subject['name']}：打哪一项？", tuple(choices))


def _has_one_slot(context: Context, answers: Answers) -> bool:
    if "subject" not in answers or is_list(answers):
        return True
    slots = _subject(context, answers)["slots"]
    return len(slots) == 1 or (_only_open(slots) is not None and "slot" not in answers)


def _is_sheet(context: Context, answers: Answers) -> bool:
    """Whether a sheet follows, which asks for the rest itself."""
    return isinstance(answers.get("subject"), str) and bool(_slot(context, answers).get("round"))


def _needs_no_value(context: Context, answers: Answers) -> bool:
    return is_list(answers) or _is_sheet(context, answers)


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
    return in_range(_unpadded(text), slot)


def _unpadded(text: str) -> str:
    """「085」 is 85 to whoever types it."""
    return re.sub(r"^(-?)0+(?=[0-9])", r"\1", text)


def _ask_reason(context: Context, answers: Answers) -> Ask:
    if is_list(answers):
        names = "、".join(subject["name"] for subject, _ in changed(context, answers))
        return Ask(f"{names}原来已有不同的分数。请写明改动的理由（不超过 {_MOST_REASON} 字），会与您的姓名一起留存：")
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
    if is_list(answers):
        return not changed(context, answers)
    if "value" not in answers:
        return True
    slot = _slot(context, answers)
    return slot["slot"] != GRADE and slot["current"] in (None, answers["value"])


def _ask_confirm(context: Context, answers: Answers) -> Ask:
    title = cycle_of(context, answers)["title"]
    reason = f"\n理由：{plain(answers['reason'])}" if answers.get("reason") else ""
    if is_list(answers):
        rows = listed(context, answers)
        lines = [f"{told(one, cycle_of(context, answers)['subjects'])} {points}" for one, points in rows]
        label = number_of(rows[0][0])["label"] if rows else ""
        return Ask(
            "\n".join([f"「{title}」{label}，共 {len(rows)} 个：", *lines, f"{reason}\n提交吗？".lstrip()]),
            CONFIRMATION,
        )
    subject, slot = _subject(context, answers), _slot(context, answers)
    return Ask(f"「{title}」\n{subject['name']} · {slot['label']}：{answers['value']}{reason}\n提交吗？", CONFIRMATION)


async def _done(rt: Runtime, caller: Caller, context: Context, answers: Answers) -> Said | Again | Start:
    person = await find_person(caller.openid)
    if person is None or person.staff_no != context["actor"]:
        return binding_changed("打分")
    if _is_sheet(context, answers):
        return Start(
            RATE, {"subject": str(_subject(context, answers)["id"]), "round": _slot(context, answers)["round"]}
        )
    try:
        told = await _store(caller, context, answers)
    except BadInput as bad:
        return Said(f"没有记下：{bad.say}")
    except Refusal as refusal:
        return Said(f"没有记下：{refusal.say}", (Choice("打分", "打分"),))
    return Said(f"已记下：{told}。", (Choice("打分", "接着打分"), Choice("任务", "任务")))


async def _store(caller: Caller, context: Context, answers: Answers) -> str:
    """What was stored, for the answer."""
    cycle, reason = cycle_of(context, answers)["id"], answers.get("reason", "")
    how: dict[str, Any] = {"actor": context["actor"], "now": caller.at}
    if is_list(answers):
        rows = listed(context, answers)
        round = number_of(rows[0][0])["slot"].removeprefix("scores.") if rows else ""
        await submit_many(cycle, round, [(one["key"], points) for one, points in rows], reason=reason, **how)
        return f"{len(rows)} 个分数"
    slot, subject, value = _slot(context, answers), _subject(context, answers), answers["value"]
    if slot["slot"].startswith("scores."):
        line = Line(slot["slot"], value)
        await submit_rating(cycle, subject["key"], slot["slot"].removeprefix("scores."), [line], reason=reason, **how)
    else:
        await enter_inputs(cycle, [InputRow(subject["key"], slot["slot"], value, reason)], source="chat", **how)
    return f"{subject['name']} · {slot['label']} {value}"


ENTER = Flow(
    name="打分",
    version="2",
    ttl=timedelta(days=7),
    load=_load,
    steps=(
        Step("cycle", _ask_cycle, None, _has_one_cycle),
        Step("subject", _ask_subject, _read_subject),
        Step("slot", _ask_slot, None, _has_one_slot),
        Step("value", _ask_value, _read_value, _needs_no_value),
        Step("reason", _ask_reason, _read_reason, _needs_no_reason),
        Step("confirm", _ask_confirm, None, _is_sheet),
    ),
    done=_done,
    about=_about,
)


ROUTES = (Route(to=ENTER, words=("打分",), help="考核组、上级党组织、支委会打分"),)
