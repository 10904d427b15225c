"""What the platform sent and got, for people to look at, and its live feed to open pages. Never a secret."""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

Event = dict[str, Any]
HIDDEN = frozenset({"access_token", "secret", "appsecret", "app_secret", "session_key", "refresh_token", "ticket"})
_QUEUE_LIMIT = 2000


def masked(value: Any) -> Any:
    """`value` with the members that are secrets replaced by stars."""
    if isinstance(value, dict):
        return {key: "***" if key in HIDDEN else masked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [masked(item) for item in value]
    return value


class Journal:
    """A bounded log and a publish/subscribe feed."""

    def __init__(self, limit: int = 5000) -> None:
        self._lines: deque[Event] = deque(maxlen=limit)
        self._queues: set[asyncio.Queue[Event | None]] = set()
        self._count = 0

    def write(self, at: str, kind: str, **details: Any) -> None:
        """Add one line and tell the pages."""
        self._count += 1
        line = {"n": self._count, "at": at, "kind": kind, **details}
        self._lines.append(line)
        self.publish("log", line)

    def lines(self, after: int = 0) -> list[Event]:
        """Lines numbered above `after`, oldest first."""
        return [line for line in self._lines if line["n"] > after]

    def clear(self) -> None:
        """Forget all lines; numbers go on."""
        self._lines.clear()

    def publish(self, event: str, data: Any) -> None:
        """Tell every open page; one that no longer reads is cut off."""
        for queue in list(self._queues):
            if queue.qsize() >= _QUEUE_LIMIT:
                self._queues.discard(queue)
                queue.put_nowait(None)
            else:
                queue.put_nowait({"event": event, "data": data})

    @contextmanager
    def subscribed(self) -> Iterator[asyncio.Queue[Event | None]]:
        """A queue of events for one page; None ends it."""
        queue: asyncio.Queue[Event | None] = asyncio.Queue()
        self._queues.add(queue)
        try:
            yield queue
        finally:
            self._queues.discard(queue)

    def close(self) -> None:
        """End every page's feed."""
        for queue in self._queues:
            queue.put_nowait(None)
