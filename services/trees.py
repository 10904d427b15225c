"""The organisations as a tree in memory, to walk upwards in. Pure but for loading it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from models.organisations import Organisation, list_organisations


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


async def load_tree() -> Tree:
    """The tree as the roster stands now."""
    return Tree(await list_organisations())
