"""From the text of a scheme file to a Scheme; every fault is told with file, path and remedy."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from scoring.coherence import check_coherence
from scoring.faults import BadInput, child, clip, suggest
from scoring.reading import read_yaml
from scoring.references import check_references
from scoring.scheme import Scheme


def load_scheme(text: str | bytes, *, file: str = "") -> Scheme:
    """Read, validate and cross-check one scheme file; `sha256` is that of the file's bytes. Raises BadInput, which names `file`."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    try:
        value = read_yaml(data)
        if not isinstance(value, dict) or "sha256" in value:
            raise BadInput("", "方案文件应是一组「名称: 值」，其中不写 sha256")
        scheme = _validate(value | {"sha256": sha256(data).hexdigest()})
        check_coherence(scheme)
        check_references(scheme)
    except BadInput as error:
        raise error.within(file) from None
    return scheme


def _validate(value: Mapping[str, Any]) -> Scheme:
    try:
        return Scheme.model_validate_json(json.dumps(value))
    except ValidationError as error:
        found = error.errors(include_url=False)
        # A misspelt name first: else its right name would be told as missing.
        misspelt = [one for one in found if one["type"] == "extra_forbidden"]
        raise _explain((misspelt or found)[0], value) from None


def _explain(error: ErrorDetails, value: Any) -> BadInput:
    """An error of pydantic as a path of the file and a Chinese sentence."""
    path, holder = _path_of(error["loc"], value)
    context, kind = error.get("ctx", {}), error["type"]
    given = clip(error["input"])
    last = str(error["loc"][-1]) if error["loc"] else ""
    if kind == "missing":
        return BadInput(child(path, last), "缺少这一项，请补上")
    if kind == "extra_forbidden":
        return BadInput(path, f"不认识「{clip(last)}」{suggest(last, [w for w in _words() if w not in holder])}")
    if kind == "union_tag_invalid":
        known = context["expected_tags"].replace("'", "").split(", ")
        return BadInput(child(path, "op"), f"没有名为「{clip(context['tag'])}」的算法{suggest(context['tag'], known)}")
    if kind == "union_tag_not_found":
        return BadInput(child(path, "op"), "缺少 op（用哪种算法），请补上")
    if kind == "literal_error":
        known = context["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        return BadInput(path, f"「{given}」不是可用的值{suggest(str(error['input']), known)}")
    if kind == "value_error":
        return BadInput(path, str(context["error"]))
    return BadInput(path, f"「{given}」{_REMEDIES.get(kind, '的类型或内容不对，请对照 docs/schemes.md')}")


_REMEDIES = {
    "string_type": "应是文字（数字也要加引号）",
    "string_pattern_mismatch": "的写法不对，请对照 docs/schemes.md",
    "string_too_short": "不能是空的",
    "int_type": "应是整数，不加引号",
    "bool_type": "应是 true 或 false",
    "tuple_type": "应是列表，每项一行，以 - 开头",
    "dict_type": "应是一组「名称: 值」",
    "model_type": "应是一组「名称: 值」",
    "model_attributes_type": "应是一组「名称: 值」",
    "too_short": "至少要写一项",
    "too_long": "写得太多",
    "date_from_datetime_parsing": "应是日期，如 2019-01-01",
    "date_parsing": "应是日期，如 2019-01-01",
}


def _path_of(loc: tuple[int | str, ...], value: Any) -> tuple[str, Any]:
    """The file's path of an error and what holds it. pydantic puts the names of operators into the location: they are left out."""
    path, node, holder = "", value, value
    for step in loc:
        in_list = isinstance(node, list) and isinstance(step, int) and step < len(node)
        if in_list or (isinstance(node, dict) and step in node):
            path, holder, node = child(path, step), node, node[step]
    return path, holder


def _words() -> list[str]:
    """Every field name of the scheme language."""
    found: set[str] = set()

    def collect(schema: Any) -> None:
        if isinstance(schema, dict):
            found.update(schema.get("properties", {}))
            for part in schema.values():
                collect(part)
        elif isinstance(schema, list):
            for part in schema:
                collect(part)

    collect(Scheme.model_json_schema())
    return sorted(found - {"sha256"})
