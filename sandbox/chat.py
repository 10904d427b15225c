"""What a phone's screen shows: entries of the chat, and the links inside their texts."""

import re
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import unquote

Sender = Literal["me", "account", "system"]
FAILURE_NOTICE = "该公众号提供的服务出现故障，请稍后再试"
_ANCHOR = re.compile(r"""<a\s+[^>]*?href\s*=\s*(["'])(.*?)\1[^>]*>(.*?)</a>""", re.IGNORECASE | re.DOTALL)
_MENU_LINK = "weixin://bizmsgmenu?"


@dataclass(frozen=True)
class Link:
    """A tappable part of a message; `content` and `menu_id` are set for links that send a text when tapped."""

    label: str
    href: str
    content: str | None = None
    menu_id: str | None = None


@dataclass(frozen=True)
class Entry:
    """One line of the chat. `via` tells the road it came by: user, reply, custom, template, subscribe, notice."""

    n: int
    at: str
    sender: Sender
    kind: str
    via: str
    text: str = ""
    links: tuple[Link, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)

    def json(self) -> dict[str, Any]:
        """JSON object of the entry."""
        return {**vars(self), "links": [vars(link) for link in self.links]}


def find_links(text: str) -> tuple[Link, ...]:
    """The links of a text message, in order."""
    return tuple(_link(re.sub(r"<[^>]*>", "", label), href) for _, href, label in _ANCHOR.findall(text))


def menu_link(label: str, content: str, menu_id: str) -> Link:
    """The link that an item of a msgmenu message amounts to."""
    return Link(label, f"{_MENU_LINK}msgmenucontent={content}&msgmenuid={menu_id}", content, menu_id)


def _link(label: str, href: str) -> Link:
    if not href.lower().startswith(_MENU_LINK):
        return Link(label, href)
    pairs = dict(part.partition("=")[::2] for part in href[len(_MENU_LINK) :].split("&"))
    return Link(label, href, unquote(pairs.get("msgmenucontent", "")), unquote(pairs.get("msgmenuid", "")))
