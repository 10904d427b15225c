"""Everything the simulated platform knows, in memory."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Coroutine
from typing import Any

import aiohttp
from aiohttp import web

from sandbox.chat import Entry, Link, Sender
from sandbox.clock import Clock
from sandbox.codes import CodeStore
from sandbox.faults import Faults
from sandbox.grants import Grants
from sandbox.journal import Journal
from sandbox.media import MediaStore
from sandbox.person import Person, make_openid
from sandbox.quota import Quota
from sandbox.settings import Settings
from sandbox.templates import Template
from sandbox.tokens import TokenStore

FIRST_MSG_ID = 24_000_000_000_000_000


class World:
    """The platform's state and its one HTTP client towards the back end."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.journal = Journal()
        self._tasks: set[asyncio.Task[Any]] = set()
        self.reset()

    def reset(self) -> None:
        """Forget people, media, tokens, codes, menu, templates, faults and the clock's shift; settings stay."""
        for task in self._tasks:
            task.cancel()
        self.clock = Clock()
        self.people: dict[str, Person] = {}
        self._by_openid: dict[str, Person] = {}
        self.tokens = TokenStore(self.clock)
        self.media = MediaStore(self.clock)
        self.codes = CodeStore(self.clock)
        self.pages: dict[str, str] = {}
        self.quota = Quota(self.clock)
        self.faults = Faults()
        self.grants = Grants(self.clock)
        self.templates: dict[str, Template] = {}
        self.client_msg_ids: dict[tuple[str, str], tuple[int, float]] = {}
        self.logins: Counter[tuple[str, int]] = Counter()
        self.menu: dict[str, Any] | None = None
        self.held: asyncio.Event | None = None
        self._msg_ids = itertools.count(FIRST_MSG_ID)
        self._person_ids = itertools.count(1)
        self.journal.clear()
        self.journal.publish("reset", {})

    def add_person(self, name: str, note: str, openid: str = "", *, followed: bool = False) -> Person:
        """A new person with a new phone; with a known `openid` one who was here before this process."""
        person = Person(f"p{next(self._person_ids)}", name, note, openid or make_openid(), followed=followed)
        person.followed_at = self.clock.now() if followed else 0.0
        self.people[person.id] = person
        self._by_openid |= {person.openid: person, person.mp_openid: person}
        self.journal.publish("phone", person.json())
        return person

    def find_person(self, openid: str) -> Person | None:
        """The person behind an openid of either account; case matters."""
        return self._by_openid.get(openid)

    def next_msg_id(self) -> int:
        """A fresh 64-bit MsgId."""
        return next(self._msg_ids)

    def show(
        self,
        person: Person,
        sender: Sender,
        kind: str,
        via: str,
        text: str = "",
        links: tuple[Link, ...] = (),
        **extra: Any,
    ) -> Entry:
        """Put a line on a person's screen."""
        entry = Entry(len(person.entries) + 1, self.clock.iso(), sender, kind, via, text, links, extra)
        person.entries.append(entry)
        self.journal.publish("message", {"phone": person.id, **entry.json()})
        return entry

    def note(self, kind: str, **details: Any) -> None:
        """Write a line of the platform's log."""
        self.journal.write(self.clock.iso(), kind, **details)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run something beside the request that asked for it; ended by reset and shutdown."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def open(self) -> None:
        """Start the HTTP client, once a loop runs."""
        connector = aiohttp.TCPConnector(limit=0)
        self.http = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    async def close(self) -> None:
        """End what still runs."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.http.close()


WORLD = web.AppKey("world", World)
