"""Pages that are made from the product, or name its parts, and would otherwise grow stale."""

import argparse
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.__main__ import make_parser
from config.settings import Settings
from docs.chat_words import ALL_FLOWS
from docs.generate import CHAT, ENVIRONMENT, chat_manual, environment_example
from handlers.chat import ROUTES
from services.runtime import Runtime

ROOT = CHAT.parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
STALE = "is stale: run `make docs` and commit what it changes"
_NAMED_FILE = re.compile(
    r"`((?:app|bot|handlers|scheduler|services|models|scoring|config|sandbox|tests|docs|deploy)/[\w/.-]+\.\w+)`"
)
_LINKED_FILE = re.compile(r"\]\((?!https?:|#)([^)#]+)")


async def test_the_chat_manual_is_what_the_chat_says(rt: Runtime) -> None:
    assert CHAT.read_text() == await chat_manual(rt), f"{CHAT.name} {STALE}"


def test_every_word_and_every_flow_is_told_with_a_transcript() -> None:
    manual = CHAT.read_text()
    said = {re.sub(r"[0-9 -]+$", "", text) for text in re.findall(r"(?m)^\*\*[^*]+\*\*：(.+)$", manual)}
    assert {route.words[0] for route in ROUTES if route.words and route.help} - said == set()
    rows = re.findall(r"(?m)^\| (\S+) \| (\S+) \| \[(.+)\]\(#\S+\) \|$", manual)
    told = {(name, word) for name, word, title in rows if f"\n## {title}\n" in manual}
    assert {(flow.name, flow.start_word) for flow in ALL_FLOWS.values()} - told == set()


def test_the_example_environment_holds_every_setting() -> None:
    assert ENVIRONMENT.read_text() == environment_example(), f"{ENVIRONMENT.name} {STALE}"
    names = re.findall(r"^(?:# )?([A-Z_]+)=", ENVIRONMENT.read_text(), re.MULTILINE)
    assert names == [name.upper() for name in Settings.model_fields]


def test_every_command_and_option_is_in_the_manual() -> None:
    manual = (ROOT / "docs" / "cli.md").read_text()
    examples = re.findall(r"(?m)^\$ (?:\w+=\S+ )*(zhiping .*)$", manual)
    for command, parser in _commands("zhiping", make_parser()):
        assert f"`{command}" in manual, command
        assert any(f"{one} ".startswith(f"{command} ") for one in examples), f"{command} without a worked example"
        options = {text for action in parser._actions for text in action.option_strings if text.startswith("--")}
        for option in options - {"--help"}:
            assert option in manual, f"{command} {option}"


def _commands(name: str, parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Every command that does something, with its parser."""
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not groups:
        yield name, parser
    for group in groups:
        for word, child in group.choices.items():
            yield from _commands(f"{name} {word}", child)


def test_every_dependency_is_explained() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.split(r"[>=<;\s]", one)[0] for one in wanted}
    names |= set(json.loads((ROOT / "package.json").read_text())["devDependencies"])
    assert {name for name in names if f"`{name}`" not in page} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_names_is_there(page: Path) -> None:
    text = page.read_text()
    named = {ROOT / path for path in _NAMED_FILE.findall(text)}
    linked = {page.parent / path for path in _LINKED_FILE.findall(text)}
    # Built files are there only after the set-up.
    missing = {str(path) for path in named | linked if not path.exists() and "static" not in path.parts}
    assert missing == set()
