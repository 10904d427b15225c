"""Reading a meeting file (contract §5): text in, a frozen `MeetingFile` out, or every fault at once. No database."""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from bot.words import global_word, normal, number_of
from config.refusals import BadInput
from scoring import faults, numbers, reading
from services.characters import is_visible

ABSTAIN = "弃权"
MODES = ("现场", "书面")
PUBLISH = ("at_close", "by_host")
LIMITS = {"items": 20, "options": 10, "reporters": 60, "classes": 20}
_UNSEEN = "有看不见的字符或换行，请删去"
_KEYS = {
    *("title", "scheme", "starts_at", "opens_at", "closes_at", "publish"),
    *("hosts", "leaders", "classes", "reporters", "form", "min_class"),
}


@dataclass(frozen=True, slots=True)
class ClassSpec:
    """A class of voters as the file names it: weight, staff numbers, organisation codes."""

    name: str
    weight: str
    voters: tuple[str, ...]
    orgs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MeetingFile:
    """A meeting as its file describes it; names are not yet looked up."""

    title: str
    scheme: str
    starts_at: datetime
    opens_at: datetime | None
    closes_at: datetime
    publish: str
    hosts: tuple[str, ...]
    leaders: tuple[str, ...]
    classes: tuple[ClassSpec, ...]
    reporters: tuple[tuple[str, str], ...]
    form: dict[str, Any]
    min_class: int


