"""Every module and public function says what it is for; nothing in the repository tells about one machine or one registry."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import Settings
from tests.architecture.tree import ROOT, product_modules, relative, tracked

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def undocumented(body: list[ast.stmt], where: str) -> Iterator[str]:
    """Public functions and classes without a docstring; of a public class its methods, too."""
    for node in body:
        if not isinstance(node, Definition) or node.name.startswith("_"):
            continue
        # `class Meta` belongs to Tortoise; a body that is only `...` is the line of a Protocol, told by its class.
        told = node.name == "Meta" or isinstance(node.body[0], ast.Expr)
        if not told:
            yield f"{where}:{node.lineno} {node.name}"
        if isinstance(node, ast.ClassDef):
            yield from undocumented(node.body, where)


def test_every_module_and_public_function_says_what_it_is_for() -> None:
    missing = []
    for path in product_modules():
        tree = ast.parse(path.read_text())
        if tree.body and not ast.get_docstring(tree):
            missing.append(relative(path))
        missing += undocumented(tree.body, relative(path))
    assert missing == []


# Contract §2, and the internal port that contract §3 asks for.
SETTINGS = {
    *(
        "DATABASE_URL",
        "REDIS_URL",
        "DATA_DIR",
        "HOST",
        "PORT",
        "SANDBOX_PORT",
        "METRICS_HOST",
        "METRICS_PORT",
        "WORK_METRICS_PORT",
        "PUBLIC_URL",
    ),
    *("WECHAT_APP_ID", "WECHAT_APP_SECRET", "WECHAT_TOKEN", "WECHAT_AES_KEY", "WECHAT_MODE", "WECHAT_API_BASE"),
    *("WECHAT_OPEN_BASE", "WECHAT_TEMPLATE_BRIEF"),  # the leaders' summary: its login, its template message
    *("WECHAT_TEMPLATE_DIGEST", "WECHAT_SUBSCRIPTION_DIGEST", "REMINDER_HOUR", "LAST_CALL_HOUR", "REMINDER_DAYS"),
    *("QUIET_HOURS", "PUSHES_PER_SECOND", "TEMPLATES_PER_DAY", "BURDEN_PUSHES", "BURDEN_QUESTIONS", "BURDEN_MINUTES"),
    *("MP_APP_ID", "MP_APP_SECRET", "BALLOT_KEY", "SESSION_KEY", "LOG_LEVEL"),
}


def test_settings_have_the_names_that_others_rely_on_and_each_is_described() -> None:
    assert {name.upper() for name in Settings.model_fields} == SETTINGS
    assert all(field.description for field in Settings.model_fields.values())


REGISTRY = re.compile(r"(?:pypi|npm|registry|mirrors?|proxy|index)[\w.-]*\.(?:org|com|cn|net|io)\b")
HOME = re.compile(r"/(?:root|home|Users)/\w+")


def texts() -> Iterator[tuple[Path, str]]:
    """Tracked files that are text."""
    for path in tracked():
        try:
            yield path, path.read_text()
        except UnicodeDecodeError:
            continue


def test_nothing_names_a_registry_or_a_place_on_one_machine() -> None:
    here = {str(ROOT), sys.prefix, sys.base_prefix} - {"/", "/usr", "/usr/local"}
    found = [
        f"{relative(path)}: {trace[:40]}"
        for path, text in texts()
        for trace in [*REGISTRY.findall(text), *HOME.findall(text), *(place for place in here if place in text)]
    ]
    assert found == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "deploy/node.txt"])
def test_python_locks_pin_by_hash_and_name_no_host(name: str) -> None:
    text = (ROOT / name).read_text()
    entries = re.split(r"\n(?=[a-z0-9])", re.sub(r"(?m)^\s*#.*\n", "", text).strip(), flags=re.IGNORECASE)
    assert len(entries) > 1
    assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []
    assert "://" not in text
    assert not re.search(r"(?m)^\s*-(i|f|-index|-extra|-find)", text)


def test_the_npm_lock_pins_by_hash_and_names_no_host() -> None:
    text = (ROOT / "package-lock.json").read_text()
    assert "://" not in re.sub(r'"url": "[^"]*"', "", text)  # whom to fund is no place to download from
    packages = re.findall(r'(?m)^    "node_modules/', text)
    assert packages
    assert len(re.findall(r'"integrity": "sha512-', text)) == len(packages)
