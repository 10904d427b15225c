"""What people type when they report a duty: the branch that it was about, and what a check found area by area. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence


def find_name(text: str, names: Iterable[str]) -> str:
    """The longest of the names that stands in the text, empty where none does."""
    return max((name for name in names if name in text), key=len, default="")


def read_grades(text: str, areas: Sequence[str], grades: Sequence[str]) -> Mapping[str, str]:
    """Area → grade. A grade by itself (「先进」) is that of all areas not named; 「组织生活后进」 names one. May be incomplete.

    Of several areas before one grade each gets it (「组织生活、班子建设一般」).
    """
    found: dict[str, str] = {}
    default = ""
    words = re.compile("|".join(map(re.escape, sorted((*areas, *grades), key=len, reverse=True))))
    waiting: list[str] = []
    for word in words.findall(text):
        if word in areas:
            waiting.append(word)
        elif waiting:
            found |= dict.fromkeys(waiting, word)
            waiting = []
        else:
            default = default or word
    rest = {area: default for area in areas if default and area not in found}
    return {area: grade for area in areas if (grade := found.get(area) or rest.get(area))}
