"""What people are shown: text with tappable links, cut to the platform's limit, as reply XML."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import quote

from wechatpy.replies import TextReply

from bot.conversation import Choice, Option, Page, is_numbered
from bot.crypto import Cryptor, sign
from bot.messages import InMessage
from bot.words import CONTINUE

MAX_BYTES = 2048
"""UTF-8 bytes of a text reply; beyond it the person sees a failure notice."""

_IN_ADDRESS = ":/?#[]@!$&()*+,;=%"
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TOKENS = re.compile(r"<a\s[^>]*>.*?</a>|[^<]+|<", re.IGNORECASE | re.DOTALL)
_NO_MARKUP = str.maketrans({c: chr(ord(c) + 0xFEE0) for c in "<>&"})
_FULL_WIDTH = str.maketrans({c: chr(ord(c) + 0xFEE0) for c in "<>&\"'#%+="})


def plain(text: str) -> str:
    """Text of a person, made harmless for echoing: no tag, no attribute, no control character can be in it."""
    return _ILLEGAL.sub("", text).translate(_FULL_WIDTH)


def link(label: str, word: str, menu_id: str) -> str:
    """A tappable text that sends `word` when tapped."""
    return f'<a href="weixin://bizmsgmenu?msgmenucontent={plain(word)}&msgmenuid={menu_id}">{plain(label)}</a>'


def word_options(choices: tuple[Choice, ...]) -> tuple[Option, ...]:
    """Choices said outside a flow: tapping one sends its value as a word."""
    numbered = is_numbered(choices)
    return tuple(Option(i + 1 if numbered else 0, c.label, f"w.{plain(c.value)}") for i, c in enumerate(choices))


def render(text: str, options: Iterable[Option] = (), hints: Iterable[Option] = (), page: Page | None = None) -> str:
    """A text, its page, its choices a line each (number and word), and the words that always help on the last line.

    The only maker of links: whatever stands in `text` comes out without markup, whoever wrote it.
    """
    lines = [text.translate(_NO_MARKUP), *_page_lines(page), *(_line(option) for option in options)]
    footer = " · ".join(_line(hint) for hint in hints)
    return "\n".join(lines) + (f"\n\n{footer}" if footer else "")


def fit(text: str, limit: int = MAX_BYTES) -> tuple[str, str]:
    """What fits into `limit` UTF-8 bytes, and the rest. With a rest the first part ends in a 「继续」 link.

    Cuts between characters, at a line's end where one is near, never inside a link.
    """
    text = _ILLEGAL.sub("", text)
    if len(text.encode()) <= limit:
        return text, ""
    more = "\n" + link("继续看下文", CONTINUE, "g")
    head, rest = _split(text, limit - len(more.encode()))
    return head + more, rest


def reply_xml(message: InMessage, text: str, now: datetime) -> bytes:
    """The passive text reply to a message, unencrypted. wechatpy writes it; the text is made harmless before, which it leaves to us."""
    reply = TextReply(
        source=_harmless(message.account), target=message.openid, time=int(now.timestamp()), content=_harmless(text)
    )
    return str(reply.render()).encode()


def sealed_xml(cryptor: Cryptor, xml: bytes, now: datetime) -> bytes:
    """Reply XML encrypted and signed, for safe and compatible mode."""
    encrypted, nonce, at = cryptor.encrypt(xml), secrets.token_hex(8), str(int(now.timestamp()))
    signature = sign(cryptor.token, at, nonce, encrypted)
    return (
        f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt><MsgSignature><![CDATA[{signature}]]></MsgSignature>"
        f"<TimeStamp>{at}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
    ).encode()


def _page_lines(page: Page | None) -> list[str]:
    return ["", f'<a href="{quote(page.address, safe=_IN_ADDRESS)}">{plain(page.label)}</a>'] if page else []


def _line(option: Option) -> str:
    label = f"{option.number} {option.label}" if option.number else option.label
    return link(label, option.says or option.label, option.menu_id)


def _harmless(text: str) -> str:
    """Text that stands in one CDATA section whatever it contains."""
    return _ILLEGAL.sub("", text).replace("]]>", "]]]]><![CDATA[>")


def _split(text: str, limit: int) -> tuple[str, str]:
    taken, used = 0, 0
    for token in _TOKENS.findall(text):
        size = len(token.encode())
        if used + size > limit:
            room = limit - used
            if not _is_link(token):
                taken += len(token.encode()[:room].decode("utf-8", "ignore"))
            elif used == 0:  # a link longer than a whole reply can only be cut
                taken += len(token.encode()[:limit].decode("utf-8", "ignore"))
            break
        taken, used = taken + len(token), used + size
    line_end = text.rfind("\n", taken * 3 // 4, taken)
    taken = line_end if line_end > 0 and not _inside_link(text, line_end) else taken
    return text[:taken], text[taken:].lstrip("\n")


def _is_link(token: str) -> bool:
    return token[:2].lower() == "<a" and token.endswith("</a>")


def _inside_link(text: str, position: int) -> bool:
    return any(m.start() < position < m.end() for m in _TOKENS.finditer(text) if _is_link(m[0]))
