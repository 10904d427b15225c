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
# Taken out one by one: of 「不到位」 and 「学习不够」 something is left.
_SET_PHRASES = re.compile(
    r"没有?(?:什么|大的?|明显的?)*(?:问题|不足|意见)?|暂?无|再接再厉|继续|努力|保持|加油|发扬|不错|优秀|出色|满意|扎实|到位|认真|可以|很好"
    r"|好|肯定|赞|整体|总体|各项|工作|述职|报告|讲得?|做|干|表现|情况|大家|都|也|还|挺|很|非常|特别|十分|比较|相当|得|的|地|了"
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


def names_nothing(words: str) -> bool:
    """Whether it is praise or a set phrase alone (「很好」「继续努力」), where a problem or a direction is to be named (S4-18)."""
    return not re.sub(r"\W", "", _SET_PHRASES.sub("", words))


def _without_head(text: str) -> str:
    return _PROBLEM.sub("", text).strip(_EDGES)
