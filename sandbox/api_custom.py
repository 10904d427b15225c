"""Customer-service messages: what the account may send, when, and how often."""

from dataclasses import replace
from typing import Any

from sandbox.answers import Answer, news
from sandbox.api import OK, Call, Endpoint, Json
from sandbox.chat import find_links, menu_link
from sandbox.errors import ApiError
from sandbox.person import Person

TYPING_WINDOW = 30.0


def recipient(call: Call, field: str = "touser") -> Person:
    """The person addressed by this account's openid; ApiError 40003 for anybody else's."""
    person = call.world.find_person(str(call.body.get(field) or ""))
    own = person and (person.openid if call.app_id == call.world.settings.app_id else person.mp_openid)
    if person is None or own != call.body[field]:
        raise ApiError(40003)
    return person


async def send(call: Call) -> Json:
    """POST /cgi-bin/message/custom/send."""
    person, type_ = recipient(call), str(call.body.get("msgtype") or "")
    content = call.body.get(type_)
    if type_ not in READERS:
        raise ApiError(40008)
    if not isinstance(content, dict):
        raise ApiError(47001)
    shown = READERS[type_](call, type_, content)
    _spend_window(call, person)
    call.world.show(person, "account", shown.type, "custom", shown.text, shown.links, **shown.extra)
    return OK


def _spend_window(call: Call, person: Person) -> None:
    if not person.followed:
        raise ApiError(call.world.settings.unfollowed_errcode)
    if person.window.until <= call.world.clock.now():
        raise ApiError(45015)
    if person.window.left <= 0:
        raise ApiError(45047)
    person.window = replace(person.window, left=person.window.left - 1)


def _required(content: Json, name: str, code: int) -> str:
    value = content.get(name)
    if not isinstance(value, str) or not value:
        raise ApiError(code)
    return value


def _text(call: Call, type_: str, content: Json) -> Answer:
    text = _required(content, "content", 44004)
    if len(text.encode()) > call.world.settings.text_limit:
        raise ApiError(45002)
    return Answer("reply", "text", text, find_links(text))


def _media(call: Call, type_: str, content: Json) -> Answer:
    media = call.world.media.get(_required(content, "media_id", 40007), call.world.settings.media_ttl)
    if media.type != type_:
        raise ApiError(40007)
    details = {name: content.get(name) for name in ("title", "description")}
    return Answer("reply", type_, extra={"media_id": media.id, **details})


def _music(call: Call, type_: str, content: Json) -> Answer:
    call.world.media.get(_required(content, "thumb_media_id", 40007), call.world.settings.media_ttl)
    return Answer("reply", type_, str(content.get("title") or ""), extra={"url": content.get("musicurl")})


def _news(call: Call, type_: str, content: Json) -> Answer:
    articles = content.get("articles")
    if not isinstance(articles, list) or not all(isinstance(article, dict) for article in articles):
        raise ApiError(47001)
    if len(articles) != 1:
        raise ApiError(45008)
    return news(articles)


def _menu(call: Call, type_: str, content: Json) -> Answer:
    items: Any = content.get("list")
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        raise ApiError(47001)
    choices = [(_required(item, "content", 44004), str(item.get("id", ""))) for item in items]
    text = "\n".join(
        filter(None, [content.get("head_content"), *(label for label, _ in choices), content.get("tail_content")])
    )
    return Answer("reply", type_, text, tuple(menu_link(label, label, menu_id) for label, menu_id in choices))


def _card(call: Call, type_: str, content: Json) -> Answer:
    return Answer("reply", type_, str(content.get("title") or ""), extra={"content": content})


READERS = {
    "text": _text,
    "image": _media,
    "voice": _media,
    "video": _media,
    "music": _music,
    "news": _news,
    "msgmenu": _menu,
    "mpnews": _card,
    "mpnewsarticle": _card,
    "wxcard": _card,
    "miniprogrampage": _card,
    "link": _card,
}


async def typing(call: Call) -> Json:
    """POST /cgi-bin/message/custom/typing."""
    person, command = recipient(call), call.body.get("command")
    if command not in {"Typing", "CancelTyping"}:
        raise ApiError(45072)
    if call.world.clock.now() - person.active_at > TYPING_WINDOW:
        raise ApiError(45080)
    if command == "Typing" and person.typing:
        raise ApiError(45081)
    person.typing = command == "Typing"
    call.world.journal.publish("typing", {"phone": person.id, "typing": person.typing})
    return OK


ENDPOINTS = [
    Endpoint("POST", "/cgi-bin/message/custom/send", send),
    Endpoint("POST", "/cgi-bin/message/custom/typing", typing),
]
