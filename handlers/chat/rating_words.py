"""What people type at a line of a sheet: 「4」「5 5 4 5」「4 台账不全」「成绩：… 问题：…」「第 7 项」. Pure."""

import re
import unicodedata
from dataclasses import dataclass

_NUMBER = r"-?[0-9]{1,12}(?:\.[0-9]{1,12})?"
_MARKS = r"\s,，、;；。:"
_BETWEEN = rf"(?:\s*分)?[{_MARKS}]*"
_POINTS = re.compile(rf"({_NUMBER}){_BETWEEN}")
_JUMP = re.compile(r"(?:到|改|跳到)?第?\s*([0-9]{1,3})\s*项")
_PROBLEMS = re.compile(r"(?:存在的?)?(?:主要)?(?:问题|不足|短板)(?:和不足|与不足|是)?\s*:")
_TEXT = re.compile(r"(?:主要)?(?:做法和成绩|做法|成绩|经验|亮点)\s*:")
_PAIR = re.compile(rf"([^{_MARKS}0-9]+(?:\s+[^{_MARKS}0-9]+)*?)\s*:?\s*({_NUMBER}){_BETWEEN}")


@dataclass(frozen=True, slots=True)
class Told:
    """`points`: one for this line, several for those that follow it, too; `text` and `problems`: words beside it."""

    points: tuple[str, ...] = ()
    text: str = ""
    problems: str = ""


def jump_of(text: str) -> int:
    """The number of the line that somebody wants to go to, 0 where it is nothing of the kind."""
    found = _JUMP.fullmatch(_narrow(text))
    return int(found[1]) if found else 0


def read_points(text: str) -> Told:
    """Points first, then words. Without points in front all of it is words."""
    rest, points = _narrow(text), list[str]()
    while (found := _POINTS.match(rest)) and not (points and _begins_words(rest[found.end(1) :])):
        points.append(_unpadded(found[1]))
        rest = rest[found.end() :]
    told = read_words_of(rest)
    return Told(tuple(points), told.text, told.problems)


def read_words_of(text: str) -> Told:
    """Words, parted at 「问题：」 where it stands."""
    narrow = _narrow(text)
    found = _PROBLEMS.search(narrow)
    before, after = (narrow, "") if found is None else (narrow[: found.start()], narrow[found.end() :])
    return Told((), _tidy(_TEXT.sub("", before, count=1)), _tidy(_TEXT.sub("", after)))


def read_both(text: str) -> Told | None:
    """「成绩：… 问题：…」, None where it does not begin with the one heading or lacks the other part."""
    told = read_words_of(text)
    return told if _TEXT.match(_narrow(text)) and told.text and told.problems else None


def read_pairs(text: str) -> list[tuple[str, str]] | None:
    """「张三 90 李四 85」 as names with points; None where it is anything else."""
    narrow, at = _narrow(text), 0
    pairs = []
    while at < len(narrow):
        found = _PAIR.match(narrow, at)
        if found is None:
            return None
        pairs.append(("".join(found[1].split()), _unpadded(found[2])))
        at = found.end()
    return pairs or None


def _begins_words(rest: str) -> bool:
    """Whether what follows a number makes words of it (「2021年」), and no row of points."""
    return bool(re.match(rf"(?!分)[^{_MARKS}]", rest))


def _narrow(text: str) -> str:
    """Full-width digits and marks as people mean them; Chinese commas and stops that matter to nobody here stay in the words."""
    kept = {"，": "，", "。": "。", "；": "；", "？": "？", "！": "！", "（": "（", "）": "）"}
    return "".join(kept.get(c) or unicodedata.normalize("NFKC", c) for c in text).replace("：", ":").strip()


def _tidy(words: str) -> str:
    return words.strip(" \n,、;，；:").replace(":", "：")


def _unpadded(number: str) -> str:
    """「085」 is 85 to whoever types it."""
    return re.sub(r"^(-?)0+(?=[0-9])", r"\1", number)
