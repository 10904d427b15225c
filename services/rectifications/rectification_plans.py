"""How a problem is to be put right: as it is typed in one sentence, and what such a plan must have (S0-26, S0-39b). Pure.

A sentence is 「每月学习两次，责任人张三，支持单位党群工作处，12月20日前」. What is needed is said by the scheme's own paper where
it has one, and in any case a measure and a last day.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from scoring.papers import Paper, Part, faults_of
from scoring.scheme import Scheme
from services.day_words import find_day

PAPER = "rectification"
MEASURE, DUE, SUPPORT, PROBLEM = "measure", "due", "support", "problem"
# How the papers name the fields.
FIELDS = {"问题": PROBLEM, "整改措施": MEASURE, "整改时限": DUE, "完成时限": DUE, "支持单位": SUPPORT}
_MOST_YEARS = 10
# S0-26 and S1-09: no item without these, whatever the scheme says.
_ALWAYS = (Part(name="整改措施"), Part(name="整改时限", high=1))


@dataclass(frozen=True, slots=True)
class Plan:
    """How a problem is to be put right. `responsible`: staff number; `support`: who helps (S0-39b)."""

    measure: str
    responsible: str
    due_on: date | None
    support: str = ""


def paper_of(scheme: Scheme | None) -> Paper | None:
    """The form on which the scheme wants rectification planned."""
    papers = scheme.papers if scheme is not None else ()
    return next((paper for paper in papers if paper.key == PAPER and paper.included), None)


def needs_support(scheme: Scheme | None) -> bool:
    """Whether the scheme's form asks for a supporting unit (S0-39b)."""
    paper = paper_of(scheme)
    return paper is not None and any(FIELDS.get(part.name) == SUPPORT and part.low for part in paper.parts)


def plan_faults(scheme: Scheme | None, problem: str, plan: Plan, today: date) -> list[str]:
    """What is missing or cannot be, a Chinese sentence each; empty where the item may begin."""
    values = {PROBLEM: problem, MEASURE: plan.measure, DUE: str(plan.due_on or ""), SUPPORT: plan.support}
    paper = paper_of(scheme)
    parts = paper.parts if paper is not None else ()
    named = {FIELDS.get(part.name) for part in parts}
    wanted = (*parts, *(part for part in _ALWAYS if FIELDS[part.name] not in named))
    whole = Paper(key=PAPER, title="整改清单", kind="plan", by="党支部", parts=wanted, clause="二(二)", fact="S0-26")
    faults = list(faults_of(whole, {part.name: [values[FIELDS[part.name]]] for part in wanted if part.name in FIELDS}))
    if plan.due_on is not None and plan.due_on < today:
        faults.append("整改时限已经过去，请写今天或以后的日期")
    if plan.due_on is not None and plan.due_on.year > today.year + _MOST_YEARS:
        faults.append(f"整改时限太远，请写 {_MOST_YEARS} 年以内的日期")
    return faults


_MARK = r"[：:是为由]?\s*"
_RESPONSIBLE = re.compile(rf"责任人{_MARK}(?P<name>[^，,。；;、\s]{{1,20}})")
# 支持 alone is a verb as often: 「党群工作处支持落实经费」.
_SUPPORT = re.compile(rf"(?:支持单位{_MARK}|支持[：:]\s*)(?P<name>[^，,。；;\s]{{1,60}})")
_EDGES = " ，,。；;、"


@dataclass(frozen=True, slots=True)
class PlanWords:
    """What the sentence says; None or empty where it does not. `stranger`: a responsible person who is not among the names."""

    measure: str
    due_on: date | None = None
    responsible: str = ""
    support: str = ""
    stranger: str = ""


def read_plan(text: str, today: date, names: Mapping[str, str]) -> PlanWords:
    """The parts of a plan. `names`: name → staff number of those who may be responsible."""
    rest, responsible = _take(_RESPONSIBLE, text)
    rest, support = _take(_SUPPORT, rest)
    found = find_day(rest, today, ahead=True)
    measure = (found.rest if found else rest).strip(_EDGES)
    number = names.get(responsible, "")
    stranger = responsible if responsible and not number else ""
    return PlanWords(measure, found.day if found else None, number, support, stranger)


def _take(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    """The text without the first match, and the name in it."""
    match = pattern.search(text)
    if match is None:
        return text, ""
    left, right = text[: match.start()].rstrip(_EDGES), text[match.end() :].lstrip(_EDGES)
    return "，".join(filter(None, (left, right))), match["name"]
