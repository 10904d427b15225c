"""A command of `zhiping` as a line of a table: its words, what it does, and its arguments."""

import argparse
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from config.settings import Settings

Run = Callable[[Settings, argparse.Namespace], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument, as argparse takes it."""

    flags: tuple[str, ...]
    options: dict[str, Any]


def argument(*flags: str, **options: Any) -> Argument:
    """An `Argument` written as for `add_argument`."""
    return Argument(flags, options)


@dataclass(frozen=True, slots=True)
class Line:
    """One command: `name` within its group, what it does in Chinese, its arguments."""

    name: str
    say: str
    run: Run
    arguments: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Commands under one word: `zhiping <name> <command>`."""

    name: str
    say: str
    commands: tuple[Line, ...]


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
