"""`zhiping score`: contract §4 in, contract §4 out, without database or network."""

import sys
from pathlib import Path
from typing import Any

from config.scheme_files import list_schemes, read_scheme_file
from scoring.engine import evaluate
from scoring.faults import BadInput, clip, suggest
from scoring.loading import load_scheme
from scoring.reading import MAX_JSON_BYTES, read_json
from scoring.report import report_text
from scoring.scheme import Scheme

UNUSABLE = 2


def run_score(path: str) -> int:
    """Score the document at `path`. Prints the result and returns 0, or one Chinese sentence on standard error and returns 2."""
    try:
        document = _read_document(path)
        answer = report_text(evaluate(_scheme_of(document), document))
    except BadInput as error:
        print(error, file=sys.stderr)
        return UNUSABLE
    print(answer, end="")
    return 0


def _read_document(path: str) -> Any:
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_JSON_BYTES + 1)
    except (OSError, ValueError):
        raise BadInput(clip(path), "打不开这个文件") from None
    return read_json(data)


def _scheme_of(document: Any) -> Scheme:
    if not isinstance(document, dict):
        raise BadInput("", "应是一个 JSON 对象，含 scheme、cycle、settings、subjects")
    slug = document.get("scheme")
    if not isinstance(slug, str) or slug not in list_schemes():
        raise BadInput("scheme", f"没有名为「{clip(slug)}」的方案{suggest(str(slug), list_schemes())}")
    found = read_scheme_file(slug)
    if found is None:
        raise BadInput("scheme", f"方案「{slug}」的文件不见了")
    return load_scheme(found[1], file=found[0])
