"""Conversations as they really went, written down as Markdown."""

import json
import re
from datetime import datetime, timedelta

from bot.inbox import Place
from bot.names import Names
from services.runtime import Runtime
from tests.integration.chatting import Phone

_LINK = re.compile(r'<a href="weixin://bizmsgmenu[^>]*>(.*?)</a>')
_PAGE = re.compile(r'<a href="http[^"]*">(.*?)</a>')
_SECRET = re.compile(r"/(screen|muster|notice)/[\w-]+")
_ONLY_LINKS = re.compile(r"(?:「[^」]*」(?: · )?)+")
# What stands below every question is said once, at the head of the manual.
_FOOT = re.compile(r"\n\n「(?:上一步|取消|帮助)」(?: · 「(?:上一步|取消|帮助)」)*$")
# A paragraph so long is written out once.
_LONG, _BEGINNING = 100, 18


class Transcript:
    """Phones that share one clock, and the page that their talk becomes.

    `words`: under which title a word is said, its own before the first; `flows`: where a question of a flow is asked first.
    """

    def __init__(self, rt: Runtime, now: datetime) -> None:
        self.now = now
        self.page: list[str] = []
        self.words: dict[str, str] = {}
        self.flows: dict[str, str] = {}
        self._rt = rt
        self._phones: dict[str, Phone] = {}
        self._title = ""
        self._told: set[str] = set()

    def title(self, text: str, *remarks: str) -> None:
        """Begin a section."""
        self._title = text
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
            self._note_word(text.rstrip("0123456789- "))
            shown = self._record(f"**{who}**：{text}", await self._phone(who).say(text))
            await self._note_flow(who)
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

    async def speak(self, who: str, recognition: str) -> None:
        """Somebody sends a voice message; the platform recognised this."""
        self._record(f"**{who}** 发来语音：“{recognition}”", await self._phone(who).speak(recognition))

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
        self.page += [did, quoted(self._without_old(_FOOT.sub("", shown))) if shown else "> （没有回复）"]
        return shown

    def _without_old(self, shown: str) -> str:
        """With the beginning only of a long paragraph that was written out before."""
        parts = []
        for part in shown.split("\n\n"):
            is_old = len(part) > _LONG and part in self._told
            parts.append(f"{part.split(chr(10))[0][:_BEGINNING]}……（同前）" if is_old else part)
            self._told.add(part)
        return "\n\n".join(parts)

    def _note_word(self, word: str) -> None:
        if word not in self.words or self._title.split("：")[0] == word:
            self.words[word] = self._title

    async def _note_flow(self, who: str) -> None:
        """Which flow asks now, from the desk as it is kept."""
        person = Names(self._rt.settings.session_key).person(self._phone(who).openid)
        body = await self._rt.redis.hget(Place(person, "").keys[2], "body")
        stack = json.loads(body).get("stack", []) if body else []
        if stack and not stack[-1]["paused"]:
            self.flows.setdefault(stack[-1]["flow"], self._title)


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
