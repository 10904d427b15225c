"""整改: a new problem, and its measure, responsible person and last day in one sentence."""

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
from config.clock import SHANGHAI
from config.refusals import BadInput
from handlers.chat.about import about_one
from handlers.chat.accounts import BIND_FIRST, binding_changed
from handlers.chat.dictation import read_words, today_of
from models.rectifications import COMMENT, FEEDBACK, INSPECTION, OWN_CHECK
from services.day_words import find_day, shown_day
from services.people.accounts import find_person
from services.rectifications.rectification_plans import Plan, read_plan
from services.rectifications.rectification_views import MOST_PLACES, list_places, view_item, view_plan
from services.rectifications.rectifications import MAX_TEXT, Act, open_item, plan_item
from services.runtime import Runtime

MORE = (Choice("整改", "整改清单"), Choice("任务", "任务"))
CHANGED = binding_changed("整改")


async def _load(rt: Runtime, caller: Caller) -> Context | Said:
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    view = await view_item(int(caller.args["item"]), person)
    plan = await view_plan(view.item)
    if view.act not in ("plan", "report"):
        return Said(f"{view.text}\n\n这一项现在不能改措施。", MORE)
    return {
        "actor": person.staff_no,
        "item": view.item.id,
        "problem": view.item.problem,
        "names": plan.names,
        "default": plan.default,
        "default_name": plan.default_name,
        "support": plan.support,
        "today": str(caller.at.astimezone(SHANGHAI).date()),
    }


def _ask_plan(context: Context, answers: Answers) -> Ask:
    who = (
        f"责任人默认是 {context['default_name']}，换人就加「责任人某某」"
        if context["default"]
        else "并写明「责任人某某」"
    )
    support = "；加「支持单位某某」" if context["support"] else ""
    example = "如：每月集中学习两次，12月20日前"
    return Ask(f"整改：{plain(context['problem'])}\n请一句话写明措施和期限，{example}。\n{who}{support}。")


def _read_plan(incoming: Incoming, context: Context, answers: Answers) -> dict[str, str]:
    said = read_plan(read_words(incoming, MAX_TEXT), today_of(incoming, context), context["names"])
    if said.stranger:
        raise Invalid(f"本支部名册里没有「{plain(said.stranger)}」（或有同名的人），请重新写明责任人。")
    if not said.measure:
        raise Invalid("请写明怎样整改，如：每月集中学习两次，12月20日前。")
    responsible = said.responsible or context["default"]
    if not responsible:
        raise Invalid("本支部名册里没有书记，请加上「责任人某某」。")
    day = str(_checked(said.due_on, incoming, context)) if said.due_on else ""
    return {"measure": said.measure, "due": day, "responsible": responsible, "support": said.support}


def _checked(day: date, incoming: Incoming, context: Context) -> date:
    if day < today_of(incoming, context):
        raise Invalid(f"{shown_day(day)}已经过去，请写今天或以后的日期。")
    return day


def _ask_due(context: Context, answers: Answers) -> Ask:
    today = date.fromisoformat(context["today"])
    offered = {"一个月内": today + timedelta(days=30), "三个月内": today + timedelta(days=91)}
    choices = tuple(Choice(str(day), f"{word}（{shown_day(day)}前）", (word,)) for word, day in offered.items())
    return Ask("哪一天以前改完？可以点选，也可以回复日期，如 12月20日、月底。", choices)


def _read_due(incoming: Incoming, context: Context, answers: Answers) -> str:
    found = find_day(read_words(incoming, 50), today_of(incoming, context), ahead=True)
    if found is None:
        raise Invalid("请回复日期，如 12月20日、月底、两周内。没有时限的整改不算数。")
    return str(_checked(found.day, incoming, context))


def _has_due(context: Context, answers: Answers) -> bool:
    return "plan" not in answers or bool(answers["plan"]["due"])


def _ask_support(context: Context, answers: Answers) -> Ask:
    return Ask("由哪个单位支持解决？请回复单位名称，如 党群工作处。")


def _read_support(incoming: Incoming, context: Context, answers: Answers) -> str:
    return read_words(incoming, 60)


def _has_support(context: Context, answers: Answers) -> bool:
    return not context["support"] or "plan" not in answers or bool(answers["plan"]["support"])


def _plan_of(answers: Answers) -> Plan:
    said = answers["plan"]
    due = date.fromisoformat(said["due"] or answers["due"])
    return Plan(said["measure"], said["responsible"], due, said["support"] or answers.get("support", ""))


def _ask_confirm(context: Context, answers: Answers) -> Ask:
    plan = _plan_of(answers)
    who = next((name for name, number in context["names"].items() if number == plan.responsible), None)
    support = f"\n支持单位：{plain(plan.support)}" if plan.support else ""
    assert plan.due_on is not None
    shown = f"责任人：{who or context['default_name']}{support}\n时限：{shown_day(plan.due_on)}"
    return Ask(f"问题：{plain(context['problem'])}\n措施：{plain(plan.measure)}\n{shown}\n提交吗？", CONFIRMATION)


