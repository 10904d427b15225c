"""The one exception for input that cannot be used, and the 「did you mean」 that goes with it."""

import json
from collections.abc import Iterable
from difflib import get_close_matches

_SHOWN = 40


class BadInput(ValueError):
    """Input that cannot be used: `path` leads to the fault, `say` is one Chinese sentence with fault and remedy."""

    def __init__(self, path: str, say: str, file: str = "") -> None:
        super().__init__(path, say, file)
        self.path = path
        self.say = say
        self.file = file

    def __str__(self) -> str:
        return placed(self.say, self.file, self.path)

    def within(self, file: str) -> "BadInput":
        """The same fault, naming the file that it was found in."""
        return BadInput(self.path, self.say, file)


def placed(say: str, *places: str) -> str:
    """A fault behind the file and the path in it that it stands at, as everybody reads it: 「评分.json：subjects[0].id：……」."""
    return "：".join((*filter(None, places), say))


def clip(value: object) -> str:
    """A value as it may be quoted in a message, as its file would write it: one line, at most 40 characters."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    if len(text) <= _SHOWN and text.isprintable():
        return text
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[: _SHOWN + 1])
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def child(path: str, key: str | int) -> str:
    """The path of a part: `subjects[0].scores`."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{clip(key)}" if path else clip(key)


def suggest(word: str, known: Iterable[str]) -> str:
    """「，您是否想写 X?」 for the nearest known word; else the list of what is known; empty where nothing is known."""
    choices = list(known)
    near = get_close_matches(word[:_SHOWN], choices, n=1, cutoff=0.5)
    if near:
        return f"，您是否想写「{near[0]}」？"
    if choices:
        return "，可用的有：" + "、".join(choices[:12]) + ("…" if len(choices) > 12 else "")
    return ""
