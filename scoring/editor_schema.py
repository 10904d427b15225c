"""The JSON Schema of the scheme language, for editors that complete and check while a scheme file is written."""

import json
from typing import Any

from scoring.scheme import Scheme


def editor_schema() -> str:
    """The schema as it is committed beside the scheme files; the same version of the language gives the same text."""
    schema = Scheme.model_json_schema()
    schema["properties"].pop("sha256")
    found = {"$schema": "https://json-schema.org/draft/2020-12/schema", **_plain(schema)}
    return json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _plain(node: Any) -> Any:
    """Without the titles that pydantic derives from names: they say nothing more than the names."""
    if isinstance(node, dict):
        return {key: _plain(part) for key, part in node.items() if not (key == "title" and isinstance(part, str))}
    return [_plain(part) for part in node] if isinstance(node, list) else node