async def _done(rt: Runtime, caller: Caller, context: Context, answers: Answers) -> Said | Again | Start:
    person = await find_person(caller.openid)
    if person is None or person.staff_no != context["actor"]:
        return CHANGED
    try:
        item = await plan_item(context["item"], _plan_of(answers), Act(person.staff_no, caller.at, caller.key))
    except BadInput as bad:
        return Again("plan", f"还不能开始整改：{bad.say}。")
    assert item.due_on is not None
    return Said(f"已记下，{shown_day(item.due_on)}前完成。有进展时回复 整改，一句话或一张照片就行。", MORE)


PLAN = Flow(
    name="整改措施",
    version="1",
    ttl=timedelta(days=30),
    load=_load,
    steps=(
        Step("plan", _ask_plan, _read_plan),
        Step("due", _ask_due, _read_due, _has_due),
        Step("support", _ask_support, _read_support, _has_support),
        Step("confirm", _ask_confirm),
    ),
    done=_done,
    word="整改",
)


async def _load_opening(rt: Runtime, caller: Caller) -> Context | Said:
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    places = await list_places(person)
    if not places:
        return Said("新的问题由支部委员、上级组织、考核组、领导或组织部门登记。您的意见可以回复 投诉建议 来提。", MORE)
    if len(places) > MOST_PLACES:
        return Said("您可以登记的组织太多，在手机上不便选择，请用 zhiping rectification import 导入。", MORE)
    shown = [{"id": one, "name": name, "code": code, "own": own} for one, name, code, own in places]
    return {"actor": person.staff_no, "places": shown}


def _place(context: Context, answers: Answers) -> dict[str, Any]:
    places: list[dict[str, Any]] = context["places"]
    return next((one for one in places if one["id"] == answers.get("place")), places[0])


def _ask_place(context: Context, answers: Answers) -> Ask:
    places = context["places"]
    if len(places) > 12:
        return Ask(f"是哪个组织的问题？请回复名称或编号（共 {len(places)} 个）。")
    return Ask("是哪个组织的问题？", tuple(Choice(one["id"], one["name"], (f"编号{one['code']}",)) for one in places))


def _read_place(incoming: Incoming, context: Context, answers: Answers) -> int:
    said = read_words(incoming, 100).casefold()
    found = [one for one in context["places"] if said in (one["name"].casefold(), one["code"].casefold())]
    if len(found) != 1:
        raise Invalid("没有这个名称或编号（或有同名的），请再核对。")
    return int(found[0]["id"])


def _has_one_place(context: Context, answers: Answers) -> bool:
    return len(context["places"]) == 1


def _ask_source(context: Context, answers: Answers) -> Ask:
    return Ask("问题从哪里来？", tuple(Choice(source, source) for source in (INSPECTION, COMMENT, FEEDBACK)))


def _is_own(context: Context, answers: Answers) -> bool:
    """A branch's own committee found it itself."""
    return bool(_place(context, answers)["own"])


def _ask_problem(context: Context, answers: Answers) -> Ask:
    return Ask(f"{_place(context, answers)['name']}：请用一两句话写明问题，打字或语音都行。")


def _read_problem(incoming: Incoming, context: Context, answers: Answers) -> str:
    return read_words(incoming, MAX_TEXT)


def _source(context: Context, answers: Answers) -> str:
    return OWN_CHECK if _is_own(context, answers) else str(answers["source"])


def _ask_opening(context: Context, answers: Answers) -> Ask:
    where = f"{_place(context, answers)['name']}（{_source(context, answers)}）"
    return Ask(f"将列入整改清单：{where}\n{plain(answers['problem'])}", CONFIRMATION)


async def _opened(rt: Runtime, caller: Caller, context: Context, answers: Answers) -> Said | Again | Start:
    person = await find_person(caller.openid)
    if person is None or person.staff_no != context["actor"]:
        return CHANGED
    place = _place(context, answers)
    item = await open_item(
        Act(person.staff_no, caller.at, caller.key),
        organisation_id=place["id"],
        source=_source(context, answers),
        problem=answers["problem"],
    )
    if (await view_item(item.id, person)).act == "plan":
        return Start(PLAN, {"item": str(item.id)})
    return Said(f"已列入{place['name']}的整改清单，由书记定措施和期限。", MORE)


OPEN = Flow(
    name="新增整改",
    version="1",
    ttl=timedelta(days=7),
    load=_load_opening,
    steps=(
        Step("place", _ask_place, _read_place, _has_one_place),
        Step("source", _ask_source, None, _is_own),
        Step("problem", _ask_problem, _read_problem),
        Step("confirm", _ask_opening),
    ),
    done=_opened,
    about=about_one("place", lambda context: [one["id"] for one in context["places"]]),
)
