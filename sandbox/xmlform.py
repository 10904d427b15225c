"""XML as the platform writes and reads it."""

import re
from typing import Any
from xml.parsers.expat import ExpatError

import xmltodict

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class BadXml(Exception):
    """Not a well-formed <xml> document without a DTD; the text is the reason."""


def build(fields: dict[str, Any]) -> str:
    """<xml> with text in CDATA, numbers bare, dicts nested, lists as repeated elements."""
    return f"<xml>{_children(fields)}</xml>"


def _children(fields: dict[str, Any]) -> str:
    return "".join(_element(name, value) for name, value in fields.items())


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, item) for item in value)
    return f"<{name}>{_content(value)}</{name}>"


def _content(value: Any) -> str:
    if isinstance(value, dict):
        return _children(value)
    if isinstance(value, str):
        return "<![CDATA[" + _ILLEGAL.sub("", value).replace("]]>", "]]]]><![CDATA[>") + "]]>"
    return str(value)


def parse(data: bytes) -> dict[str, Any]:
    """The children of <xml>; text untouched. Raises BadXml."""
    if b"<!DOCTYPE" in data[:2048].upper():
        raise BadXml("document type declaration")
    try:
        root = xmltodict.parse(data, strip_whitespace=False)
    except (ExpatError, ValueError) as error:
        raise BadXml(f"not well-formed: {error}") from None
    fields = root.get("xml")
    if not isinstance(fields, dict):
        raise BadXml("no <xml> element with children")
    return {name: value for name, value in fields.items() if name != "#text"}
