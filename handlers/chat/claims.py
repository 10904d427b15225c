"""申报: a bonus, a downgrade or a veto, reported by one person; 认定: confirmed or rejected by another (S0-21, S3-10, S3-11)."""

import unicodedata
from dataclasses import asdict
from datetime import date, timedelta
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
from config.clock import shown
from config.refusals import BadInput
from handlers.chat.about import one_of
from handlers.chat.accounts import BIND_FIRST, binding_changed
from handlers.chat.dictation import read_words, today_of
from handlers.chat.pending import Case, Verdict, verdict_flow
from models.claims import BONUS, CONFIRMED, DOWNGRADE, VETO, Claim
from models.people import Person
from scoring import faults
from scoring.numbers import read_decimal, show
from services.day_words import find_day, shown_day
from services.entitlements import Actor
from services.notices.notices import say_told
from services.people.accounts import find_person
from services.public_notices.public_notices import day_of
from services.requests.claimables import ClaimList, list_claimables
from services.requests.claims import (
    DECIDE_WORD,
    PENDING,
    ClaimSpec,
    claim_words,
    decide_claim,
    file_claim,
    require_undecided,
)
from services.runtime import Runtime

_OFFERED = 15
_MOST_REASON = 500
_NO_DAY = "不写日期"
_NONE = Said("现在没有您可以申报的考核。加分、降档和一票否决情形由所在支部、考核组或组织部门申报，再由有权的人认定。")


async def _load(rt: Runtime, caller: Caller) -> Context | Said:
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    found = await list_claimables(person)
    if not found:
        return _NONE
    today = day_of(caller.at).isoformat()
    return {"actor": person.staff_no, "today": today, "cycles": [_cycle_context(one) for one in found]}


def _cycle_context(found: ClaimList) -> dict[str, Any]:
    subjects = [{"key": one.key, "name": one.name, "kind": one.kind} for one in found.subjects]
    by_kind = {kind: [asdict(one) for one in things] for kind, things in found.by_kind.items()}
    return {"id": found.cycle.id, "title": found.cycle.title, "subjects": subjects, "by_kind": by_kind}


def _cycle(context: Context, answers: Answers) -> dict[str, Any]:
    cycles: list[dict[str, Any]] = context["cycles"]
    return next((one for one in cycles if str(one["id"]) == answers.get("cycle")), cycles[0])


def _subject(context: Context, answers: Answers) -> dict[str, Any]:
    subjects: list[dict[str, Any]] = _cycle(context, answers)["subjects"]
    return next((one for one in subjects if one["key"] == answers.get("subject")), subjects[0])


def _things(context: Context, answers: Answers) -> list[dict[str, Any]]:
    things: list[dict[str, Any]] = _cycle(context, answers)["by_kind"][_subject(context, answers)["kind"]]
    return things


def _thing(context: Context, answers: Answers) -> dict[str, Any]:
    things = _things(context, answers)
    return next((one for one in things if _value(one) == answers.get("thing")), things[0])


def _about(context: Context, answers: Answers) -> Answers:
    found = one_of("cycle", [str(one["id"]) for one in context["cycles"]], answers)
    found |= one_of("subject", [one["key"] for one in _cycle(context, answers)["subjects"]], answers)
    return found | one_of("thing", [_value(one) for one in _things(context, answers)], answers)


def _value(thing: dict[str, Any]) -> str:
    return str(thing["rule"] or thing["kind"])


def _ask_cycle(context: Context, answers: Answers) -> Ask:
    return Ask("在哪一项考核里申报？", tuple(Choice(str(one["id"]), one["title"]) for one in context["cycles"]))


def _has_one_cycle(context: Context, answers: Answers) -> bool:
    return len(context["cycles"]) == 1


def _ask_subject(context: Context, answers: Answers) -> Ask:
    subjects = _cycle(context, answers)["subjects"]
    if len(subjects) > _OFFERED:
        return Ask(f"申报的是谁的情况？请回复名称或编号（共 {len(subjects)} 个）。")
    return Ask("申报的是谁的情况？", tuple(Choice(one["key"], one["name"]) for one in subjects))


def _read_subject(incoming: Incoming, context: Context, answers: Answers) -> str:
    text = incoming.text.strip()
    subjects = _cycle(context, answers)["subjects"]
    found = [one for one in subjects if text and text in (one["name"], one["key"].partition(":")[2])]
    if len(found) == 1:
        return str(found[0]["key"])
    if found:
        codes = "、".join(one["key"].partition(":")[2] for one in found)
        raise Invalid(f"有 {len(found)} 个同名的，请回复编号：{codes}")
    raise Invalid("名单里没有这个名称或编号，请再核对。")


def _has_one_subject(context: Context, answers: Answers) -> bool:
    return len(_cycle(context, answers)["subjects"]) == 1


def _ask_thing(context: Context, answers: Answers) -> Ask:
    things = (Choice(_value(one), one["label"]) for one in _things(context, answers))
    return Ask(f"{_subject(context, answers)['name']}：申报什么？", tuple(things))


def _has_no_amount(context: Context, answers: Answers) -> bool:
    return str(_thing(context, answers)["kind"]) == VETO


def _ask_amount(context: Context, answers: Answers) -> Ask:
    if _thing(context, answers)["kind"] == DOWNGRADE:
        return Ask("降几级？", tuple(Choice(str(n), f"降{word}级") for n, word in enumerate("一二三", 1)))
    return Ask("申报加几分？请回复分数，如 2 或 1.5。以认定为准。")


