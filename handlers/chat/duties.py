"""履职: periodic duties, each reported in one sentence."""

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
from handlers.chat.dictation import read_words, today_of
from services.day_words import find_day, shown_day
from services.duties.duties import DutyLine, list_branches, list_for
from services.duties.duty_reports import Doing, report_duty
from services.duties.duty_words import find_name, read_grades
from services.people.accounts import find_person
from services.rectifications.rectifications import MAX_TEXT, Act
from services.runtime import Runtime

_WORD, _OFFERED, _EACH = "履职", 15, "each_branch"
_ONE = ("duty", "organisation", "person", "whats")
_NOTHING = Said("现在没有要您报告的履职事项。履职由领导、书记和组织部门按方案的规定报告。", (Choice("任务", "任务"),))
_MORE = (Choice(_WORD, "接着报"), Choice("任务", "任务"))


async def _load(rt: Runtime, caller: Caller) -> Context | Said:
    person = await find_person(caller.openid)
    if person is None:
        return BIND_FIRST
    today = caller.at.astimezone(SHANGHAI).date()
    lines = await list_for(person.id, today)
    tasks = sorted((task for line in lines for task in _tasks(line, today)), key=_rank)
    if not tasks:
        return _NOTHING
    cycles = {line.burden.cycle.id: line.burden.cycle for line in lines}
    about = {task["cycle"] for task in tasks if task["about"]}
    branches = {str(key): await list_branches(cycle) for key, cycle in cycles.items() if key in about}
    offered = sum(task["missing"] or not task["past"] for task in tasks) or len(tasks)
    return {"actor": person.staff_no, "today": str(today), "tasks": tasks, "offered": offered, "branches": branches}


def _rank(task: dict[str, Any]) -> tuple[bool, bool]:
    """What is missing first, this year's before last year's; what last year does not miss comes last, and is found by its day only."""
    return (not task["missing"], task["past"])


def _tasks(line: DutyLine, today: date) -> list[dict[str, Any]]:
    """Last year's say so (`past`): in January people report December. Nobody is asked for what the document gives no period."""
    year = line.burden.cycle.year
    if year == str(today.year):
        return [task | {"year": year, "past": False} for task in _counts(line, today)]
    past = {"year": year, "past": True}
    return [
        task | past | {"label": f"{year}年度 · {task['label']}", "missing": task["missing"] and line.by is not None}
        for task in _counts(line, today)
    ]


def _counts(line: DutyLine, today: date) -> list[dict[str, Any]]:
    burden, duty = line.burden, line.burden.duty
    task = {
        "cycle": burden.cycle.id,
        "duty": duty.key,
        "organisation": burden.organisation_id,
        "person": burden.person_id,
        "areas": list(duty.looks_at),
        "grades": list(duty.grades),
        "about": None,
        "joining": burden.joined_on is not None,
    }
    if burden.joined_on is not None:
        missing = [one.what for one in line.owed if one.missing > 0]
        day = f"{line.by.month}月{line.by.day}日" if line.by else ""
        shown = [task | {"whats": missing, "label": f"{burden.name}的入党日（{day}）", "missing": True}]
        return shown if missing and line.is_asked(today) else []
    several = f"{duty.title} · " if len(duty.counts) > 1 else ""
    return [
        task
        | {
            "whats": [count.what],
            "label": f"{several}{count.what}（{line.done[count.what]}/{line.wanted[count.what]}）",
            "missing": any(one.what == count.what and one.missing > 0 for one in line.owed),
            "about": count.about,
        }
        for count in duty.counts
    ]


def _ask_task(context: Context, answers: Answers) -> Ask:
    offered = context["tasks"][: min(context["offered"], _OFFERED)]
    choices = tuple(Choice(_key(task), task["label"]) for task in offered)
    return Ask("报告哪一项？没做的在前，点一下，再用一句话说：", choices)


