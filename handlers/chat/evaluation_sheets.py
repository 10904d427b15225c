"""A ballot over many places while it is filled: what is given, what may still be given, and what a typed line fills. Pure.

Places are numbered from 0 over everything that the voter fills in: subjects in order, items within, without the voter's own.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from bot.words import normal
from scoring.filling import allowed, problems, remaining
from scoring.forms import ABSTAIN, BallotForm
from services.ballots.ballot_forms import Form, names_of, option_words, sheet_of

_CHANGE = re.compile(r"(?:改|修改)第?([0-9]{1,3})(?:题|项|个|号)?")
_SEPARATORS = r"[\s,，、;；。]*"
_NUMBERS = r"第?[0-9]{1,3}(?:\s*[-—~至到]\s*[0-9]{1,3})?"
_PART = re.compile(
    rf"{_SEPARATORS}(?P<whom>其余(?:都|的)?|全部?|都|(?:{_NUMBERS}[\s,，、]*)+)(?:号|题|项)?\s*[给是:：=都“”\"]*\s*"
    r"(?P<word>[^\s0-9,，、;；。“”\"]+)[”\"]?"
)
_UNREAD = "没有看懂。请点选，或回复选项；几个一起填就回复编号和选项，如：{example}"


@dataclass(frozen=True)
class Sheet:
    """`form`: the poll's; `own`: the number of the subject that is the voter; `given`: option words by place."""

    form: Form
    own: int | None
    given: Mapping[int, str]

    @cached_property
    def _rules(self) -> BallotForm:
        return sheet_of(self.form)

    @cached_property
    def subjects(self) -> list[str]:
        """Who or what the voter votes on, by name."""
        return [name for number, name in enumerate(names_of(self.form["subjects"])) if number != self.own]

    @property
    def words(self) -> tuple[str, ...]:
        """The options that the form offers."""
        return self._rules.answers()

    @property
    def size(self) -> int:
        """How many places there are."""
        return len(self.subjects) * len(self.form["items"])

    @cached_property
    def names(self) -> list[str]:
        """What each place is called: of one item the subject, of one subject the item, else both."""
        items, subjects = self.form["items"], self.subjects
        if len(items) == 1:
            return subjects
        return list(items) if len(subjects) == 1 else [f"{one}·{item}" for one in subjects for item in items]

    def empty(self) -> list[int]:
        """The places still to be filled."""
        return [place for place in range(self.size) if place not in self.given]

    def allowed(self, place: int) -> tuple[str, ...]:
        """The answers for one place after which the ballot can still become valid."""
        if not self._rules.rules:
            return self.words
        subject, item = self._cell(place)
        return allowed(self._rules, self.subjects, self._answers, subject, item)

    def fitting_rest(self) -> tuple[str, ...]:
        """The answers that all empty places may get together."""
        if not self._rules.rules:
            return self.words
        return tuple(word for word in self.words if not self.with_rest(word).problems())

    def with_rest(self, word: str) -> "Sheet":
        """The sheet with that answer in every empty place."""
        return replace(self, given={**self.given, **dict.fromkeys(self.empty(), word)})

    def problems(self) -> tuple[str, ...]:
        """What makes the sheet invalid as it is."""
        return problems(self._rules, self.subjects, self._answers)

    def hints(self) -> tuple[str, ...]:
        """What the rules leave, such as 「还可给 1 个“优秀”」."""
        return remaining(self._rules, self.subjects, self._answers)

    def choices(self) -> list[int]:
        """The whole ballot as option numbers, the voter's own places as 弃权."""
        words = option_words(self.form)
        filled = iter([words.index(self.given[place]) for place in range(self.size)])
        own = words.index(ABSTAIN) if self.own is not None else 0
        return [
            own if number == self.own else next(filled)
            for number in range(len(self.form["subjects"]))
            for _ in self.form["items"]
        ]

    @cached_property
    def _answers(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for place, word in self.given.items():
            subject, item = self._cell(place)
            found.setdefault(subject, {})[item] = word
        return found

    def _cell(self, place: int) -> tuple[str, str]:
        items = self.form["items"]
        return self.subjects[place // len(items)], items[place % len(items)]


def read_line(sheet: Sheet, text: str) -> int | dict[int, str]:
    """What a typed line fills, by place; or the one place that it wants to be asked for again. Raises `ValueError`, in Chinese."""
    said = unicodedata.normalize("NFKC", text).strip()
    change = _CHANGE.fullmatch(normal(said))
    if change:
        return _place(sheet, int(change[1]))
    found: dict[int, str] = {}
    at = 0
    for part in _PART.finditer(said):
        if part.start() != at:
            break
        at = part.end()
        found |= dict.fromkeys(_places(sheet, part["whom"], found), _word(sheet, part["word"]))
    if not found or said[at:].strip(" ,，、;；。"):
        raise ValueError(_UNREAD.format(example=f"1 {sheet.words[0]}"))
    _check(sheet, found)
    return found


def _places(sheet: Sheet, whom: str, found: Mapping[int, str]) -> Iterator[int]:
    if whom.startswith("其余"):
        yield from (place for place in sheet.empty() if place not in found)
        return
    if whom in ("全", "全部", "都"):
        yield from range(sheet.size)
        return
    for first, last in re.findall(r"([0-9]{1,3})(?:\s*[-—~至到]\s*([0-9]{1,3}))?", whom):
        yield from range(_place(sheet, int(first)), _place(sheet, int(last or first)) + 1)


def _place(sheet: Sheet, number: int) -> int:
    if not 1 <= number <= sheet.size:
        raise ValueError(f"没有第 {number} 号，编号是 1—{sheet.size}。")
    return number - 1


def _word(sheet: Sheet, said: str) -> str:
    meant = [word for word in sheet.words if normal(word) == normal(said)]
    if not meant:
        raise ValueError(f"没有「{said[:16]}」这个选项，可选：{'、'.join(sheet.words)}。")
    return meant[0]


def _check(sheet: Sheet, found: Mapping[int, str]) -> None:
    """One after the other, with the others of them empty, so that two may also change places."""
    kept: dict[int, Any] = {place: word for place, word in sheet.given.items() if place not in found}
    for place, word in found.items():
        before = replace(sheet, given=kept)
        if word not in before.allowed(place):
            hints = "；".join(before.hints())
            why = f"（{hints}）" if hints else ""
            raise ValueError(f"{place + 1} {sheet.names[place]} 给不了“{word}”{why}，这几项都没有改。")
        kept[place] = word