class _Reader:
    """Collects faults, so that all of them are reported at once."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def fault(self, path: str, say: str) -> None:
        self.found.append(f"{path}:{say}")

    @contextmanager
    def collecting(self) -> Iterator[None]:
        try:
            yield
        except faults.BadInput as error:
            self.fault(error.path, error.say)

    def text(self, value: Any, path: str, longest: int) -> str:
        if not isinstance(value, str) or not 0 < len(value.strip()) <= longest:
            self.fault(path, f"须填写文字，不超过 {longest} 个字")
            return ""
        self.seen(value, path)
        return value.strip()

    def seen(self, text: str, path: str) -> None:
        if not is_visible(text):
            self.fault(path, _UNSEEN)

    def told_apart(self, path: str, names: dict[str, str], folded: str, name: str) -> None:
        """Each name once, as readers compare them; `names` remembers who came first."""
        first = names.setdefault(folded, name)
        if first != name:
            self.fault(path, f"与「{faults.clip(first)}」分不清，请改名")

    def one_of(self, value: Any, path: str, known: tuple[str, ...]) -> str:
        if isinstance(value, str) and value in known:
            return value
        self.fault(path, f"「{faults.clip(value)}」不认识{faults.suggest(str(value), known)}")
        return known[0]

    def instant(self, value: Any, path: str) -> datetime | None:
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
        if not isinstance(value, dict):
            self.fault(path, "应是「名称: 内容」的形式")
            return {}
        for key in [key for key in value if known is not None and key not in known]:
            self.fault(faults.child(path, key), f"不认识的项目{faults.suggest(key, sorted(known or ()))}")
        return value

    def counted(self, found: int, path: str, least: int, what: str) -> None:
        if not least <= found <= LIMITS[what]:
            self.fault(path, f"须有 {least}—{LIMITS[what]} 个")


def read_meeting_file(content: bytes) -> MeetingFile:
    """The meeting that a YAML file describes. Raises `config.refusals.BadInput` with every fault, each with its path."""
    reader = _Reader()
    root: dict[str, Any] = {}
    with reader.collecting():
        root = reader.mapping(reading.read_yaml(content), "文件", _KEYS)
    if not root:
        raise BadInput(reader.found or ["文件：是空的"])
    starts_at = reader.instant(root.get("starts_at"), "starts_at")
    closes_at = reader.instant(root.get("closes_at"), "closes_at")
    opens_at = reader.instant(root["opens_at"], "opens_at") if root.get("opens_at") is not None else None
    title = reader.text(root.get("title"), "title", 100)
    scheme = reader.text(root.get("scheme"), "scheme", 64)
    publish = reader.one_of(root.get("publish", "at_close"), "publish", PUBLISH)
    hosts = reader.numbers_of(root.get("hosts"), "hosts", least=1)
    leaders = reader.numbers_of(root.get("leaders", []), "leaders")
    classes = _classes(reader, root.get("classes"))
    reporters = _reporters(reader, root.get("reporters"))
    form = _form(reader, root.get("form"))
    min_class = root.get("min_class", 5)
    if not isinstance(min_class, int) or isinstance(min_class, bool) or not 1 <= min_class <= 1000:
        reader.fault("min_class", "应是 1—1000 的整数")
    _times(reader, starts_at, opens_at, closes_at)
    if reader.found or starts_at is None or closes_at is None:
        raise BadInput(reader.found)
    return MeetingFile(
        title, scheme, starts_at, opens_at, closes_at, publish, hosts, leaders, classes, reporters, form, min_class
    )


def _times(reader: _Reader, starts_at: datetime | None, opens_at: datetime | None, closes_at: datetime | None) -> None:
    if starts_at and closes_at and closes_at <= starts_at:
        reader.fault("closes_at", "应晚于 starts_at")
    if opens_at and closes_at and closes_at <= opens_at:
        reader.fault("closes_at", "应晚于 opens_at")


def _classes(reader: _Reader, value: Any) -> tuple[ClassSpec, ...]:
    known: dict[str, str] = {}
    for name in (given := reader.mapping(value, "classes")):
        reader.told_apart(faults.child("classes", name), known, unicodedata.normalize("NFKC", name).strip(), name)
    found = tuple(_class(reader, name, spec) for name, spec in given.items())
    reader.counted(len(found), "classes", 1, "classes")
    before = len(reader.found)
    with reader.collecting():
        total = sum((numbers.read_decimal(one.weight, faults.child("classes", one.name)) for one in found), Fraction(0))
        if len(reader.found) == before and found and total != 1:
            reader.fault("classes", f"各类别的权重（weight）相加应为 1，现在是 {numbers.show(total)}")
    return found


def _class(reader: _Reader, name: str, value: Any) -> ClassSpec:
    path = faults.child("classes", name)
    spec = reader.mapping(value, path, {"weight", "voters", "orgs"})
    if not 0 < len(name.strip()) <= 32:
        reader.fault(path, "类别名称须为 1—32 个字")
    reader.seen(name, path)
    weight = spec.get("weight")
    weight = str(weight) if isinstance(weight, int) and not isinstance(weight, bool) else weight
    with reader.collecting():
        if numbers.read_decimal(weight, f"{path}.weight") <= 0:
            reader.fault(f"{path}.weight", "应大于 0")
    if not spec.get("voters") and not spec.get("orgs"):
        reader.fault(path, "须用 voters（工号）或 orgs（组织编码）说明由谁投票")
    voters = reader.numbers_of(spec.get("voters", []), f"{path}.voters")
    orgs = reader.numbers_of(spec.get("orgs", []), f"{path}.orgs")
    return ClassSpec(name.strip(), weight if isinstance(weight, str) else "0", voters, orgs)


def _reporters(reader: _Reader, value: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, list):
        reader.fault("reporters", '应是列表，如 [{staff_no: "3001", mode: 现场}]')
        return ()
    reader.counted(len(value), "reporters", 1, "reporters")
    found: dict[str, str] = {}
    for number, one in enumerate(value):
        path = f"reporters[{number}]"
        entry = reader.mapping(one, path, {"staff_no", "mode"})
        for staff_no in reader.numbers_of([entry.get("staff_no")], f"{path}.staff_no"):
            if staff_no in found:
                reader.fault(path, f"工号 {faults.clip(staff_no)} 写了两次")
            found[staff_no] = reader.one_of(entry.get("mode", MODES[0]), f"{path}.mode", MODES)
    return tuple(found.items())


def _form(reader: _Reader, value: Any) -> dict[str, Any]:
    form = reader.mapping(value, "form", {"items", "options", "abstain"})
    items = form.get("items")
    if not isinstance(items, list):
        reader.fault("form.items", "应是列表，如 [总体评价]")
        items = []
    reader.counted(len(items), "form.items", 1, "items")
    names = [reader.text(item, f"form.items[{number}]", 32) for number, item in enumerate(items)]
    if len(set(map(normal, names))) != len(names):
        reader.fault("form.items", "有重复的项目")
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
    return {"items": names, "options": points, "abstain": bool(abstain)}


def _points(reader: _Reader, word: str, given: Any) -> str:
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
