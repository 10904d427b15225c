"""The one exception for input that cannot be used, and the 「did you mean」 that goes with it."""

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
        return ":".join(part for part in (self.file, self.path, self.say) if part)

    def within(self, file: str) -> "BadInput":
        """The same fault, naming the file that it was found in."""
        return BadInput(self.path, self.say, file)


def clip(value: object) -> str:
    """A value as it may be quoted in a message: one line, at most 40 characters."""
    text = value if isinstance(value, str) else repr(value)
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
