"""The roster snapshot of a cycle: who is assessed, below whom, and why somebody is left out (A33, S2-34). Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from models.people import STATUSES, Person
from scoring.scheme import Scheme
from services.cycles.cycle_files import MEMBER, ORGANISATION, PERSON, STATUS, CycleFile
from services.trees import Node, Tree

SECRETARIES = "secretary"
# Everybody else of the roster is no party member and needs no reason for not being assessed.
_PARTY = tuple(status for status in STATUSES if "党员" in status)


@dataclass(frozen=True, slots=True)
class Seat:
    """One subject of the snapshot: a row of `cycle_subjects`."""

    key: str
    kind: str
    name: str
    status: str
    parent: str | None
    organisation_id: int
    person_id: int | None
    exempt: str | None


@dataclass(slots=True)
class Snapshot:
    """Who is assessed; `faults`: what the file must settle first; `left_out`: offices that nobody holds now."""

    seats: list[Seat] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def take_snapshot(
    file: CycleFile, scheme: Scheme, tree: Tree, people: Iterable[Person], secretaries: Mapping[int, Person]
) -> Snapshot:
    """The snapshot of a roster. `people`: those below the cycle's organisation; `secretaries` by organisation id."""
    root = tree.by_code.get(file.organisation)
    if root is None:
        return Snapshot(faults=[f"organisation：组织编码「{file.organisation}」不在名册中"])
    taken = Snapshot(faults=[*_unknown_kinds(file, scheme)])
    there = [node for node in tree.by_id.values() if tree.is_within(node.id, root.id)]
    members = [person for person in people if tree.is_within(person.organisation_id, root.id)]
    reasons = _Reasons(file, tree)
    taken.faults += [*_unknown_exempt(file, there, members), *_unsettled(file, members)]
    parents = _Parents(file, scheme, tree, root)
    for kind, words in file.subjects.items():
        if kind == MEMBER:
            wanted = {*words, *reasons.statuses}
            taken.seats += [_person(kind, one, parents, reasons) for one in members if one.status in wanted]
        else:
            nodes = [node for node in there if node.kind in words]
            _seat(taken, kind, nodes, secretaries if kind == SECRETARIES else None, parents, reasons)
    return taken


def _seat(
    taken: Snapshot,
    kind: str,
    nodes: list[Node],
    secretaries: Mapping[int, Person] | None,
    parents: "_Parents",
    reasons: "_Reasons",
) -> None:
    """Organisations themselves, or (with `secretaries`) the people at their head."""
    for node in nodes:
        person = None if secretaries is None else secretaries.get(node.id)
        if person is not None:
            taken.seats.append(_person(kind, person, parents, reasons))
        elif secretaries is None:
            taken.seats.append(_organisation(kind, node, parents, reasons))
        else:
            taken.left_out.append(f"{node.name}（{node.code}）现在没有书记，未列入")


class _Reasons:
    """Why a person or an organisation is left out; an organisation's reason holds for all below it."""

    def __init__(self, file: CycleFile, tree: Tree) -> None:
        self.tree = tree
        self.statuses = {one.value: one.reason for one in file.exempt if one.what == STATUS}
        self._people = {one.value: one.reason for one in file.exempt if one.what == PERSON}
        self._organisations = {one.value: one.reason for one in file.exempt if one.what == ORGANISATION}

    def of_organisation(self, organisation_id: int) -> str | None:
        codes = (node.code for node in self.tree.upwards(organisation_id))
        return next((self._organisations[code] for code in codes if code in self._organisations), None)

    def of_person(self, person: Person) -> str | None:
        named = self._people.get(person.staff_no) or self.statuses.get(person.status)
        return named or self.of_organisation(person.organisation_id)


class _Parents:
    """The nearest subject above, of a kind that the scheme allows as parent."""

    def __init__(self, file: CycleFile, scheme: Scheme, tree: Tree, root: Node) -> None:
        self.file, self.scheme, self.tree, self.root = file, scheme, tree, root

    def of(self, kind: str, organisation_id: int, *, itself: bool) -> str | None:
        track = self.scheme.track_of.get(kind)
        for node in self.tree.upwards(organisation_id):
            for parent in track.parents if track and (itself or node.id != organisation_id) else ():
                if parent != kind and node.kind in self.file.subjects.get(parent, ()):
                    return f"{parent}:{node.code}"
            if node == self.root:
                break
        return None


def _person(kind: str, person: Person, parents: _Parents, reasons: _Reasons) -> Seat:
    organisation = person.organisation_id
    parent = parents.of(kind, organisation, itself=True)
    reason = reasons.of_person(person)
    return Seat(f"{kind}:{person.staff_no}", kind, person.name, person.status, parent, organisation, person.id, reason)


def _organisation(kind: str, node: Node, parents: _Parents, reasons: _Reasons) -> Seat:
    parent = parents.of(kind, node.id, itself=False)
    return Seat(
        f"{kind}:{node.code}", kind, node.name, node.kind, parent, node.id, None, reasons.of_organisation(node.id)
    )


def _unknown_kinds(file: CycleFile, scheme: Scheme) -> Iterator[str]:
    for kind in file.subjects:
        if kind not in scheme.track_of:
            yield f"subjects.{kind}：这个方案不考核这一种对象，可用的有：{'、'.join(scheme.track_of)}"


def _unknown_exempt(file: CycleFile, there: list[Node], members: list[Person]) -> Iterator[str]:
    codes, numbers = {node.code for node in there}, {person.staff_no for person in members}
    for one in file.exempt:
        if one.what == ORGANISATION and one.value not in codes:
            yield f"exempt：组织「{one.value}」不在考核范围内"
        if one.what == PERSON and one.value not in numbers:
            yield f"exempt：工号「{one.value}」不在考核范围内"


def _unsettled(file: CycleFile, members: list[Person]) -> Iterator[str]:
    """Party members of a status that the file neither assesses nor leaves out: that must be said, with its reason."""
    if MEMBER not in file.subjects:
        return
    settled = {*file.subjects[MEMBER], *(one.value for one in file.exempt if one.what == STATUS)}
    counts = Counter(person.status for person in members if person.status in _PARTY)
    for status in (status for status in counts if status not in settled):
        yield f"subjects.member：有 {counts[status]} 名「{status}」，请列入，或在 exempt 里写明不列入的理由"
