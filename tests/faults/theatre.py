"""Where schedules of faults are played: two web processes behind one address, a worker, the simulator, people who are bound."""

import asyncio
import random
import resource
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.resources import open_runtime
from config import clock
from config.settings import load_settings
from sandbox.phones import Phone
from services.meetings.meetings import get_meeting, import_meeting, scene_of
from services.meetings.results import meeting_result
from tests.e2e.hall import LiveMeeting, set_up
from tests.e2e.stage import Stage, bind, open_stage
from tests.faults.outages import Outages
from tests.faults.splitter import Splitter, splitter
from tests.integration.world import Hall, make_hall, meeting_of
from tests.ports import free_port

HALL = make_hall(leaders=4, delegates=4, masses=4, reporters=3)
# Killing has to be noticed quickly here; the platform waits five seconds.
PLATFORM = {"deadline": 5.0, "retry_pause": 0.2, "reorder_hold": 0.1}
FULL_DISK = 400_000
"""Bytes that fit into a file on a disk that is full."""


class StagedMeeting(LiveMeeting):
    """A meeting of which the result is read without a process."""

    async def result(self) -> Any:
        async with open_runtime(load_settings(self.stage.environment)):
            return await meeting_result(await get_meeting(self.id))


@dataclass
class Theatre:
    """Everything that can break. `first`: the meeting in which all were bound; its phones serve in all later ones."""

    stage: Stage
    outages: Outages
    front: Splitter
    clock_file: Path
    first: LiveMeeting
    bystander: Phone
    platform_is_wrong_by: float = 0.0
    ports: dict[str, str] = field(default_factory=dict)

    async def new_meeting(self, title: str, extra: dict[str, str]) -> StagedMeeting:
        """Another meeting of the same hall. `extra`: lines of its file that are different."""
        text = meeting_of(self.first.hall).replace("title: 述职评议会", f"title: {title}")
        for name, value in extra.items():
            text = "\n".join(f"{name}: {value}" if line.startswith(f"{name}:") else line for line in text.split("\n"))
        async with open_runtime(load_settings(self.stage.environment)):
            meeting = await import_meeting(text.encode(), now=clock.now(), actor="test")
        first = self.first
        return StagedMeeting(self.stage, first.hall, meeting.id, scene_of(meeting), first.phones, first.host)

    async def supervise(self) -> None:
        """For ever: start again what ended by itself, as one that finds no database does. Compose does the same."""
        while True:
            for name, process in list(self.stage.processes.items()):
                if process.poll() is not None:
                    self.restart(name)
            await asyncio.sleep(0.1)

    def restart(self, name: str) -> None:
        """SIGKILL and start again, without waiting."""
        self.stage.kill(name)
        part = name.rstrip("2")
        self.stage.start(name, part, **({"PORT": self.ports[name]} if name in self.ports else {}))

    def set_product_clock(self, wrong_by: float) -> None:
        """Of all processes of the product."""
        partial = self.clock_file.with_suffix(".new")
        partial.write_text(str(wrong_by))
        partial.replace(self.clock_file)

    async def set_platform_clock(self, wrong_by: float) -> None:
        """With which the platform signs and dates its messages."""
        await self.stage.sandbox.advance(wrong_by - self.platform_is_wrong_by)
        self.platform_is_wrong_by = wrong_by

    def limit_files(self, size: int) -> None:
        """No process of the product can write a file that is longer: to it, its disk is full."""
        for process in self.stage.processes.values():
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    async def heal(self) -> None:
        """All is well again, and everybody works."""
        self.set_product_clock(0)
        await self.set_platform_clock(0)
        self.limit_files(resource.RLIM_INFINITY)
        await self.stage.sandbox.faults(clear=True)
        await asyncio.gather(*(self.stage.ready(port) for port in self.ports.values()))

    async def photo(self, dice: random.Random) -> None:
        """The bystander sends a complaint with a photo that does not fit on a full disk. What they hear does not matter here."""
        content = b"\xff\xd8\xff" + dice.randbytes(FULL_DISK + 1000)
        for word in ("投诉建议", "会场太小", "附一张照片"):
            await self.bystander.text(word)
        await self.bystander.image(content)
        await self.bystander.text("确认")


@asynccontextmanager
async def open_theatre(
    values: dict[str, str], outages: Outages, directory: Path, hall: Hall = HALL
) -> AsyncIterator[Theatre]:
    """Processes started and everybody bound."""
    clock_file = directory / "clock"
    clock_file.write_text("0")
    values = {**values, "FAULTY_CLOCK": str(clock_file)}
    program = (sys.executable, "-m", "tests.faults.clocked")
    async with splitter() as front:
        callback = f"http://127.0.0.1:{front.port}/wechat"
        front.ports = []
        async with open_stage(values, directory, program, callback_url=callback, **PLATFORM) as stage:
            ports = {"serve": stage.environment["PORT"], "serve2": str(free_port())}
            stage.start("serve2", "serve", PORT=ports["serve2"])
            await stage.ready(ports["serve2"])
            front.ports = [int(port) for port in ports.values()]
            first = await set_up(stage, hall, directory)
            await asyncio.gather(*(bind(one, one.name, one.note, first.scene) for one in first.phones.values()))
            bystander = await stage.sandbox.phone("路人", following=True)
            theatre = Theatre(stage, outages, front, clock_file, first, bystander, ports=ports)
            supervising = asyncio.create_task(theatre.supervise())
            yield theatre
            supervising.cancel()
