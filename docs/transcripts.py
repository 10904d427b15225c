"""Conversations as they really went, written down as Markdown."""

import re
from datetime import datetime, timedelta

from services.runtime import Runtime
from tests.integration.chatting import Phone

_LINK = re.compile(r'<a href="weixin://bizmsgmenu[^>]*>(.*?)</a>')
_PAGE = re.compile(r'<a href="http[^"]*">(.*?)</a>')
_SECRET = re.compile(r"/(screen|muster|notice)/[\w-]+")
_ONLY_LINKS = re.compile(r"(?:「[^」]*」(?: · )?)+")


class Transcript:
    """Phones that share one clock, and the page that their talk becomes."""

    def __init__(self, rt: Runtime, now: datetime) -> None:
        self.now = now
        self.page: list[str] = []
        self._rt = rt
        self._phones: dict[str, Phone] = {}

    def title(self, text: str, *remarks: str) -> None:
        """Begin a section."""
        self.page += [f"## {text}", *remarks]

    def note(self, text: str) -> None:
        """A remark between messages."""
        self.page.append(f"*{text}*")

    def later(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)

    async def say(self, who: str, *texts: str) -> str:
        """Somebody types these texts, one after the other; the last answer as it is shown."""
        shown = ""
        for text in texts:
            shown = self._record(f"**{who}**:{text}", await self._phone(who).say(text))
        return shown

    async def follow(self, who: str) -> None:
        """Somebody follows without scanning."""
        self._record(f"**{who}** 关注了公众号", await self._phone(who).follow())

    async def unfollow(self, who: str) -> None:
        """Somebody unfollows."""
        self._record(f"**{who}** 取消关注", await self._phone(who).unfollow())

    async def scan(self, who: str, scene: str) -> None:
        """Somebody scans the code of the hall."""
        self._record(f"**{who}** 扫会场签到码", await self._phone(who).scan(scene))

    async def show(self, who: str, media_id: str = "photo") -> None:
        """Somebody sends a photo; the same `media_id` is the same photo again."""
        self._record(f"**{who}** 发来一张照片", await self._phone(who).show(media_id))

    async def quietly(self, who: str, *texts: str) -> str:
        """Said, but not written down; the last answer."""
        answer = ""
        for text in texts:
            answer = await self._phone(who).say(text)
        return answer

    async def quietly_scan(self, who: str, scene: str) -> None:
        """Scanned, but not written down."""
        await self._phone(who).scan(scene)

    def _phone(self, who: str) -> Phone:
        phone = self._phones.setdefault(who, Phone(self._rt, f"openid-{len(self._phones)}"))
        phone.now = self.now
        return phone

    def _record(self, did: str, answer: str) -> str:
        shown = readable(answer)
        self.page += [did, quoted(shown) if shown else "> （没有回复）"]
        return shown


def readable(answer: str) -> str:
    """An answer with its links as 「label」, choices that stand a line each joined in one."""
    joined: list[str] = []
    for line in _SECRET.sub(r"/\1/…", _PAGE.sub(r"「\1」", _LINK.sub(r"「\1」", answer))).split("\n"):
        if joined and _ONLY_LINKS.fullmatch(line) and _ONLY_LINKS.fullmatch(joined[-1]):
            joined[-1] += line
        else:
            joined.append(line)
    return "\n".join(joined)


def quoted(text: str) -> str:
    """A text as a Markdown quotation that keeps its lines."""
    parts = re.sub(r"(?m)^(\d+)\.", r"\1\\.", text).split("\n\n")
    return "\n>\n".join("\\\n".join(f"> {line}" for line in part.split("\n")) for part in parts)
