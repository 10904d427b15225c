"""What files about voting have in common: a reader that collects faults, classes with weights, the ballot form. No database."""

import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from fractions import Fraction
from typing import Any

from bot.words import global_word, normal, number_of
from scoring import faults, numbers, reading
from scoring.forms import ABSTAIN
from services.characters import is_visible

LIMITS = {"items": 20, "options": 10, "reporters": 60, "classes": 20}
_UNSEEN = "有看不见的字符或换行，请删去"


class Reader:
    """Collects faults, so that all of them are reported at once."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def fault(self, path: str, say: str) -> None:
        """What is wrong, and where."""
        self.found.append(faults.placed(say, path))

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """What the shared reading functions find wrong is collected, too."""
        try:
            yield
        except faults.BadInput as error:
            self.fault(error.path, error.say)

    def text(self, value: Any, path: str, longest: int) -> str:
        """A text without its edges, empty where it is none."""
        if not isinstance(value, str) or not 0 < len(value.strip()) <= longest:
            self.fault(path, f"须填写文字，不超过 {longest} 个字")
            return ""
        self.seen(value, path)
        return value.strip()

    def seen(self, text: str, path: str) -> None:
        """Every character of it can be seen."""
        if not is_visible(text):
            self.fault(path, _UNSEEN)

    def told_apart(self, path: str, names: dict[str, str], folded: str, name: str) -> None:
        """Each name once, as readers compare them; `names` remembers who came first."""
        first = names.setdefault(folded, name)
        if first != name:
            self.fault(path, f"与「{faults.clip(first)}」分不清，请改名")

    def one_of(self, value: Any, path: str, known: tuple[str, ...]) -> str:
        """One of these words."""
        if isinstance(value, str) and value in known:
            return value
        self.fault(path, f"「{faults.clip(value)}」不认识{faults.suggest(str(value), known)}")
        return known[0]

    def instant(self, value: Any, path: str) -> datetime | None:
        """A time with its offset."""
        with self.collecting():
            return reading.read_instant(value, path)
        return None

    def numbers_of(self, value: Any, path: str, *, least: int = 0) -> tuple[str, ...]:
        """A list of staff numbers or codes, each once. YAML reads an unquoted 1001 as a number: no doubt what is meant."""
        if not isinstance(value, list) or len(value) < least or len(value) > 5000:
            self.fault(path, f'应是列表，如 ["1001", "1002"]{"，至少一个" if least else ""}')
            return ()
        known: dict[str, None] = {}
        for number, one in enumerate(value):
            name = str(one) if isinstance(one, int) and not isinstance(one, bool) else one
            if not isinstance(name, str) or not 0 < len(name) <= 64:
                self.fault(f"{path}[{number}]", "应是工号或编码，请加引号")
            elif name in known:
                self.fault(f"{path}[{number}]", f"「{faults.clip(name)}」写了两次")
            else:
                self.seen(name, f"{path}[{number}]")
                known[name] = None
        return tuple(known)

    def mapping(self, value: Any, path: str, known: set[str] | None = None) -> dict[str, Any]:
        """A mapping, with no other keys than the known ones."""
        if not isinstance(value, dict):
            self.fault(path, "应是「名称: 内容」的形式")
            return {}
        for key in [key for key in value if known is not None and key not in known]:
            self.fault(faults.child(path, key), f"不认识的项目{faults.suggest(key, sorted(known or ()))}")
        return value

    def counted(self, found: int, path: str, least: int, what: str) -> None:
        """Not fewer and not more than there may be."""
        if not least <= found <= LIMITS[what]:
            self.fault(path, f"须有 {least}—{LIMITS[what]} 个")


def read_classes(reader: Reader, value: Any) -> dict[str, Any]:
    """The classes of a file by name, as they are written there; each name once, as readers compare names."""
    known: dict[str, str] = {}
    for name in (given := reader.mapping(value, "classes")):
        path = faults.child("classes", name)
        reader.told_apart(path, known, unicodedata.normalize("NFKC", name).strip(), name)
        if not 0 < len(name.strip()) <= 32:
            reader.fault(path, "类别名称须为 1—32 个字")
        reader.seen(name, path)
    reader.counted(len(given), "classes", 1, "classes")
    return given


def read_weight(reader: Reader, value: Any, path: str) -> str:
    """A class's weight as a decimal string, "0" where it is none."""
    weight = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    with reader.collecting():
        if numbers.read_decimal(weight, path) <= 0:
            reader.fault(path, "应大于 0")
    return weight if isinstance(weight, str) else "0"


def check_weights(reader: Reader, weights: Iterable[tuple[str, str]]) -> None:
    """Exactly 1 together, where nothing is wrong yet with any of them."""
    given = list(weights)
    before = len(reader.found)
    with reader.collecting():
        total = sum(
            (numbers.read_decimal(weight, faults.child("classes", name)) for name, weight in given), Fraction(0)
        )
        if len(reader.found) == before and given and total != 1:
            reader.fault("classes", f"各类别的权重（weight）相加应为 1，现在是 {numbers.show(total)}")


def read_form(reader: Reader, value: Any) -> dict[str, Any]:
    """A form as `models.polls.Poll` keeps it, without subjects and rules."""
    form = reader.mapping(value, "form", {"items", "options", "abstain"})
    options = reader.mapping(form.get("options"), "form.options")
    reader.counted(len(options), "form.options", 2, "options")
    abstain = form.get("abstain", False)
    if not isinstance(abstain, bool):
        reader.fault("form.abstain", "应是 true 或 false")
    known: dict[str, str] = {}
    for word in options:
        reader.told_apart(faults.child("form.options", word), known, normal(word), word)
    # Pairs, not a mapping: PostgreSQL's jsonb would not keep the order of keys, and the order is what voters see.
    points = [[word, _points(reader, word, given)] for word, given in options.items()]
    return {"items": _items(reader, form.get("items")), "options": points, "abstain": bool(abstain)}


def _items(reader: Reader, given: Any) -> list[str]:
    items = given if isinstance(given, list) else []
    if items is not given:
        reader.fault("form.items", "应是列表，如 [总体评价]")
    reader.counted(len(items), "form.items", 1, "items")
    names = [reader.text(item, f"form.items[{number}]", 32) for number, item in enumerate(items)]
    if len(set(map(normal, names))) != len(names):
        reader.fault("form.items", "有重复的项目")
    return names


def _points(reader: Reader, word: str, given: Any) -> str:
    path = faults.child("form.options", word)
    if not 0 < len(word) <= 16 or word != word.strip() or _is_taken(word):
        reader.fault(
            path, "选项须为 1—16 个字，不能只是标点，不能是数字、弃权，或 取消 上一步 上一题 继续 确认 帮助 返回"
        )
    reader.seen(word, path)
    text = str(given) if isinstance(given, int) and not isinstance(given, bool) else given
    with reader.collecting():
        numbers.read_decimal_in(text, Fraction(0), Fraction(100), path)
        return str(text)
    return "0"


def _is_taken(word: str) -> bool:
    """Whether the conversation would understand something else by the word, or nothing: compared as it compares."""
    said = normal(word)
    is_mark = all(unicodedata.category(character).startswith("P") for character in said)
    return bool(global_word(word) or number_of(word)) or said.isdigit() or said in (ABSTAIN, "返回") or is_mark
