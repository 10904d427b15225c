"""Live boards: one reader a meeting and process, at most once a second, however many screens watch."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from redis.exceptions import RedisError

from bot.tokens import WeChatError
from services.meetings.boards import Board, read_board
from services.meetings.scene_codes import SceneCode, check_in_code
from services.runtime import Runtime

_log = logging.getLogger(__name__)
_EVERY_S = 1.0
_CODE_CHECKED_EVERY_S = 15.0
_CODE_RETRIED_AFTER_S = 3.0
MOST_WATCHERS = 200
"""Screens of one meeting in one process; more than any hall has, few enough that a passed-on address does no harm."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is sent: `data` is the board as one line of JSON, for the address with that token alone."""

    token: str
    data: str


class _Code:
    """The check-in code as last heard of. Asked for beside the reading, so that a slow platform holds up nothing."""

    def __init__(self) -> None:
        self._known: SceneCode | None = None
        self._task: asyncio.Task[None] | None = None
        self._next_at = 0.0

    def version(self, rt: Runtime, board: Board, now: datetime) -> str | None:
        """Changes with the code, None while there is none that works; begins asking when it is time."""
        if not board.is_check_in_open:
            return None
        if self._task is None and time.monotonic() >= self._next_at:
            self._task = asyncio.create_task(self._ask(rt, board, now))
        if self._known is None or self._known.valid_until <= now.timestamp():
            return None
        return sha256(self._known.url.encode()).hexdigest()[:12]

    async def _ask(self, rt: Runtime, board: Board, now: datetime) -> None:
        pause = _CODE_RETRIED_AFTER_S
        try:
            self._known = await check_in_code(rt, board.meeting, now)
            pause = _CODE_CHECKED_EVERY_S
        except (WeChatError, RedisError, OSError, TimeoutError) as error:
            _log.warning("no check-in code", extra={"action": "no_check_in_code", "error": type(error).__name__})
        finally:
            self._next_at = time.monotonic() + pause
            self._task = None

    async def stop(self) -> None:
        """Ask no more."""
        await _cancel(self._task)


class Channel:
    """One meeting's board as those who watch it get it: always the newest, never a queue."""

    def __init__(self) -> None:
        self.latest: Snapshot | None = None
        self.watchers = 0
        self.is_closing = False
        self._changed = asyncio.Event()

    def publish(self, snapshot: Snapshot) -> None:
        """Tell all who watch, where it differs from the last one."""
        if snapshot != self.latest:
            self.latest = snapshot
            self._wake()

    def close(self) -> None:
        """Let all who watch go: the process stops."""
        self.is_closing = True
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def wait_for_change(self, seconds: float) -> None:
        """Return at the next change, or when the time is over."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), seconds)


class Live:
    """The channels of a process, by meeting."""

    def __init__(self, rt: Runtime, now: Callable[[], datetime]) -> None:
        self._rt = rt
        self._now = now
        self._readers: dict[int, asyncio.Task[None]] = {}
        self.channels: dict[int, Channel] = {}

    @asynccontextmanager
    async def watch(self, meeting_id: int) -> AsyncIterator[Channel | None]:
        """The meeting's channel for as long as the block lasts; None where too many watch already."""
        channel = self.channels.get(meeting_id)
        if channel is None:
            channel = self.channels[meeting_id] = Channel()
            self._readers[meeting_id] = asyncio.create_task(self._read(meeting_id, channel))
        if channel.watchers >= MOST_WATCHERS:
            yield None
            return
        channel.watchers += 1
        try:
            yield channel
        finally:
            channel.watchers -= 1

    async def close(self) -> None:
        """Let everybody go and stop reading."""
        for channel in self.channels.values():
            channel.close()
        for reader in list(self._readers.values()):
            await _cancel(reader)

    async def _read(self, meeting_id: int, channel: Channel) -> None:
        """Read once a second until nobody watches; what goes wrong leaves the last board standing."""
        code, is_well = _Code(), True
        try:
            while True:
                try:
                    await self._read_once(meeting_id, channel, code)
                    is_well = True
                except Exception as error:
                    if is_well:
                        _log.error("board unreadable", extra={"action": "board_failed", "error": type(error).__name__})
                    is_well = False
                await asyncio.sleep(_EVERY_S)
                if not channel.watchers:
                    return
        finally:
            del self.channels[meeting_id], self._readers[meeting_id]
            await code.stop()

    async def _read_once(self, meeting_id: int, channel: Channel, code: _Code) -> None:
        now = self._now()
        board = await read_board(meeting_id, now)
        if board is not None:
            content = {**board.content, "code": code.version(self._rt, board, now)}
            channel.publish(Snapshot(board.token, json.dumps(content, ensure_ascii=False)))


async def _cancel(task: asyncio.Task[None] | None) -> None:
    if task is not None:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
