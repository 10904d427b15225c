"""阶段: the office's calendar on the phone: give a stage its day, or close it."""

from datetime import date, timedelta
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
from config.clock import SHANGHAI
from config.refusals import BadInput
from handlers.chat.about import one_of
from handlers.chat.accounts import BIND_FIRST, binding_changed
from handlers.chat.dictation import read_words
from services.cycles.stages import WORD, StageDays, finish_stage, list_running, set_stage, stage_days_of
from services.day_words import find_day, shown_day
from services.entitlements import SET_UP, find_actor, scope_of
from services.people.accounts import find_person
from services.runtime import Runtime

_FINISH, _MOVE = "办结", "改期限"
_MOST_REASON = 200
_NONE = Said("现在没有要您管的阶段。阶段的期限由组织部门定；有疑问请联系组织部门。")


async def _load(rt: Runtime, caller: Caller) -> Context | Said:
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    actor = await find_actor(person.staff_no)
    mine = [cycle for cycle in await list_running(caller.at) if (await scope_of(cycle)).may(actor, SET_UP)]
    days = await stage_days_of(mine)
    cycles = [{"id": one.id, "title": one.title, "stages": _open(days[one.id].values())} for one in mine]
    found = [one for one in cycles if one["stages"]]
    today = caller.at.astimezone(SHANGHAI).date().isoformat()
    return {"actor": person.staff_no, "today": today, "cycles": found} if found else _NONE


def _open(days: Any) -> list[dict[str, str]]:
    """Those not closed: what has no day first, then the nearest."""
    found: list[StageDays] = sorted(
        (one for one in days if one.finished_at is None), key=lambda one: (one.own is not None, one.due or date.max)
    )
    return [{"key": one.stage.key, "title": one.stage.title, "due": _due(one)} for one in found]


def _due(one: StageDays) -> str:
    if one.own is None:
        return "没有定时间"
    return f"{shown_day(one.due)}截止" if one.due is not None else ""


def _cycle(context: Context, answers: Answers) -> dict[str, Any]:
    cycles: list[dict[str, Any]] = context["cycles"]
    return next((one for one in cycles if str(one["id"]) == answers.get("cycle")), cycles[0])


def _stage(context: Context, answers: Answers) -> dict[str, str]:
    stages: list[dict[str, str]] = _cycle(context, answers)["stages"]
    return next(
        (one for one in stages if one["key"] == answers["stage"]), {"key": "", "title": "（已办结）", "due": ""}
    )


def _about(context: Context, answers: Answers) -> Answers:
    stages = [one["key"] for one in _cycle(context, answers)["stages"]]
    cycles = [str(one["id"]) for one in context["cycles"]]
    return {**one_of("cycle", cycles, answers), **one_of("stage", stages, answers)}


def _ask_cycle(context: Context, answers: Answers) -> Ask:
    choices = (Choice(str(one["id"]), one["title"]) for one in context["cycles"])
    return Ask("哪一项考核的阶段？", tuple(choices))


def _has_one_cycle(context: Context, answers: Answers) -> bool:
    return len(context["cycles"]) == 1


def _ask_stage(context: Context, answers: Answers) -> Ask:
    cycle = _cycle(context, answers)
    choices = (Choice(one["key"], f"{one['title']}（{one['due']}）", (one["title"],)) for one in cycle["stages"])
    return Ask(f"「{cycle['title']}」哪个阶段？", tuple(choices))


def _ask_act(context: Context, answers: Answers) -> Ask:
    stage = _stage(context, answers)
    return Ask(
        f"{stage['title']}（{stage['due']}）要怎么办？\n办结：不再提醒组织部门，还没有办的人照样提醒。\n改期限：只改这一个阶段。",
        (Choice(_FINISH, _FINISH), Choice(_MOVE, _MOVE, ("定时间", "改时间"))),
    )


def _is_closing(context: Context, answers: Answers) -> bool:
    return answers.get("act") != _MOVE


def _ask_day(context: Context, answers: Answers) -> Ask:
    return Ask(f"{_stage(context, answers)['title']}哪天截止？如 12月20日、下周五、月底。")


def _read_day(incoming: Incoming, context: Context, answers: Answers) -> str:
    found = find_day(read_words(incoming, 30), date.fromisoformat(context["today"]), ahead=True)
    if found is None:
        raise Invalid("没有看出是哪一天，请写成 12月20日 或 2021-12-20。")
    return found.day.isoformat()


def _ask_reason(context: Context, answers: Answers) -> Ask:
    day = shown_day(date.fromisoformat(answers["day"]))
    return Ask(f"截止日定为 {day}。请写明理由，会和您的姓名一起留存（打字或语音，不超过 {_MOST_REASON} 字）：")


def _read_reason(incoming: Incoming, context: Context, answers: Answers) -> str:
    return read_words(incoming, _MOST_REASON)


def _ask_confirm(context: Context, answers: Answers) -> Ask:
    head = f"「{_cycle(context, answers)['title']}」{_stage(context, answers)['title']}"
    if _is_closing(context, answers):
        return Ask(f"{head}\n办结，组织部门不再收到它的提醒。确定吗？", CONFIRMATION)
    day = shown_day(date.fromisoformat(answers["day"]))
    return Ask(f"{head}\n截止日：{day}\n理由：{plain(answers['reason'])}\n确定吗？", CONFIRMATION)


async def _done(rt: Runtime, caller: Caller, context: Context, answers: Answers) -> Said | Again | Start:
    person = await find_person(caller.openid)
    if person is None or person.staff_no != context["actor"]:
        return binding_changed(WORD)
    cycle_id, key, title = _cycle(context, answers)["id"], answers["stage"], _stage(context, answers)["title"]
    more = (Choice(WORD, "看其他阶段"), Choice("任务", "任务"))
    if _is_closing(context, answers):
        await finish_stage(cycle_id, key, now=caller.at, actor=person.staff_no)
        return Said(f"已办结：{title}。", more)
    day = date.fromisoformat(answers["day"])
    try:
        await set_stage(cycle_id, key, {"due": day}, reason=answers["reason"], now=caller.at, actor=person.staff_no)
    except BadInput as bad:
        return Again("day", f"没有记下：{bad.say}")
    return Said(f"已定下：{title} {shown_day(day)}截止。", more)


KEEP_STAGES = Flow(
    name="阶段",
    version="1",
    ttl=timedelta(days=7),
    load=_load,
    steps=(
        Step("cycle", _ask_cycle, None, _has_one_cycle),
        Step("stage", _ask_stage),
        Step("act", _ask_act),
        Step("day", _ask_day, _read_day, _is_closing),
        Step("reason", _ask_reason, _read_reason, _is_closing),
        Step("confirm", _ask_confirm),
    ),
    done=_done,
    about=_about,
)

ROUTES = (Route(to=KEEP_STAGES, words=("阶段",), help="各阶段定期限、办结（组织部门用）"),)
