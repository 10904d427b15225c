"""Going through a scheme piece by piece, each with its path in the file."""

from collections.abc import Iterable, Iterator, Mapping

from scoring.faults import child
from scoring.rules import Piece


def walk(node: object, path: str = "") -> Iterator[tuple[str, Piece]]:
    """Every piece of a scheme, outer before inner, in the order of the file's sections."""
    if isinstance(node, Piece):
        yield path, node
    for key, part in _parts_of(node):
        yield from walk(part, child(path, key))


def _parts_of(node: object) -> Iterable[tuple[str | int, object]]:
    if isinstance(node, Piece):
        # Its fields alone: what a property has worked out and kept is not in the file.
        return tuple((name, getattr(node, name)) for name in type(node).model_fields)
    if isinstance(node, Mapping):
        return node.items()
    return enumerate(node) if isinstance(node, tuple) else ()
