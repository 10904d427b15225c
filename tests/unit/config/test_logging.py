"""Logs: one JSON line an event, what `extra` gives, and of an exception nothing that could quote a message."""

import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from config.logging import JsonLines, set_up_logging

SECRET = "选择：好"


def formatted(**record: Any) -> dict[str, Any]:
    line = JsonLines().format(logging.makeLogRecord(record))
    assert "\n" not in line
    return dict(json.loads(line))


def failure() -> Any:
    try:
        raise ValueError(SECRET)
    except ValueError:
        return sys.exc_info()


def chained_failure() -> Any:
    try:
        try:
            raise ValueError(SECRET)
        except ValueError as first:
            raise RuntimeError(f"又是 {SECRET}") from first
    except RuntimeError:
        return sys.exc_info()


def test_a_line_says_when_how_bad_what_and_the_extra_fields() -> None:
    line = formatted(
        name="bot.x",
        levelno=30,
        levelname="WARNING",
        msg="两行\n%s",
        args=("文字",),
        created=0.5,
        action="not_ready",
        part="redis",
    )
    assert line == {
        "at": "1970-01-01T00:00:00.500+00:00",
        "level": "warning",
        "logger": "bot.x",
        "action": "not_ready",
        "say": "两行\n文字",
        "part": "redis",
    }


def test_what_json_does_not_know_is_written_as_text() -> None:
    assert formatted(msg="x", where={1, 2} - {2}, at_once=b"x")["where"] == "{1}"


@pytest.mark.parametrize("exc_info", [failure(), chained_failure()])
def test_of_an_exception_only_class_and_places_are_kept(exc_info: Any) -> None:
    line = formatted(msg="job failed", exc_info=exc_info)
    assert line["error"] == exc_info[0].__name__
    assert "test_logging.py:" in line["where"][0]
    assert SECRET not in json.dumps(line, ensure_ascii=False)


@pytest.fixture
def restored() -> Iterator[None]:
    """Logging as it was, also of the libraries that are kept quiet."""
    root = logging.getLogger()
    quiet = [logging.getLogger(name) for name in ("tortoise", "asyncpg", "aiohttp.access", "apscheduler", "asyncio")]
    level, handlers, levels = root.level, root.handlers[:], [one.level for one in quiet]
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for one, before in zip(quiet, levels, strict=True):
        one.setLevel(before)


def test_the_process_logs_from_its_level_up_to_standard_error(
    restored: None, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logging("warning")
    logging.getLogger("bot").info("unseen")
    logging.getLogger("bot").warning("seen", extra={"action": "seen"})
    logging.getLogger("asyncpg").warning("INSERT INTO secrets")
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger("bot").exception("failed", extra={"action": "failed"})
    captured = capsys.readouterr()
    assert captured.out == ""
    assert [json.loads(line)["action"] for line in captured.err.splitlines()] == ["seen", "failed"]
    assert SECRET not in captured.err