def _task(context: Context, answers: Answers) -> dict[str, Any]:
    tasks: list[dict[str, Any]] = context["tasks"]
    said = answers.get("text") or {}
    wanted = said.get("task") or answers.get("task")
    return next((task for task in tasks if _key(task) == wanted), tasks[0])


def _key(task: dict[str, Any]) -> str:
    """Names a task for as long as the same is to be done."""
    return repr([task[name] for name in ("cycle", *_ONE)])


def _about(context: Context, answers: Answers) -> Answers:
    said = answers.get("text") or {}
    given = {"task": said["task"]} if said else answers
    return one_of("task", map(_key, context["tasks"]), given) if "task" in given else {}


def _ask_text(context: Context, answers: Answers) -> Ask:
    task = _task(context, answers)
    today = () if task["past"] else (Choice("", "今天做了"),)
    if task["joining"]:
        return Ask(f"{plain(task['label'])}：{'、'.join(task['whats'])}。哪天做的？", today)
    without = f"要写 {task['year']} 年的日期。" if task["past"] else "不写日期就是今天。"
    return Ask(f"{task['label']}\n请用一句话说哪天、在哪里、做了什么，如：11月5日到第三党支部调研。{without}")


def _read_text(incoming: Incoming, context: Context, answers: Answers) -> dict[str, str]:
    text, today = read_words(incoming, MAX_TEXT), today_of(incoming, context)
    task = _task(context, {"task": answers["task"]})
    found = find_day(text, today, ahead=False)
    if found is None and task["past"]:
        raise Invalid(f"请写明是 {task['year']} 年哪天办的，如：12月20日到第三党支部调研。")
    if found is not None and found.day > today:
        raise Invalid(f"{shown_day(found.day)}还没有到，办完以后再报。")
    day = found.day if found else today
    return {"text": text, "day": str(day), "task": _task_for(context, task, day)}


def _task_for(context: Context, task: dict[str, Any], day: date) -> str:
    """The same duty in the year of that day: the day says for which year it was done. Raises `Invalid` without one."""
    year = str(day.year)
    for other in context["tasks"]:
        if other["year"] == year and all(other[name] == task[name] for name in _ONE):
            return _key(other)
    raise Invalid(f"{shown_day(day)}不是 {task['year']} 年度的，不能报在这一项里，请核对日期。")


def _needs_no_text(context: Context, answers: Answers) -> bool:
    """What is graded needs no words; its day is today, unless the year is over."""
    if "task" not in answers:
        return True
    task = _task(context, answers)
    return task["about"] == _EACH and not task["past"]


def _is_graded(context: Context, answers: Answers) -> bool:
    return "task" not in answers or _task(context, answers)["about"] == _EACH


def _branches(context: Context, answers: Answers) -> dict[str, int]:
    """Name → id."""
    return {name: one for one, name in context["branches"].get(str(_task(context, answers)["cycle"]), ())}


def _named_branch(context: Context, answers: Answers) -> str:
    said = answers.get("text") or {}
    return answers.get("branch") or find_name(said.get("text", ""), _branches(context, answers))


def _ask_branch(context: Context, answers: Answers) -> Ask:
    names = list(_branches(context, answers))
    if len(names) > _OFFERED:
        return Ask(f"是哪个党支部？请回复名称（共 {len(names)} 个）。")
    return Ask("是哪个党支部？", tuple(Choice(name, name) for name in names))


def _read_branch(incoming: Incoming, context: Context, answers: Answers) -> str:
    said, names = read_words(incoming, 100), list(_branches(context, answers))
    name = find_name(said, names)
    if not name and (alike := [one for one in names if one.startswith(said)]):
        raise Invalid(f"有几个这样的党支部，请回复全名：{'、'.join(alike[:5])}。")
    if not name:
        raise Invalid("没有这个党支部，请回复它的名称。")
    return name


def _needs_no_branch(context: Context, answers: Answers) -> bool:
    if "task" not in answers or _task(context, answers)["about"] is None:
        return True
    return bool(find_name((answers.get("text") or {}).get("text", ""), _branches(context, answers)))


