"""Taking a comment apart: what was typed or dictated in one message, into the problem and the direction. Pure."""

import re
from typing import NamedTuple

_LINK = r"(?:是|在于|有|主要是)?"
_BREAK = r"[\s：:，,、；;。.]*"
_PROBLEM = re.compile(rf"^{_BREAK}(?:突出|主要|存在的?|最大的)?问题(?:{_LINK}{_BREAK})")
# A direction begins a clause, or is followed by what begins one: 「工作方向不明」 is none.
_DIRECTION = re.compile(
    rf"(?:(?<=[\s：:，,、；;。.])|(?<=^))(?:今后的?|下一步的?|明年的?)?(?:努力|改进)?方向(?:{_LINK}{_BREAK})"
    rf"|(?:今后的?|下一步的?|明年的?)?(?:努力|改进)方向(?:{_LINK}{_BREAK})"
    r"|方向(?:是|[：:，,])"
)
_EDGES = " \t\r\n：:，,、；;。"


class CommentWords(NamedTuple):
    """The two parts that every comment has; empty what was not said."""

    problem: str
    direction: str


def read_comment(text: str) -> CommentWords:
    """「问题：… 方向：…」 in either order, also as a voice message is written down. Without a direction all of it is the problem."""
    text = text.strip()
    found = _DIRECTION.search(text)
    if found is None:
        return CommentWords(_without_head(text), "")
    before, after = text[: found.start()], text[found.end() :]
    problem = re.search(rf"(?:突出|主要)?问题(?:{_LINK}[：:，,]|是)", after) if not before.strip(_EDGES) else None
    if problem is not None:
        return CommentWords(after[problem.end() :].strip(_EDGES), after[: problem.start()].strip(_EDGES))
    return CommentWords(_without_head(before), after.strip(_EDGES))


def _without_head(text: str) -> str:
    return _PROBLEM.sub("", text).strip(_EDGES)
