"""Connections of the crowd of phones: as many as there are messages under way, shared out over the web processes."""

import asyncio
import contextlib
from collections import deque
from dataclasses import dataclass
from typing import cast

from bench.sender import content_length


@dataclass(frozen=True)
class Answer:
    """`seconds` from the instant at which the message was due to the whole answer."""

    seconds: float
    body: bytes


class Lines:
    """Keep-alive connections, so many at `most`: the one that has been idle longest is taken, a new one where none is idle."""

    def __init__(self, ports: list[int], most: int) -> None:
        self.loop = asyncio.get_running_loop()
        self._idle: deque[_Line] = deque()
        self._ports = ports
        self._made = 0
        self._free = asyncio.Semaphore(most)

    async def ask(self, request: bytes, due: float) -> Answer:
        """Send and wait for the answer. Raises `RuntimeError` where it is not 200."""
        async with self._free:
            line = self._find_idle() or await self._connect()
            body = await line.ask(request)
            self._idle.append(line)
        return Answer(self.loop.time() - due, body)

    def close(self) -> None:
        """When nobody speaks any more."""
        for line in self._idle:
            line.transport.close()

    def _find_idle(self) -> "_Line | None":
        while self._idle:
            if not (line := self._idle.popleft()).transport.is_closing():
                return line
        return None

    async def _connect(self) -> "_Line":
        self._made += 1
        return (await self.loop.create_connection(_Line, "127.0.0.1", self._ports[self._made % len(self._ports)]))[1]


class _Line(asyncio.Protocol):
    """One connection, one request at a time."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def ask(self, request: bytes) -> "asyncio.Future[bytes]":
        self._received = b""
        self._answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end or len(body) < content_length(head):
            return
        if head.startswith(b"HTTP/1.1 200"):
            self._answer.set_result(body)
        else:
            self._answer.set_exception(RuntimeError(f"answered {head.splitlines()[0].decode()}"))

    def connection_lost(self, exc: Exception | None) -> None:
        with contextlib.suppress(AttributeError, asyncio.InvalidStateError):
            self._answer.set_exception(RuntimeError("the connection was cut"))
