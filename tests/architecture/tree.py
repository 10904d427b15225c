"""The tree as these tests see it."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("app", "bot", "config", "handlers", "models", "sandbox", "scheduler", "scoring", "services")


@cache
def tracked() -> tuple[Path, ...]:
    """Every file under version control that is there, and those about to be added."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    paths = (ROOT / name.decode() for name in listed.stdout.split(b"\0") if name)
    return tuple(path for path in paths if path.is_file())


@cache
def product_modules() -> tuple[Path, ...]:
    """The Python modules of the product and the simulator, without migrations."""
    return tuple(
        path
        for path in tracked()
        if path.suffix == ".py" and relative(path).split("/")[0] in PACKAGES and "migrations" not in path.parts
    )


def relative(path: Path) -> str:
    """A path as it is written in the repository."""
    return path.relative_to(ROOT).as_posix()
