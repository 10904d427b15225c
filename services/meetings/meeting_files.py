"""Reading a meeting file (contract §5): text in, a frozen `MeetingFile` out, or every fault at once. No database."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.refusals import BadInput
from scoring import faults, reading
from services.ballots.voting_files import Reader, check_weights, read_classes, read_form, read_weight

MODES = ("现场", "书面")
PUBLISH = ("at_close", "by_host")
_KEYS = {
    *("title", "scheme", "starts_at", "opens_at", "closes_at", "publish"),
    *("hosts", "leaders", "classes", "reporters", "form", "min_class", "minutes_each"),
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
    minutes_each: int | None


def read_meeting_file(content: bytes) -> MeetingFile:
    """The meeting that a YAML file describes. Raises `config.refusals.BadInput` with every fault, each with its path."""
    reader = Reader()
    root: dict[str, Any] = {}
    with reader.collecting():
        root = reader.mapping(reading.read_yaml(content), "", _KEYS)
    if not root:
        raise BadInput(reader.found or ["文件是空的"])
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
    form = read_form(reader, root.get("form"))
    min_class = root.get("min_class", 5)
    if not isinstance(min_class, int) or isinstance(min_class, bool) or not 1 <= min_class <= 1000:
        reader.fault("min_class", "应是 1—1000 的整数")
    minutes = root.get("minutes_each")
    if minutes is not None and (not isinstance(minutes, int) or isinstance(minutes, bool) or not 1 <= minutes <= 600):
        reader.fault("minutes_each", "应是 1—600 的整数（每位述职几分钟）")
    _times(reader, starts_at, opens_at, closes_at)
    if reader.found or starts_at is None or closes_at is None:
        raise BadInput(reader.found)
    people = (hosts, leaders, classes, reporters)
    return MeetingFile(title, scheme, starts_at, opens_at, closes_at, publish, *people, form, min_class, minutes)


def _times(reader: Reader, starts_at: datetime | None, opens_at: datetime | None, closes_at: datetime | None) -> None:
    if starts_at and closes_at and closes_at <= starts_at:
        reader.fault("closes_at", "应晚于 starts_at")
    if opens_at and closes_at and closes_at <= opens_at:
        reader.fault("closes_at", "应晚于 opens_at")


def _classes(reader: Reader, value: Any) -> tuple[ClassSpec, ...]:
    found = tuple(_class(reader, name, spec) for name, spec in read_classes(reader, value).items())
    check_weights(reader, ((one.name, one.weight) for one in found))
    return found


def _class(reader: Reader, name: str, value: Any) -> ClassSpec:
    path = faults.child("classes", name)
    spec = reader.mapping(value, path, {"weight", "voters", "orgs"})
    weight = read_weight(reader, spec.get("weight"), f"{path}.weight")
    if not spec.get("voters") and not spec.get("orgs"):
        reader.fault(path, "须用 voters（工号）或 orgs（组织编码）说明由谁投票")
    voters = reader.numbers_of(spec.get("voters", []), f"{path}.voters")
    orgs = reader.numbers_of(spec.get("orgs", []), f"{path}.orgs")
    return ClassSpec(name.strip(), weight, voters, orgs)


def _reporters(reader: Reader, value: Any) -> tuple[tuple[str, str], ...]:
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
