"""Two web processes behind one address, as a proxy in front of them would have it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count


@dataclass
class Splitter:
    """Each connection goes to the next of `ports` that takes it; where none does, it is closed."""

    ports: list[int] = field(default_factory=list)
    port: int = 0
    _turns: "count[int]" = field(default_factory=count)
    _tasks: set["asyncio.Task[None] | None"] = field(default_factory=set)

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection from its beginning to its end."""
        self._tasks.add(asyncio.current_task())
        try:
            # asyncio's streams do not expect a task that was cancelled.
            with suppress(asyncio.CancelledError):
                if (behind := await self._connect()) is not None:
                    await asyncio.gather(_pump(reader, behind[1]), _pump(behind[0], writer))
        finally:
            writer.close()
            self._tasks.discard(asyncio.current_task())

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        turn = next(self._turns)
        for place in range(len(self.ports)):
            with suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", self.ports[(turn + place) % len(self.ports)])
        return None

    def cut(self) -> None:
        """End all connections."""
        for task in self._tasks:
            if task is not None:
                task.cancel()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def splitter() -> AsyncIterator[Splitter]:
    """A splitter that listens."""
    one = Splitter()
    server = await asyncio.start_server(one.carry, "127.0.0.1", 0)
    one.port = server.sockets[0].getsockname()[1]
    try:
        yield one
    finally:
        server.close()
        one.cut()
