"""The scheme files on disk: the only place that opens them. What they mean is for `scoring` to say."""

from pathlib import Path

SCHEMES = Path(__file__).parent / "schemes"


def list_schemes() -> tuple[str, ...]:
    """The slugs of the schemes that ship, sorted."""
    return tuple(sorted(path.stem for path in SCHEMES.glob("*.yaml")))


def read_scheme_file(slug: str) -> tuple[str, bytes] | None:
    """(name for messages, content) of the scheme that ships under a slug; None where there is none."""
    path = SCHEMES / f"{slug}.yaml"
    return (path.name, path.read_bytes()) if slug in list_schemes() else None
