"""Every command of `zhiping` with arguments that cannot be used: one Chinese sentence, the right exit code, never a traceback.

The commands and their arguments are the parser's own, so a new command is swept as well.
"""

import asyncio
import logging
import re
from argparse import Action, ArgumentParser, _SubParsersAction
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from app.__main__ import main, make_parser
from app.commands.tables import day, row_number
from models import database
from services.runs.runs import compute_run
from tests.integration.cycles import NOW, OFFICE, fill, make_cycle

DONE, REFUSED, UNUSABLE = 0, 1, 2
# What each argument may be, by its name, while another one is wrong; whatever else there is gets a word.
GOOD = {
    **dict.fromkeys(("id", "cycle", "run", "number", "later", "meeting", "ids", "groups", "days"), "1"),
    **{"org": "0101", "about": "0101", "subject": "branch:0101", "paper": "report", "component": "democratic"},
    **{
        "on": "2020-12-01",
        "year": "2020",
        "round": "self",
        "by": OFFICE,
        "responsible": "1001",
        "scheme": "star-rating",
    },
    **{"reference": "20201220-1", "ratio": "0.5", "month": "2020-12", "changes": "self_report=2020-12-20"},
}
UNKNOWN = {
    "org",
    "about",
    "subject",
    "paper",
    "component",
    "round",
    "scheme",
    "reference",
    "kind",
    "by",
    "responsible",
    "grade",
}
"""Arguments that name something: a name that nothing bears is refused."""
NO_NUMBERS = ("-1", "x", "99999999999999999999", "1.5", "", "424242")  # the last is nobody's
FULL = "/dev/full"
"""A file on a disk that is full."""
SEVERAL = {"public-notice open", "rectification weak"}
"""Commands that need more than the parser knows of: every part that is missing is named."""
# argparse's English, Python's names of errors, and the system's own words.
ENGLISH = re.compile(
    r"Traceback|\w+(Error|Exception)\b|\b[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}\b|Errno|invalid|denied|such file"
)


def _commands(parser: ArgumentParser, *words: str) -> Iterator[tuple[tuple[str, ...], list[Action]]]:
    """Each command with its arguments."""
    below = [one for one in parser._actions if isinstance(one, _SubParsersAction)]
    for name, part in below[0].choices.items() if below else ():
        yield from _commands(part, *words, name)
    if not below:
        yield words, [one for one in parser._actions if one.dest != "help"]


COMMANDS = {" ".join(words): actions for words, actions in _commands(make_parser()) if actions}


def _line(command: str, actions: list[Action], wrong: Action | None = None, value: str = "") -> list[str]:
    """The command with every argument that it needs; of these, or beside these, one is wrong."""
    line = command.split()
    for one in actions:
        if one is wrong or one.required:
            given = value if one is wrong else _good(one)
            line += [one.option_strings[0], given] if one.option_strings else [given]
    return line


def _good(one: Action) -> str:
    return next(iter(one.choices)) if one.choices else GOOD.get(one.dest, "文字")


def _is_written(command: str, one: Action) -> bool:
    return command.endswith((" export", " template")) or one.dest in ("picture", "workbook")


def _wrong(command: str, one: Action, files: list[str]) -> Iterator[str]:
    """Values that this argument cannot have."""
    if one.type is row_number:
        yield from NO_NUMBERS
    elif one.type is day:
        yield from ("2026-02-30", "昨天")
    elif one.choices:
        yield "没有这种"
    elif one.type is Path or one.dest in ("file", "settings"):
        yield from (*files[:2], FULL) if _is_written(command, one) else files
    elif one.dest in UNKNOWN:
        yield "没有的-9"


@pytest.fixture
async def environment(
    settings_values: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[dict[str, str]]:
    """A cycle with a computed run, reached as from a terminal; the log of the tests stays theirs."""
    await database.connect(settings_values["DATABASE_URL"])
    cycle = await make_cycle()
    await fill(cycle)
    await compute_run(cycle.id, now=NOW, actor="command")
    await database.disconnect()
    for name, value in settings_values.items():
        monkeypatch.setenv(name, value)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield settings_values
    root.handlers[:], root.level = handlers, level


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """A file in a missing folder, a folder; one that is missing, one that is not text, an empty one."""
    binary, empty, folder = tmp_path / "二进制.xlsx", tmp_path / "空.yaml", tmp_path / "夹.png"
    binary.write_bytes(bytes(range(256)) * 8)
    empty.touch()
    folder.mkdir()
    return [str(one) for one in (tmp_path / "没有" / "文件.svg", folder, tmp_path / "没有.json", binary, empty)]


async def _run(line: list[str]) -> int:
    """The command in a thread of its own, as it brings its own loop; its exit code."""

    def run() -> int:
        try:
            return main(line)
        except SystemExit as end:
            return int(str(end.code))

    return await asyncio.to_thread(run)


@pytest.mark.parametrize("group", dict.fromkeys(command.split()[0] for command in COMMANDS))
async def test_what_cannot_be_used_is_said_in_one_chinese_sentence(
    group: str, environment: dict[str, str], files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    found = []
    for command, actions in COMMANDS.items():
        for line in _wrong_lines(command, actions, files) if command.split()[0] == group else ():
            code = await _run(line)
            out, err = capsys.readouterr()
            if faults := [*_faults(command, line, code, out, err)]:
                found.append((line, faults, code, out[:300], err[-600:]))
    assert not found, "\n".join(map(str, found))


def _wrong_lines(command: str, actions: list[Action], files: list[str]) -> Iterator[list[str]]:
    for one in actions:
        for value in _wrong(command, one, files):
            yield _line(command, actions, one, value)


def _faults(command: str, line: list[str], code: int, out: str, err: str) -> Iterator[str]:
    if "--by" in line and code == DONE:
        return  # who reads need not be anybody
    if code not in (REFUSED, UNUSABLE):
        yield f"code {code}"
    if out:
        yield "printed"
    if err.count("\n") != 1 and command not in SEVERAL:
        yield "not one line"
    said = err.split("（用法", maxsplit=1)[0]
    for given in line[2:]:
        said = said.replace(given, "") if len(given) > 1 else said
    if ENGLISH.search(said) or not re.search(r"[\u4e00-\u9fff]", said):
        yield "English"


@pytest.mark.parametrize(
    ("path", "why"),
    [
        (FULL, "存不下（磁盘已满）"),
        ("{}/没有/表.xlsx", "存不下（所在的文件夹不存在）"),
        ("{}", "存不下（这是文件夹，不是文件）"),
    ],
)
async def test_where_a_file_cannot_be_written_its_name_and_the_reason_are_told(
    path: str, why: str, environment: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = path.format(tmp_path)
    for line in ("rating export 1", "sheets export --run 1", "duty export 1", "rectification export"):
        assert await _run([*line.split(), target]) == UNUSABLE
        assert capsys.readouterr().err == f"{target}：{why}，请换一个地方存\n"


async def test_a_file_that_cannot_be_read_is_told_in_the_same_words_by_every_command(
    environment: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = str(tmp_path / "没有.yaml")
    for line in ("cycle create", "meeting import", "score", "public-notice open --file", "run what-if 1 --settings"):
        assert await _run([*line.split(), missing]) == UNUSABLE
        assert capsys.readouterr().err == f"{missing}：打不开（文件不存在），请核对路径\n"
