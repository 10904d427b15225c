"""A result as it is kept: with the scheme and the document that it was worked out from, and the hashes that seal them.

{"format": "zhiping-score/1", "scheme": what the scheme file says, "scheme_text": its text, "document": the input of contract §4,
"result": its output, "hashes": {"scheme", "scheme_text", "document", "result": SHA-256 of each as canonical JSON, "seal": of these}}.
tools/verify_score.py recomputes it with nothing but the standard library. The seal is what is printed or published.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from scoring.engine import evaluate
from scoring.loading import load_scheme
from scoring.reading import read_yaml
from scoring.report import report

FORMAT = "zhiping-score/1"
_PARTS = ("scheme", "scheme_text", "document", "result")


def seal(scheme_text: str, document: Any, result: Mapping[str, Any]) -> dict[str, Any]:
    """The envelope of a result that was worked out before; `result` is the JSON of scoring.report.report."""
    parts = {
        "scheme": read_yaml(scheme_text),
        "scheme_text": scheme_text,
        "document": document,
        "result": dict(result),
    }
    hashes = {name: digest(parts[name]) for name in _PARTS}
    return {"format": FORMAT, **parts, "hashes": hashes | {"seal": digest(hashes)}}


def evaluate_sealed(scheme_text: str, document: Any, *, file: str = "") -> dict[str, Any]:
    """Evaluate and seal. Raises BadInput like load_scheme and evaluate."""
    scheme = load_scheme(scheme_text, file=file)
    return seal(scheme_text, document, report(evaluate(scheme, document)))


def digest(value: Any) -> str:
    """SHA-256 of the value as JSON with sorted keys, no spaces, UTF-8."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
