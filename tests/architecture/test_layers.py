"""Imports obey the layers, and the contracts that say so really bite; the engine is pure; names are one noun in every layer."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, ROOT, product_modules, relative, tracked

LINTER = Path(sys.executable).with_name("lint-imports")
FORBIDDEN = {
    "Outer layers import inner ones, never back": ("config/clock.py", "import services.polls.polls"),
    "Use cases build on each other in one direction": ("services/polls/polls.py", "import services.reminders.planner"),
    "Doors are independent of each other": ("handlers/chat/menu.py", "import scheduler.jobs"),
    "The rules engine is pure": ("scoring/numbers.py", "import asyncio"),
    "The simulator knows nothing of the product": ("sandbox/clock.py", "import config.clock"),
}


def lint(directory: Path) -> tuple[int, str]:
    done = subprocess.run([LINTER, "--no-logo"], cwd=directory, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_imports_obey_the_layers() -> None:
    code, said = lint(ROOT)
    assert code == 0, said


def test_a_forbidden_import_of_each_kind_is_found(tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("static", "client", "__pycache__")
        )
    for path, line in FORBIDDEN.values():
        with (tmp_path / path).open("a") as file:
            file.write(f"\n{line}\n")
    code, said = lint(tmp_path)
    assert code == 1
    for contract in FORBIDDEN:
        assert f"{contract} BROKEN" in said


BANNED = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "base", "misc"}


def test_no_file_hides_behind_a_word_that_says_nothing() -> None:
    named = {relative(path): set(path.stem.replace("-", "_").split("_")) | set(path.parts[-2:-1]) for path in tracked()}
    assert [path for path, words in named.items() if words & BANNED] == []


# The menu is a picture of the chat's words, dictation how words are read, about what answers are about: no nouns of the business.
WITHOUT_USE_CASES = {"__init__", "about", "dictation", "menu"}


def test_a_noun_of_the_chat_names_the_file_of_its_use_cases_too() -> None:
    """A part of a noun's conversation begins with its singular: `rating_steps` belongs to `ratings`."""
    names = {path.stem for path in product_modules() if relative(path).startswith("handlers/chat/")}
    known = {path.stem for path in (ROOT / "services").rglob("*.py")}
    absent = [name for name in sorted(names - WITHOUT_USE_CASES) if not {name, f"{name.partition('_')[0]}s"} & known]
    assert absent == []


# What the engine may import from outside: data in, arithmetic, data out.
PURE = {
    *(
        "__future__",
        "calendar",
        "collections",
        "dataclasses",
        "datetime",
        "decimal",
        "difflib",
        "enum",
        "fractions",
        "functools",
    ),
    *(
        "hashlib",
        "itertools",
        "json",
        "math",
        "operator",
        "pydantic",
        "pydantic_core",
        "re",
        "scoring",
        "string",
        "types",
        "typing",
    ),
    *("unicodedata", "yaml"),
}
IMPURE_CALLS = {"open", "eval", "exec", "compile", "__import__", "print", "input", "float"}


@pytest.mark.parametrize(
    "path", [path for path in product_modules() if relative(path).startswith("scoring/")], ids=lambda path: path.stem
)
def test_the_engine_touches_nothing_but_its_arguments(path: Path) -> None:
    nodes = list(ast.walk(ast.parse(path.read_text())))
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= PURE
    called = {node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert called & IMPURE_CALLS == set()
    assert not any(isinstance(node, ast.Global | ast.AsyncFunctionDef) for node in nodes)
