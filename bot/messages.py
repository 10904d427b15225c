"""What WeChat sends, as one frozen value. Whatever is not a message raises `Unreadable`, and nothing else.

Expat is used directly. `wechatpy.parse_message` raises half a dozen exception types, rewrites events in place, loses
`bizmsgmenuid` and gives every event the id 0 (wechat-platform.md §10); `xmltodict`, which lies beneath it, cannot stop at a
DOCTYPE, a depth or a repeated field while parsing. Here each stops the parser where it stands, so a bomb costs nothing, and
a person may still write `<!DOCTYPE` in a text.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

MAX_DEPTH = 6
MAX_ELEMENTS = 400
KINDS = {"text", "image", "voice", "video", "location", "link", "event"}

_OPENID = re.compile(r"[A-Za-z0-9_@.\-]{1,64}")
_QRSCENE = "qrscene_"


class Unreadable(Exception):
    """The body is not a message; `reason` is one of a few fixed words, fit for a metric's label."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class InMessage:
    """A message or event. Texts are empty where absent. `created_at` is WeChat's CreateTime, unix seconds.

    `scene`: of a scan (SCAN) or a follow by scan (`qrscene_` taken off). `menu_id`: bizmsgmenuid of a tapped link.
    `event` is in lower case. `detail`: all fields by their XML names, see `read_fields`. Its repr shows nothing personal.
    """

    openid: str = field(repr=False)
    account: str
    created_at: int
    kind: str
    text: str = field(default="", repr=False)
    menu_id: str = ""
    event: str = ""
    event_key: str = ""
    scene: str = ""
    ticket: str = ""
    media_id: str = ""
    recognition: str = ""
    msg_id: str = ""
    wire_type: str = ""
    detail: Mapping[str, str] = field(default_factory=dict, repr=False)


def read_fields(body: bytes) -> dict[str, str]:
    """The texts under `<xml>` by name, nested ones as `ScanCodeInfo.ScanResult`, repeated ones as `List`, `List#2`.

    A field repeated at the top raises `Unreadable`, since two readers could then see two messages.
    """
    reader = _Reader()
    try:
        reader.parse(body)
    except (expat.ExpatError, ValueError, RecursionError):
        raise Unreadable("xml") from None
    return reader.fields


def parse(body: bytes) -> InMessage:
    """A decrypted (or plain) body as a message. Raises `Unreadable`."""
    fields = read_fields(body)
    wire_type = _required(fields, "MsgType").lower()
    kind = "video" if wire_type == "shortvideo" else wire_type
    event, event_key = fields.get("Event", ""), fields.get("EventKey", "")
    if kind == "event" and not event:
        raise Unreadable("missing_field")
    return InMessage(
        openid=_openid(_required(fields, "FromUserName")),
        account=_openid(_required(fields, "ToUserName")),
        created_at=_instant(_required(fields, "CreateTime")),
        kind=kind if kind in KINDS else "unknown",
        text=fields.get("Content", ""),
        menu_id=fields.get("bizmsgmenuid", ""),
        event=event.lower(),
        event_key=event_key,
        scene=_scene(event, event_key),
        ticket=fields.get("Ticket", ""),
        media_id=fields.get("MediaId", ""),
        recognition=fields.get("Recognition", ""),
        msg_id=fields.get("MsgId", "") or fields.get("MsgID", ""),
        wire_type=wire_type,
        detail=fields,
    )


class _Reader:
    """One pass over a document, with limits."""

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}
        self._path: list[str] = []
        self._text: list[str] = []
        self._elements = 0

    def parse(self, body: bytes) -> None:
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.StartElementHandler = self._open
        parser.EndElementHandler = self._close
        parser.CharacterDataHandler = self._text.append
        parser.Parse(body, True)

    def _refuse_doctype(self, *_: object) -> NoReturn:
        raise Unreadable("doctype")

    def _open(self, name: str, _attributes: object) -> None:
        self._elements += 1
        if len(self._path) >= MAX_DEPTH or self._elements > MAX_ELEMENTS:
            raise Unreadable("depth")
        if not self._path and name != "xml":
            raise Unreadable("root")
        self._path.append(self._numbered(name))
        self.fields[".".join(self._path[1:])] = ""
        self._text.clear()

    def _numbered(self, name: str) -> str:
        parent = ".".join(self._path[1:]) + "." if len(self._path) > 1 else ""
        if self._path and parent + name in self.fields:
            if not parent:
                raise Unreadable("duplicate_field")
            return next(f"{name}#{n}" for n in itertools.count(2) if f"{parent}{name}#{n}" not in self.fields)
        return name

    def _close(self, _name: str) -> None:
        self.fields[".".join(self._path[1:])] = "".join(self._text)
        self._text.clear()
        self._path.pop()
        if not self._path:
            self.fields.pop("", None)


def _required(fields: Mapping[str, str], name: str) -> str:
    if not fields.get(name, "").strip():
        raise Unreadable("missing_field")
    return fields[name].strip()


def _openid(value: str) -> str:
    if not _OPENID.fullmatch(value):
        raise Unreadable("bad_field")
    return value


def _instant(value: str) -> int:
    if not (value.isascii() and value.isdecimal() and len(value) <= 12):
        raise Unreadable("bad_field")
    return int(value)


def _scene(event: str, event_key: str) -> str:
    if event.lower() == "scan":
        return event_key
    followed_by_scan = event.lower() == "subscribe" and event_key.startswith(_QRSCENE)
    return event_key[len(_QRSCENE) :] if followed_by_scan else ""