def _ask_grades(context: Context, answers: Answers) -> Ask:
    task = _task(context, answers)
    areas, worst = "、".join(task["areas"]), task["grades"][-1]
    how = f"一样的点一下；不一样的一句话说，如「{task['grades'][0]}，{task['areas'][-1]}{worst}」"
    choices = tuple(Choice(grade, f"全部{grade}") for grade in task["grades"])
    return Ask(f"{_named_branch(context, answers)}：{areas}，结果怎么样？\n{how}：", choices)


def _read_grades(incoming: Incoming, context: Context, answers: Answers) -> dict[str, str]:
    task = _task(context, answers)
    found = read_grades(read_words(incoming, 300), task["areas"], task["grades"])
    missing = [area for area in task["areas"] if area not in found]
    if missing:
        raise Invalid(f"还没有说到：{'、'.join(missing)}。其余都一样的，请先写，如「{task['grades'][0]}」。")
    return dict(found)


def _has_no_grades(context: Context, answers: Answers) -> bool:
    return not ("task" in answers and _is_graded(context, answers))


def _grades(context: Context, answers: Answers) -> dict[str, str]:
    given = answers.get("grades") or {}
    return dict.fromkeys(_task(context, answers)["areas"], given) if isinstance(given, str) else dict(given)


def _said(context: Context, answers: Answers) -> tuple[date | None, str]:
    """The day (None: the one of the confirmation, for the flow may have waited for days), and the line that is kept."""
    task, said = _task(context, answers), answers.get("text")
    if said:
        return date.fromisoformat(said["day"]), said["text"]
    grades = _grades(context, answers)
    words = "，".join(f"{area}{grade}" for area, grade in grades.items()) or "、".join(task["whats"])
    return None, words


def _ask_confirm(context: Context, answers: Answers) -> Ask:
    day, text = _said(context, answers)
    branch = _named_branch(context, answers) if _task(context, answers)["about"] else ""
    head = "，".join(filter(None, (shown_day(day) if day else "今天", branch)))
    return Ask(f"{plain(_task(context, answers)['label'])}\n{head}：{plain(text)}", CONFIRMATION)


async def _done(rt: Runtime, caller: Caller, context: Context, answers: Answers) -> Said | Again | Start:
    person = await find_person(caller.openid)
    if person is None or person.staff_no != context["actor"]:
        return binding_changed(_WORD)
    task, (day, text) = _task(context, answers), _said(context, answers)
    branch = _branches(context, answers).get(_named_branch(context, answers)) if task["about"] else None
    day, grades = day or caller.at.astimezone(SHANGHAI).date(), _grades(context, answers)
    try:
        for number, what in enumerate(task["whats"]):
            doing = Doing(task["duty"], what, task["organisation"], task["person"], day, text, branch, grades)
            act = Act(person.staff_no, caller.at, f"{caller.key}:{number}")
            await report_duty(task["cycle"], doing, act)
    except BadInput as bad:
        return Again("task", f"没有记下：{bad.say}。")
    backward = [area for area, grade in grades.items() if grade == task["grades"][-1]]
    opened = f"{'、'.join(backward)}已列入该支部的整改清单。" if backward else ""
    return Said(f"已记下（{shown_day(day)}）。{opened}", _MORE)


REPORT = Flow(
    name=_WORD,
    version="3",
    ttl=timedelta(days=7),
    load=_load,
    steps=(
        Step("task", _ask_task),
        Step("text", _ask_text, _read_text, _needs_no_text),
        Step("branch", _ask_branch, _read_branch, _needs_no_branch),
        Step("grades", _ask_grades, _read_grades, _has_no_grades),
        Step("confirm", _ask_confirm),
    ),
    done=_done,
    about=_about,
)
ROUTES = (Route(to=REPORT, words=(_WORD,), help="报告讲党课、联系点、过筛子、入党日等"),)
