"""The organisations as a tree in memory, to walk upwards in. Pure but for loading it."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property

from config.refusals import Refusal
from models.organisations import Organisation, list_organisations

_DEPARTMENT = "部门"


@dataclass(frozen=True, slots=True)
class Node:
    """One organisation."""

    id: int
    code: str
    name: str
    kind: str
    parent_id: int | None


class Tree:
    """All organisations, by id (in the order of their codes) and by code."""

    def __init__(self, organisations: Iterable[Organisation]) -> None:
        nodes = [Node(one.id, one.code, one.name, one.kind, one.parent_id) for one in organisations]
        self.by_id = {node.id: node for node in nodes}
        self.by_code = {node.code: node for node in nodes}

    def require(self, code: str) -> Node:
        """The organisation of that code. Raises `Refusal` `no_such_organisation`."""
        if code not in self.by_code:
            raise Refusal("no_such_organisation", f"名册中没有编码为「{code[:64]}」的组织，请核对。", 404)
        return self.by_code[code]

    def upwards(self, organisation_id: int) -> Iterator[Node]:
        """The organisation itself, then what is above it, nearest first."""
        at: int | None = organisation_id
        while at is not None:
            node = self.by_id[at]
            yield node
            at = node.parent_id

    def is_within(self, organisation_id: int, root_id: int) -> bool:
        """Whether the organisation is the root or lies below it."""
        return any(node.id == root_id for node in self.upwards(organisation_id))

    @cached_property
    def committees(self) -> Mapping[int, int]:
        """For each organisation the party organisation that acts for it: itself, for a department the one it belongs to."""
        return {
            one: next((node.id for node in self.upwards(one) if node.kind != _DEPARTMENT), one) for one in self.by_id
        }

    @cached_property
    def above(self) -> Mapping[int, int | None]:
        """For each party organisation the one next above it."""
        parents = {one: self.by_id[one].parent_id for one in self.by_id}
        return {one: None if parent is None else self.committees[parent] for one, parent in parents.items()}

    @cached_property
    def of_committee(self) -> Mapping[int, frozenset[int]]:
        """For each party organisation the organisations that it acts for."""
        found: dict[int, set[int]] = {}
        for one, committee in self.committees.items():
            found.setdefault(committee, set()).add(one)
        return {committee: frozenset(those) for committee, those in found.items()}

    @cached_property
    def below(self) -> Mapping[int | None, tuple[int, ...]]:
        """For each party organisation those next below it."""
        found: dict[int | None, list[int]] = {}
        for committee in self.of_committee:
            found.setdefault(self.above[committee], []).append(committee)
        return {above: tuple(those) for above, those in found.items()}


_kept: ContextVar[Tree | None] = ContextVar("kept_tree", default=None)


async def load_tree() -> Tree:
    """The tree as the roster stands now, or as it stood where `keeping` began."""
    return _kept.get() or Tree(await list_organisations())


@contextmanager
def keeping(tree: Tree) -> Iterator[None]:
    """Within this block one tree serves: for work on many people, which would else load it hundreds of times."""
    token = _kept.set(tree)
    try:
        yield
    finally:
        _kept.reset(token)
