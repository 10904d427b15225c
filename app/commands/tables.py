"""A command of `zhiping` as a line of a table: its words, what it does, and its arguments."""

import argparse
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from config.settings import Settings

Run = Callable[["Settings", argparse.Namespace], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument, as argparse takes it."""

    flags: tuple[str, ...]
    options: dict[str, Any]


# What an argument means where its command does not say it better.
_MEANINGS = {
    "id": "编号，用 list 列出",
    "cycle": "考核周期的编号（zhiping cycle list）",
    "CYCLE": "考核周期的编号（zhiping cycle list）",
    "subject": "对象编号，如 branch:0102 或 0102",
}


def argument(*flags: str, **options: Any) -> Argument:
    """An `Argument` written as for `add_argument`."""
    return Argument(flags, {"help": _MEANINGS.get(options.get("metavar", flags[0]))} | options)


@dataclass(frozen=True, slots=True)
class Line:
    """One command of several under a word: `name`, what it does in Chinese, its arguments."""

    name: str
    say: str
    run: Run
    arguments: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class Single:
    """The one command of a word. `may_start`: where no servers are named it has its own for its duration."""

    run: Run
    arguments: tuple[Argument, ...] = ()
    may_start: bool = True


@dataclass(frozen=True, slots=True)
class Plain:
    """The one command of a word that needs neither settings nor servers."""

    run: Callable[[argparse.Namespace], int]
    arguments: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """A first word of `zhiping` and what it is for. `places`: `module:NAME` of what it does, a `Single`, a `Plain` or lines.

    Loaded only when it is asked for: most of a short command's time is the loading of what it does not need.
    """

    name: str
    say: str
    places: tuple[str, ...]

    def load(self) -> Single | Plain | tuple[Line, ...]:
        """What the word does."""
        found = [resolve_name(f"app.commands.{place}") for place in self.places]
        if isinstance(found[0], Single | Plain):
            return found[0]
        return tuple(line for lines in found for line in lines)


def row_number(text: str) -> int:
    """A number that the database gave to something, as it can hold it."""
    if not text.isascii() or not text.isdigit() or int(text) >= 2**31:
        raise argparse.ArgumentTypeError(f"「{text[:20]}」不是编号")
    return int(text)


def day(text: str) -> date:
    """A day as people write it."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"「{text[:20]}」不是日期，应写成 2022-01-18") from None


AS_JSON = argument("--json", action="store_true", dest="as_json", help="输出 JSON")
BY = argument("--by", metavar="STAFF_NO", default="command", help="由谁来办（工号），记入操作记录")
REASON = argument("--reason", default="", metavar="TEXT", help="理由，与工号一起留存")
ID = argument("id", type=row_number)
TEXT = argument("--text", required=True, help="答复的内容，对方会原样看到")
