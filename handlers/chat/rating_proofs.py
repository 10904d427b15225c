"""Linking records of the year to a line of a sheet: tapped one by one, or by their numbers."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from bot.conversation import Answers, Ask, Choice, Context, Incoming, Invalid, Step
from handlers.chat.rating_lines import evidence_key, told_at
from handlers.chat.rating_words import read_points

_SHOWN_RECORDS = 8


def proof_step(n: int, context: Context) -> Step:
    """The step of line `n`; nobody is asked it who does not want to."""
    key = evidence_key(context["items"][n])
    return Step(key, partial(_ask_evidence, n), partial(_read_evidence, n), lambda c, a: key not in a)


def _linked(n: int, context: Context, answers: Answers) -> list[int]:
    return list(told_at(context, answers, context["items"][n])["records"])


def _ask_evidence(n: int, context: Context, answers: Answers) -> Ask:
    linked = _linked(n, context, answers)
    rows = context["records"]
    fresh = [i for i, one in enumerate(rows, 1) if one["id"] not in linked][-_SHOWN_RECORDS:]
    others = [
        f"{i} {one['label']}{'（已选）' if one['id'] in linked else ''}"
        for i, one in enumerate(rows, 1)
        if i not in fresh
    ]
    text = f"{context['items'][n]['label']}：哪几条记录可以证明？点选一条，或回复几个序号，如 1 3。"
    choices = (_choice(i, rows[i - 1], linked) for i in fresh)
    return Ask("\n".join([text, *others]), (*choices, Choice("", "不要佐证", ("清空",))))


def _choice(i: int, row: Mapping[str, Any], linked: list[int]) -> Choice:
    """One more record beside those that are linked already."""
    return Choice(",".join(map(str, (*linked, row["id"]))), f"{i} {row['label']}", (str(i),), says=f"选第 {i} 条")


def _read_evidence(n: int, incoming: Incoming, context: Context, answers: Answers) -> str:
    told = read_points(incoming.text)
    rows = context["records"]
    if not told.points or told.text or any(not one.isdigit() or not 1 <= int(one) <= len(rows) for one in told.points):
        raise Invalid(f"请回复记录的序号，1 到 {len(rows)}，如 1 3。")
    chosen = [*_linked(n, context, answers), *(rows[int(one) - 1]["id"] for one in told.points)]
    return ",".join(map(str, dict.fromkeys(chosen)))
