"""What a word of `zhiping` loads: most of a short command's time."""

import subprocess
import sys

import pytest

LOADED = "import sys; from app.__main__ import make_parser; make_parser(sys.argv[1]); print(*sys.modules)"


@pytest.mark.parametrize("word", ["score", "lint", ""])
def test_what_needs_no_database_loads_none(word: str) -> None:
    loaded = subprocess.run([sys.executable, "-c", LOADED, word], capture_output=True, text=True, check=True).stdout
    assert "app.commands.tables" in loaded.split()
    assert not {"tortoise", "redis", "aiohttp"} & set(loaded.split())


def test_a_word_loads_no_other() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", LOADED, "meeting"], capture_output=True, text=True, check=True
    ).stdout
    words = {name for name in loaded.split() if name.startswith("app.commands.")}
    assert "app.commands.meetings" in words
    assert not {"app.commands.cycles", "app.commands.sheets", "app.commands.records"} & words
