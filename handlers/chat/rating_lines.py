"""One sheet in the course of a conversation: what of it is told already, line by line, and what it comes to. Pure.

The context is made by `handlers.chat.rating_contexts`; an answer to a line is a mapping with points, text and problems, or the
points that were tapped, or `SKIP`.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from bot.conversation import Answers, Context
from bot.words import CONFIRM
from scoring.numbers import show
from services.ratings.rating_rules import NONE, Line, says_nothing

SKIP = ""
VETOES, REASON, SUMMARY = "vetoes", "reason", "confirm"
Item = Mapping[str, Any]


def evidence_key(item: Item) -> str:
    """The step that links records to a line."""
    return f"e.{item['slot']}"


def problem_key(item: Item) -> str:
    """The step that asks for the problem beside an achievement."""
    return f"p.{item['slot']}"


def reason_key(item: Item) -> str:
    """The step that asks why points lie far from the self-rating."""
    return f"r.{item['slot']}"


def told_at(context: Context, answers: Answers, item: Item) -> dict[str, Any]:
    """All that is known of a line: what was kept of it, and over it what was answered now."""
    slot = item["slot"]
    told = {"points": None, "text": "", "problems": "", "reason": "", "records": [], **context["kept"].get(slot, {})}
    answer = answers.get(slot)
    if isinstance(answer, str) and answer != SKIP:
        answer = {"points": answer}
    if isinstance(answer, Mapping):  # points given anew leave the words that stand beside them
        told |= {"reason": ""} | {name: value for name, value in answer.items() if value}
    later = {"problems": answers.get(problem_key(item)), "reason": answers.get(reason_key(item))}
    linked = answers.get(evidence_key(item))
    if linked is not None:
        later["records"] = [int(one) for one in linked.split(",") if one]
    return told | {name: value for name, value in later.items() if value is not None}


def is_told(context: Context, answers: Answers, item: Item) -> bool:
    """Whether nothing is missing in a line."""
    told = told_at(context, answers, item)
    if item["high"] is not None:
        return told["points"] is not None
    return bool(told["text"]) and not (item["wants_problem"] and says_nothing(told["problems"]))


def missing(context: Context, answers: Answers) -> list[tuple[int, Item]]:
    """The lines that still lack something, with their numbers."""
    return [(n, one) for n, one in enumerate(context["items"], 1) if not is_told(context, answers, one)]


def total(context: Context, answers: Answers) -> Fraction:
    """The exact sum of the points given so far."""
    points = (told_at(context, answers, one)["points"] for one in context["items"])
    return sum((Fraction(one) for one in points if one is not None), Fraction(0))


def is_far(context: Context, answers: Answers, item: Item) -> bool:
    """Whether the points want a reason: the office has set how far from the self-rating is far, and no word stands beside them."""
    told, own = told_at(context, answers, item), context["own"].get(item["slot"])
    if context["limit"] is None or own is None or told["points"] is None or told["text"] or told["problems"]:
        return False
    return abs(Fraction(told["points"]) - Fraction(own)) >= Fraction(context["limit"])


def differs(context: Context, answers: Answers) -> bool:
    """Whether another value stands in the cycle, so that a reason is needed."""
    standing: Mapping[str, str] = context["standing"]
    if context["has_reason"]:
        return False
    if context["total"]:
        now = show(total(context, answers))
        return standing.get(context["total"], now) != now or _was_changed(context, answers)
    given = {one["slot"]: told_at(context, answers, one)["points"] for one in context["items"]}
    return any(
        Fraction(standing[slot]) != Fraction(given[slot] or standing[slot]) for slot in standing if slot in given
    )


def _was_changed(context: Context, answers: Answers) -> bool:
    """Whether the person changes a sheet of their own that was handed in."""
    return context["is_handed_in"] and any(one["slot"] in answers for one in context["items"])


def declared(context: Context, answers: Answers) -> list[str]:
    """The ids of the vetoes that were declared."""
    given = answers.get(VETOES)
    if given is None:
        kept = context["kept"]
        return [one["id"] for one in context["vetoes"] if kept.get(f"veto.{one['id']}", {}).get("text", NONE) != NONE]
    return [] if given == CONFIRM else given.split(",")


def lines_of(context: Context, answers: Answers) -> list[Line]:
    """The sheet as it is handed in."""
    found = []
    for item in context["items"]:
        told = told_at(context, answers, item)
        words = (told["text"], told["problems"], told["reason"])
        found.append(Line(item["slot"], told["points"], *words, tuple(told["records"])))
    yes = declared(context, answers)
    for one in context["vetoes"]:
        slot = f"veto.{one['id']}"
        kept = context["kept"].get(slot, {}).get("text", "")
        found.append(Line(slot, text=answers.get(slot, kept) if one["id"] in yes else NONE))
    return found