def _read_amount(incoming: Incoming, context: Context, answers: Answers) -> str:
    if _thing(context, answers)["kind"] == DOWNGRADE:
        raise Invalid("请从中选一个：")
    text = unicodedata.normalize("NFKC", incoming.text).strip().removesuffix("分").strip()
    try:
        points = read_decimal(text, "")
    except faults.BadInput:
        raise Invalid("请只回复分数，如 2 或 1.5。") from None
    if incoming.media is not None or not Fraction(0) < points <= 100:
        raise Invalid("请回复 0 到 100 之间的分数，如 2 或 1.5。")
    return show(points)


def _ask_on(context: Context, answers: Answers) -> Ask:
    return Ask("哪一天发生的（或证明材料的日期）？如 5月1日、2021-05-01。", (Choice("", _NO_DAY, ("不写",)),))


def _ask_until(context: Context, answers: Answers) -> Ask:
    return Ask("处置到哪一天为止？如 2021-11-01。", (Choice("", "没有期限或不清楚", ("没有", "不清楚")),))


def _read_day(incoming: Incoming, context: Context, answers: Answers) -> str:
    found = find_day(incoming.text, today_of(incoming, context), ahead=False)
    if found is None:
        raise Invalid("没有看懂是哪一天，请写成 2021-05-01 这样的日期。")
    return found.day.isoformat()


def _is_no_period(context: Context, answers: Answers) -> bool:
    return not bool(_thing(context, answers)["is_period"])


def _ask_reason(context: Context, answers: Answers) -> Ask:
    return Ask(f"请写明事由和依据（如文件名、文号），打字或语音都行，不超过 {_MOST_REASON} 字：")


def _read_reason(incoming: Incoming, context: Context, answers: Answers) -> str:
    return read_words(incoming, _MOST_REASON)


def _ask_confirm(context: Context, answers: Answers) -> Ask:
    thing = _thing(context, answers)
    amount = {BONUS: f" {answers.get('amount')} 分", DOWNGRADE: f" {answers.get('amount')} 级"}.get(thing["kind"], "")
    days = "至".join(shown_day(day) for day in (_day(answers.get("on")), _day(answers.get("until"))) if day is not None)
    lines = [
        f"{_subject(context, answers)['name']}（{_cycle(context, answers)['title']}）",
        f"{thing['label']}{amount}{f'，{days}' if days else ''}",
        f"事由：{plain(answers['reason'])}",
        "提交后由有权的另一位同志认定，认定前不计入。提交吗？",
    ]
    return Ask("\n".join(lines), CONFIRMATION)


async def _done(rt: Runtime, caller: Caller, context: Context, answers: Answers) -> Said | Again | Start:
    person = await find_person(caller.openid)
    if person is None or person.staff_no != context["actor"]:
        return binding_changed("申报", "没有提交")
    thing = _thing(context, answers)
    spec = ClaimSpec(
        subject=_subject(context, answers)["key"],
        kind=thing["kind"],
        reason=answers["reason"],
        rule=thing["rule"],
        amount=answers.get("amount", ""),
        on=_day(answers.get("on")),
        until=_day(answers.get("until")),
    )
    try:
        made = await file_claim(_cycle(context, answers)["id"], spec, now=caller.at, actor=person.staff_no)
    except BadInput as bad:
        return Said(f"没有提交：{bad.say}")
    require_undecided(made)
    return Said(f"已提交，事项编号 {made.id}。有了认定会通知您。", (Choice("任务", "任务"),))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


FILE_CLAIM = Flow(
    name="申报",
    version="1",
    ttl=timedelta(days=7),
    load=_load,
    steps=(
        Step("cycle", _ask_cycle, None, _has_one_cycle),
        Step("subject", _ask_subject, _read_subject, _has_one_subject),
        Step("thing", _ask_thing),
        Step("amount", _ask_amount, _read_amount, _has_no_amount),
        Step("on", _ask_on, _read_day),
        Step("until", _ask_until, _read_day, _is_no_period),
        Step("reason", _ask_reason, _read_reason),
        Step("confirm", _ask_confirm),
    ),
    done=_done,
    about=_about,
)


async def _find_cases(actor: Actor) -> list[Case]:
    waiting = await PENDING.list_for(actor)
    people = {one.staff_no: one.name for one in await Person.filter(staff_no__in=[one.claimed_by for one in waiting])}
    return [_case(one, people.get(one.claimed_by, "组织部门")) for one in waiting]


def _case(one: Claim, by: str) -> Case:
    cycle = one.subject.cycle
    days = "至".join(shown_day(day) for day in (one.happened_on, one.until) if day is not None)
    label = f"{one.subject.name}：{claim_words(one, cycle)}"
    text = f"「{cycle.title}」{label}{f'，{days}' if days else ''}\n事由：{one.reason}\n{by}于 {shown(one.claimed_at)} 申报"
    return Case(one.id, label, text)


async def _decide(verdict: Verdict) -> str:
    made = await decide_claim(
        verdict.case_id,
        confirm=verdict.choice == CONFIRMED,
        reason=verdict.words,
        now=verdict.at,
        actor=verdict.actor,
    )
    done = f"{'已认定' if made.state == CONFIRMED else '已记下不予认定'}，重新计算后生效。"
    return done + await say_told("claim", f"claim:{made.id}", "申报人和当事方")


DECIDE_CLAIM = verdict_flow(
    name=DECIDE_WORD,
    find=_find_cases,
    choices=(Choice(CONFIRMED, "属实，予以认定", ("认定属实", "属实")), Choice("rejected", "不予认定", ("不认定",))),
    ask="请写明理由",
    decide=_decide,
    nothing="现在没有等您认定的事项。",
)

ROUTES = (
    Route(to=FILE_CLAIM, words=("申报",), help="申报加分、降档或一票否决情形"),
    Route(to=DECIDE_CLAIM, words=(DECIDE_WORD,), help="认定申报的加分、降档、否决（领导、组织部门用）"),
)
