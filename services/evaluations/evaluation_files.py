"""Reading an evaluation file: text in, a frozen `EvaluationFile` out, or every fault at once. No database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.refusals import BadInput
from models.evaluations import BRANCH, MEMBERS
from models.people import STATUSES
from scoring import faults, reading
from services.ballots.voting_files import Reader, check_weights, read_classes, read_form, read_weight

ABOUT = (BRANCH, MEMBERS)
ALL, ACCEPT = "all", "accept"
OWN = ""
"""In `ClassPlan.voters`: people who vote in the branch that they belong to."""
_KEYS = {
    *("cycle", "component", "title", "about", "organisations", "classes"),
    *("opens_at", "closes_at", "form", "min_class", "small"),
}


@dataclass(frozen=True, slots=True)
class ClassPlan:
    """A class of voters over all branches: 状态 of the branch's own people; staff numbers and organisations by branch code.

    `weight` is None where the cycle's settings shall say it.
    """

    name: str
    weight: str | None
    statuses: tuple[str, ...]
    voters: Mapping[str, tuple[str, ...]]
    orgs: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class EvaluationFile:
    """The evaluations of a cycle as their file describes them; names are not yet looked up.

    `organisations`: codes of branches, None for all that the cycle assesses; `form`: as in `models.evaluations.Evaluation`, or the key
    of a form of the scheme; points are None where the cycle's settings shall say them. `small`: codes of branches whose small classes
    are accepted, None for all.
    """

    cycle: int
    component: str
    title: str
    about: tuple[str, ...]
    organisations: tuple[str, ...] | None
    classes: tuple[ClassPlan, ...]
    opens_at: datetime
    closes_at: datetime
    form: dict[str, Any] | str
    min_class: int
    small: tuple[str, ...] | None


def read_evaluation_file(content: bytes) -> EvaluationFile:
    """The evaluations that a YAML file describes. Raises `config.refusals.BadInput` with every fault, each with its path."""
    reader = Reader()
    root: dict[str, Any] = {}
    with reader.collecting():
        root = reader.mapping(reading.read_yaml(content), "", _KEYS)
    if not root:
        raise BadInput(reader.found or ["文件是空的"])
    cycle, min_class = (_whole(reader, root, key) for key in ("cycle", "min_class"))
    component = reader.text(root.get("component"), "component", 64)
    title = reader.text(root.get("title"), "title", 60)
    about = _about(reader, root.get("about"))
    organisations = _codes(reader, root.get("organisations"), "organisations", ALL)
    classes = _classes(reader, root.get("classes"))
    opens_at, closes_at = (reader.instant(root.get(key), key) for key in ("opens_at", "closes_at"))
    form = _form(reader, root.get("form"))
    small = _codes(reader, root.get("small", []), "small", ACCEPT)
    if opens_at and closes_at and closes_at <= opens_at:
        reader.fault("closes_at", "应晚于 opens_at")
    if reader.found or opens_at is None or closes_at is None:
        raise BadInput(reader.found)
    return EvaluationFile(
        cycle, component, title, about, organisations, classes, opens_at, closes_at, form, min_class, small
    )


def _whole(reader: Reader, root: Mapping[str, Any], key: str) -> int:
    value, most = root.get(key, 5 if key == "min_class" else None), 1000 if key == "min_class" else 2**31 - 1
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most:
        return value
    reader.fault(key, f"应是 1—{most} 的整数")
    return 1


def _about(reader: Reader, value: Any) -> tuple[str, ...]:
    given = value if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(reader.one_of(one, "about", ABOUT) for one in given))


def _codes(reader: Reader, value: Any, path: str, every: str) -> tuple[str, ...] | None:
    """Codes of organisations; None for the word that means all of them."""
    return None if value == every else reader.numbers_of(value, path)


def _classes(reader: Reader, value: Any) -> tuple[ClassPlan, ...]:
    found = tuple(_class(reader, name, spec) for name, spec in read_classes(reader, value).items())
    weights = [(one.name, one.weight) for one in found if one.weight is not None]
    if weights and len(weights) < len(found):
        reader.fault("classes", "权重（weight）要么每类都写，要么都不写（用周期设置 class_weights）")
    check_weights(reader, weights if len(weights) == len(found) else [])
    return found


def _class(reader: Reader, name: str, value: Any) -> ClassPlan:
    path = faults.child("classes", name)
    spec = reader.mapping(value, path, {"weight", "statuses", "voters", "orgs"})
    weight = read_weight(reader, spec["weight"], f"{path}.weight") if "weight" in spec else None
    statuses = reader.numbers_of(spec.get("statuses", []), f"{path}.statuses")
    for status in statuses:
        reader.one_of(status, f"{path}.statuses", STATUSES)
    if not any(spec.get(key) for key in ("statuses", "voters", "orgs")):
        reader.fault(path, "须用 statuses（状态）、voters（工号）或 orgs（组织编码）说明由谁投票")
    voters = spec.get("voters", {})
    by_branch = {OWN: voters} if isinstance(voters, list) else voters
    return ClassPlan(
        name.strip(),
        weight,
        statuses,
        _by_branch(reader, by_branch, f"{path}.voters"),
        _by_branch(reader, spec.get("orgs", {}), f"{path}.orgs"),
    )


def _by_branch(reader: Reader, value: Any, path: str) -> dict[str, tuple[str, ...]]:
    given = reader.mapping(value, path)
    return {code: reader.numbers_of(one, faults.child(path, code) if code else path) for code, one in given.items()}


def _form(reader: Reader, value: Any) -> dict[str, Any] | str:
    """Options may be words alone; `rules` are read with the cycle at hand."""
    if isinstance(value, str):
        return value
    given = dict(reader.mapping(value, "form"))
    rules, options = given.pop("rules", []), given.get("options")
    if not isinstance(rules, list):
        reader.fault("form.rules", "应是列表")
    if not isinstance(options, list):
        return {**read_form(reader, given), "rules": rules}
    words = reader.numbers_of(options, "form.options")
    form = read_form(reader, given | {"options": dict.fromkeys(words, "0")})
    return {**form, "options": [[word, None] for word in words], "rules": rules}
