"""What the answers of a flow are about (`Flow.about`), where it offers a list: somebody else may have changed the list meanwhile. Pure."""

from collections.abc import Callable, Iterable
from typing import Any

from bot.conversation import Answers, Context


def one_of(key: str, offered: Iterable[Any], answers: Answers) -> dict[str, Any]:
    """The answer to the step `key`, or the only thing offered, which was not asked; empty before, and "" where it is gone."""
    values = list(offered)
    if key not in answers and len(values) != 1:
        return {}
    given = answers.get(key, values[0])
    return {key: given if given in values else ""}


def about_one(key: str, offered: Callable[[Context], Iterable[Any]]) -> Callable[[Context, Answers], Answers]:
    """`Flow.about` of a flow that is about one thing of a list."""
    return lambda context, answers: one_of(key, offered(context), answers)
