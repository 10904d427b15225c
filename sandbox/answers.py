"""Judges what the back end answered to a delivery, as the platform would."""

from dataclasses import dataclass, field
from typing import Any

from sandbox import crypto, xmlform
from sandbox.chat import Link, find_links
from sandbox.errors import ApiError
from sandbox.settings import Settings
from sandbox.world import World

SINGLE_ARTICLE_TRIGGERS = frozenset({"text", "image", "voice", "video", "shortvideo", "location", "link"})
MAX_ARTICLES = 8


class BadAnswer(Exception):
    """The person sees the failure notice; the text is the reason."""


@dataclass(frozen=True)
class Answer:
    """`kind` is reply, nothing or failure; the other fields describe a reply, `reason` a failure."""

    kind: str
    type: str = ""
    text: str = ""
    links: tuple[Link, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)
    reason: str = ""

    def json(self) -> dict[str, Any]:
        """JSON for the control API."""
        links = [vars(link) for link in self.links]
        return {
            "kind": self.kind,
            "type": self.type,
            "text": self.text,
            "links": links,
            **self.extra,
            "reason": self.reason,
        }


NOTHING = Answer("nothing")


def judge(world: World, status: int, body: bytes, sent: dict[str, Any]) -> Answer:
    """The answer of one delivery of the message `sent` (its XML fields)."""
    try:
        if status != 200:
            raise BadAnswer(f"HTTP {status}")
        if body in (b"", b"success"):
            return NOTHING
        return read_reply(world, _open(world.settings, body), sent)
    except (BadAnswer, xmlform.BadXml, crypto.CryptoError) as error:
        return Answer("failure", reason=str(error))


def _open(settings: Settings, body: bytes) -> dict[str, Any]:
    fields = xmlform.parse(body)
    if settings.mode == "plain":
        if "Encrypt" in fields:
            raise BadAnswer("encrypted answer in plain mode")
        return fields
    if "Encrypt" not in fields:
        if settings.mode == "compatible" and settings.compatible_plain_reply:
            return fields
        raise BadAnswer(f"answer is not encrypted in {settings.mode} mode")
    parts = [_text(fields, name) for name in ("TimeStamp", "Nonce", "Encrypt")]
    if not crypto.matches(_text(fields, "MsgSignature"), settings.token, *parts):
        raise BadAnswer("MsgSignature is wrong")
    return xmlform.parse(crypto.decrypt(settings.aes_key, settings.app_id, parts[2]))


def read_reply(world: World, fields: dict[str, Any], sent: dict[str, Any]) -> Answer:
    """What the person sees of a plain reply; raises BadAnswer."""
    for name, expected in (("ToUserName", "FromUserName"), ("FromUserName", "ToUserName")):
        if _text(fields, name) != sent[expected]:
            raise BadAnswer(f"{name} is not the message's {expected}")
    if not _text(fields, "CreateTime").strip().isascii() or not _text(fields, "CreateTime").strip().isdigit():
        raise BadAnswer("CreateTime is not an integer")
    reader = READERS.get(_text(fields, "MsgType"))
    if reader is None:
        raise BadAnswer(f"unknown MsgType {_text(fields, 'MsgType')!r}")
    return reader(world, fields, sent)


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise BadAnswer(f"{name} is missing, empty or repeated")
    return value


def _group(fields: dict[str, Any], name: str) -> dict[str, Any]:
    value = fields.get(name)
    if not isinstance(value, dict):
        raise BadAnswer(f"{name} is missing, empty or repeated")
    return value


def _read_text(world: World, fields: dict[str, Any], sent: dict[str, Any]) -> Answer:
    content, limit = _text(fields, "Content"), world.settings.text_limit
    size = len(content.encode())
    if size > limit:
        if world.settings.over_limit == "fail":
            raise BadAnswer(f"text of {size} bytes exceeds {limit}")
        content = content.encode()[:limit].decode(errors="ignore")
    return Answer("reply", "text", content, find_links(content))


def _check_media(world: World, media_id: str, *types: str) -> str:
    try:
        media = world.media.get(media_id, world.settings.media_ttl)
    except ApiError as error:
        raise BadAnswer(f"media_id: {error}") from None
    if media.type not in types:
        raise BadAnswer(f"media_id is a {media.type}")
    return media_id


def _read_media(world: World, fields: dict[str, Any], sent: dict[str, Any]) -> Answer:
    type_ = fields["MsgType"]
    group = _group(fields, type_.capitalize())
    extra = {"media_id": _check_media(world, _text(group, "MediaId"), type_)}
    return Answer("reply", type_, extra={**extra, "title": group.get("Title"), "description": group.get("Description")})


def _read_music(world: World, fields: dict[str, Any], sent: dict[str, Any]) -> Answer:
    music = _group(fields, "Music")
    _check_media(world, _text(music, "ThumbMediaId"), "thumb", "image")
    return Answer("reply", "music", music.get("Title") or "", extra={"url": music.get("MusicUrl")})


def _read_news(world: World, fields: dict[str, Any], sent: dict[str, Any]) -> Answer:
    items = _group(fields, "Articles").get("item")
    items = items if isinstance(items, list) else [items]
    if not all(isinstance(item, dict) for item in items) or _text(fields, "ArticleCount") != str(len(items)):
        raise BadAnswer("ArticleCount does not fit the articles")
    keep = 1 if sent["MsgType"] in SINGLE_ARTICLE_TRIGGERS else MAX_ARTICLES
    return news(
        [{key.lower(): item.get(key) for key in ("Title", "Description", "PicUrl", "Url")} for item in items[:keep]]
    )


def news(articles: list[dict[str, Any]]) -> Answer:
    """A news message as the person sees it; keys title, description, picurl, url."""
    links = tuple(Link(article.get("title") or "", article["url"]) for article in articles if article.get("url"))
    return Answer("reply", "news", articles[0].get("title") or "", links, {"articles": articles})


def _read_transfer(world: World, fields: dict[str, Any], sent: dict[str, Any]) -> Answer:
    return NOTHING


READERS = {
    "text": _read_text,
    "image": _read_media,
    "voice": _read_media,
    "video": _read_media,
    "music": _read_music,
    "news": _read_news,
    "transfer_customer_service": _read_transfer,
}
