"""What a report's writer is reminded of: what the document asks of every report, and what this one may lack. Pure."""

import re
from collections.abc import Mapping, Sequence

from scoring.papers import Paper
from scoring.scheme import Scheme
from services.filings.filing_rules import entries_of, listed

_FIGURE = re.compile(r"[0-9０-９]|[一二三四五六七八九十百千万两]+[个次人名件份场期项户]|百分之")
# A problem part shorter than this share of an average part on achievements looks like 「问题轻描淡写」.
_FAIR_SHARE = 3


def guidance_of(scheme: Scheme) -> tuple[str, ...]:
    """「五个讲清楚」 (S4-13) and 「四个防止」 (S4-12) in a sentence each, where the document lists them."""
    clear, prevent = listed(scheme, "S4-13"), listed(scheme, "S4-12")
    found = [f"五个讲清楚：{'；'.join(clear)}。"] if clear else []
    return (*found, *([f"四个防止：{'；'.join(prevent)}。"] if prevent else []))


def remarks_on(paper: Paper, filled: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Reminders as questions; they never keep a report from being handed in (S4-12, S4-15)."""
    achieved, problems = entries_of(paper, filled, "achievement"), entries_of(paper, filled, "problem")
    found = []
    if achieved and not _FIGURE.search("".join(achieved)):
        found.append("成绩里没有一个数字：要不要补几句具体事例和数据？（用具体事例和数据说话）")
    if (
        achieved
        and problems
        and _usual(paper, "problem", problems) * _FAIR_SHARE < _usual(paper, "achievement", achieved)
    ):
        found.append("问题比成绩短得多：是不是“成绩浓墨重彩、问题轻描淡写”？（四个防止）")
    return tuple(found)


def _usual(paper: Paper, role: str, entries: Sequence[str]) -> int:
    """Characters in an average part of that role."""
    return len("".join(entries)) // sum(part.role == role for part in paper.parts)
