"""The load generator: prepared requests over keep-alive connections, from a process of its own; as little work as possible."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

_TIMEOUT_S = 60


@dataclass(frozen=True)
class Sent:
    """What came of a round: its seconds, and of each request, in order, seconds to the answer and the answer's body."""

    seconds: float
    latencies: list[float]
    bodies: list[bytes]


def send(port: int, requests: list[bytes], connections: int) -> Sent:
    """Send all requests, each connection the next one as soon as its last is answered. Raises for anything but 200."""
    return asyncio.run(_send(port, requests, connections))


async def _send(port: int, requests: list[bytes], connections: int) -> Sent:
    todo = iter(enumerate(requests))
    lines = [
        (await asyncio.get_running_loop().create_connection(lambda: _Line(todo), "127.0.0.1", port))[1]
        for _ in range(min(connections, len(requests)))
    ]
    start = time.perf_counter()
    for line in lines:
        line.send_next()
    async with asyncio.timeout(_TIMEOUT_S):
        answers = dict(sorted([each for line in lines for each in await line.done]))
    seconds = time.perf_counter() - start
    return Sent(seconds, [latency for latency, _ in answers.values()], [body for _, body in answers.values()])


class _Line(asyncio.Protocol):
    """One keep-alive connection. `done`: number of the request -> seconds and body."""

    def __init__(self, todo: Iterator[tuple[int, bytes]]) -> None:
        self._todo = todo
        self._answers: list[tuple[int, tuple[float, bytes]]] = []
        self._received = b""
        self._number = self._at = 0.0
        self.done: asyncio.Future[list[tuple[int, tuple[float, bytes]]]] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def send_next(self) -> None:
        """The next request of all connections, or the end."""
        number, request = next(self._todo, (-1, b""))
        if number < 0:
            self._transport.close()
            self.done.set_result(self._answers)
            return
        self._number, self._received, self._at = number, b"", time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end or len(body) < content_length(head):
            return
        if not head.startswith(b"HTTP/1.1 200"):
            self.done.set_exception(RuntimeError(f"answered {head.splitlines()[0].decode()}"))
            return
        self._answers.append((int(self._number), (time.perf_counter() - self._at, body)))
        self.send_next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(RuntimeError("the connection was cut"))


def content_length(head: bytes) -> int:
    """Of an answer's body, as its head tells it."""
    lines = head.lower().split(b"\r\n")
    return int(next(line for line in lines if line.startswith(b"content-length:")).split(b":")[1])
