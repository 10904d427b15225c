"""A whole year in one process: phones through the real reception, commands through the real parser, the clock's jobs, all at one
instant that the test moves. Faked is the edge alone: the platform (the simulator) and the machine's clock.
"""

import asyncio
import contextlib
import io
import json
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from app.__main__ import main
from config import clock
from config.clock import SHANGHAI
from sandbox.person import USER_MESSAGE
from sandbox.person import Person as Handset
from scheduler.jobs import JOBS
from services.reminders.deliveries import send_due
from services.runtime import Runtime
from tests.e2e.year.people import Roster
from tests.e2e.year.recount_pushes import Push
from tests.faults.platform import Platform
from tests.integration.chatting import Phone

_AT_ONCE = 16
_right = clock.now


@dataclass(frozen=True)
class Printed:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str


class Year:
    """The organisation, its phones and its office."""

    def __init__(self, rt: Runtime, platform: Platform, directory: Path) -> None:
        self.rt, self.roster = rt, Roster((), ())
        self.now = _right()
        self._platform, self._directory = platform, directory
        self._phones: dict[str, Phone] = {}
        self._handsets: dict[str, Handset] = {}
        # A command has an event loop and connections of its own.
        self._commands = ThreadPoolExecutor(1)
        directory.mkdir(exist_ok=True)

    def at(self, when: str) -> None:
        """Move every clock to this minute in China: `2021-02-20 09:00`."""
        self.now = datetime.fromisoformat(when).replace(tzinfo=SHANGHAI).astimezone(UTC)
        self._platform.world.clock.set(self.now)
        for phone in self._phones.values():
            phone.now = self.now

    async def tick(self) -> None:
        """Every job of the worker, now, and what is to be pushed to its end: at the platform's pace that takes some ticks."""
        for job in JOBS:
            await job.run(self.rt, self.now)
        while await send_due(self.rt, self.now):
            pass

    async def command(self, *arguments: object, ends: int = 0) -> Printed:
        """`zhiping …`, which must end with this code."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            run = asyncio.get_running_loop().run_in_executor(self._commands, main, [str(one) for one in arguments])
            code = await run
        printed = Printed(code, out.getvalue(), err.getvalue())
        assert code == ends, (arguments, printed)
        return printed

    async def json(self, *arguments: object) -> Any:
        """What `zhiping … --json` prints."""
        return json.loads((await self.command(*arguments, "--json")).out)

    def file(self, name: str, content: object) -> Path:
        """A file that somebody of the office has written: bytes as they are, anything else as JSON, which is YAML, too."""
        path = self._directory / name
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode())
        return path

    async def import_roster(self, roster: Roster) -> dict[str, Any]:
        """The workbook by the command; what it says that changed."""
        self.roster = roster
        changed = await self.json("roster", "import", self.file("名册.xlsx", roster.workbook()))
        assert isinstance(changed, dict)
        return changed

    async def bind(self, staff_numbers: Iterable[str]) -> None:
        """These people follow the account and bind themselves, many at a time, with the codes that the office handed out."""
        codes = {row["staff_no"]: row["code"] for row in await self.json("roster", "codes")}
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(staff_no: str) -> None:
            async with gate:
                phone = self._new_phone(staff_no)
                await phone.say("绑定")
                await phone.say(self.roster[staff_no].name)
                said = await phone.say(codes[staff_no])
                assert "绑定成功" in said, said

        await asyncio.gather(*(one(staff_no) for staff_no in staff_numbers))

    def phone(self, staff_no: str) -> Phone:
        """The phone of somebody who is bound."""
        return self._phones[staff_no]

    async def say(self, staff_no: str, *texts: str) -> str:
        """Somebody says these, one after the other; the answer to the last. Each opens their window on the platform again."""
        said = ""
        for text in texts:
            handset = self._handsets[staff_no]
            handset.window = handset.window.refreshed(self._platform.world.clock.now(), *USER_MESSAGE)
            said = await self.phone(staff_no).say(text)
        return said

    async def write_meters(self, staff_numbers: Iterable[str]) -> None:
        """What these phones were asked goes to the burden meter's figures, as the web process does now and then."""
        for staff_no in staff_numbers:
            await self.phone(staff_no).meter.flush()

    def pushed(self, staff_no: str) -> list[str]:
        """The texts that came to somebody's phone unasked."""
        return [entry.text for entry in self._handsets[staff_no].entries]

    def pushes(self) -> dict[str, list[Push]]:
        """All that came to anybody's phone unasked, by staff number."""
        return {
            staff_no: [Push(datetime.fromisoformat(one.at).astimezone(SHANGHAI), one.text) for one in handset.entries]
            for staff_no, handset in self._handsets.items()
        }

    def _new_phone(self, staff_no: str) -> Phone:
        handset = self._handsets[staff_no] = self._platform.follower(self.roster[staff_no].name)
        phone = self._phones[staff_no] = Phone(self.rt, handset.openid, self.now)
        return phone

    def close(self) -> None:
        """When the year is over."""
        self._commands.shutdown()


def move_clock(monkeypatch: pytest.MonkeyPatch, year: Year) -> None:
    """Let every reading of the machine's clock give the year's instant, also where a module has kept the function."""
    for module in _keepers():
        monkeypatch.setattr(module, "now", lambda: year.now)


def _keepers() -> list[ModuleType]:
    return [one for one in list(sys.modules.values()) if getattr(one, "now", None) is _right]
