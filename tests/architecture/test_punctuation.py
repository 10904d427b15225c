"""One form of what people read: a place and what is wrong at it are parted by a full-width colon, as all Chinese copy is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.tree import ROOT, product_modules, relative

_HALF = re.compile(r"[\w\])}」）]:[\u4e00-\u9fff「（]")


def _strings(source: str) -> Iterator[str]:
    """Every text in a module, those with values in them with 「}」 in the values' places."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _half_width(path: Path) -> list[str]:
    return [text for text in _strings(path.read_text(encoding="utf-8")) if _HALF.search(text)]


def test_no_half_width_colon_stands_before_chinese() -> None:
    found = {relative(path): texts for path in product_modules() if (texts := _half_width(path))}
    assert found == {}


def test_nor_in_what_the_commands_are_documented_to_print() -> None:
    lines = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if re.match(r"[\w.\[\]=]+:[\u4e00-\u9fff「]", line)] == []
