"""Linking records of the year to a line of a sheet: tapped one by one, or by their numbers."""

from functools import partial

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
    listed = [f"{i} {one['label']}{'（已选）' if one['id'] in linked else ''}" for i, one in enumerate(rows, 1)]
    fresh = [(i, one) for i, one in enumerate(rows, 1) if one["id"] not in linked]
    choices = tuple(
        Choice(",".join(map(str, (*linked, one["id"]))), f"选第 {i} 条", (str(i),))
        for i, one in fresh[-_SHOWN_RECORDS:]
    )
    none = Choice("", "不要佐证", ("清空",))
    text = f"{context['items'][n]['label']}：哪几条记录可以证明？点选一条，或回复几个序号，如 1 3。\n"
    return Ask(text + "\n".join(listed), (*choices, none))


def _read_evidence(n: int, incoming: Incoming, context: Context, answers: Answers) -> str:
    told = read_points(incoming.text)
    rows = context["records"]
    if not told.points or told.text or any(not one.isdigit() or not 1 <= int(one) <= len(rows) for one in told.points):
        raise Invalid(f"请回复记录的序号，1 到 {len(rows)}，如 1 3。")
    chosen = [*_linked(n, context, answers), *(rows[int(one) - 1]["id"] for one in told.points)]
    return ",".join(map(str, dict.fromkeys(chosen)))
