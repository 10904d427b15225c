"""What the commands of the rules engine are given: documents, schemes, settings to try."""

from pathlib import Path
from typing import Any

from app.commands.opening import read_file
from app.commands.tables import argument
from config.scheme_files import list_schemes, read_scheme_file
from scoring.faults import BadInput, clip, suggest
from scoring.reading import read_json

SETTINGS = argument("--settings", metavar="FILE", help="改动的设置（JSON 或 YAML），null 去掉一项")
SCHEME = argument("--scheme", metavar="SCHEME", help="另一份方案：名字或 .yaml 文件")


def read_document_file(path: str) -> dict[str, Any]:
    """The document in a file. It names a shipped scheme, never a path, as documents come from elsewhere. Raises BadInput."""
    document = read_json(read_file(Path(path)))
    if not isinstance(document, dict):
        raise BadInput("", "应是一个 JSON 对象，含 scheme、cycle、settings、subjects")
    slug = document.get("scheme")
    if not isinstance(slug, str) or slug not in list_schemes():
        raise BadInput("scheme", f"没有名为「{clip(slug)}」的方案{suggest(str(slug), list_schemes())}")
    return document


def find_scheme(name: str) -> tuple[str, bytes]:
    """The file name and content of a scheme, by slug or path. Raises BadInput."""
    path = Path(name)
    if path.suffix in (".yaml", ".yml"):
        return path.name, read_file(path)
    found = read_scheme_file(name)
    if found is None:
        raise BadInput(clip(name), f"没有这份方案{suggest(name, list_schemes())}")
    return found
