"""The scheme files on disk: the only place that opens them. What they mean is for `scoring` to say."""

from pathlib import Path

SCHEMES = Path(__file__).parent / "schemes"
_MAX_BYTES = 1024 * 1024


def list_schemes() -> tuple[str, ...]:
    """The slugs of the schemes that ship, sorted."""
    return tuple(sorted(path.stem for path in SCHEMES.glob("*.yaml")))


def read_scheme_file(name: str) -> tuple[str, bytes] | None:
    """(name for messages, content) of a shipped slug or of a path ending in .yaml / .yml; None where there is no such file.

    At most 1 MiB and one byte is read, so that a reader with a limit sees that it is exceeded. Raises OSError.
    """
    path = SCHEMES / f"{name}.yaml" if name in list_schemes() else Path(name)
    if path.suffix not in (".yaml", ".yml") or not path.is_file():
        return None
    with path.open("rb") as file:
        return path.name, file.read(_MAX_BYTES + 1)
