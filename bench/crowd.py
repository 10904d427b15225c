"""A hall of light phones in a process of its own: prepared messages at planned instants, some repeated as the platform repeats them.

The simulator does far more for each message, on the cores that the product needs.
"""

import asyncio
from dataclasses import dataclass

from bench.lines import Answer, Lines
from bench.wall import Shown, Watching, watch

BESIDE, AFTER = "beside", "after"
_PATIENCE_S = 120.0


@dataclass(frozen=True)
class Message:
    """What a person sends, `at` seconds after the beginning, though never before having read the answer to the one before.

    `repeat`: "", BESIDE (delivered twice at once) or AFTER (again after its answer, which was lost on the way).
    """

    at: float
    request: bytes
    repeat: str = ""


@dataclass(frozen=True)
class Closing:
    """What the host says when all have voted, one after the other, and the address where the hall looks."""

    requests: list[bytes]
    screen: str


@dataclass(frozen=True)
class Played:
    """All answers, by phone and message; repeats have one of their own. `shown`: what came of a `Closing`."""

    seconds: float
    answers: list[list[list[Answer]]]
    shown: Shown | None


def play(ports: list[int], most: int, phones: list[list[Message]], closing: Closing | None = None) -> Played:
    """Let all phones speak to the processes on these ports in turn, over so many connections at most, as a proxy would."""
    return asyncio.run(_play(ports, most, phones, closing))


async def _play(ports: list[int], most: int, phones: list[list[Message]], closing: Closing | None) -> Played:
    lines = Lines(ports, most)
    async with asyncio.timeout(_PATIENCE_S):
        watching = asyncio.create_task(watch(closing.screen)) if closing else None
        start = lines.loop.time()
        answers = await asyncio.gather(*(_speak(lines, start, messages) for messages in phones))
        seconds = lines.loop.time() - start
        shown = await _close(lines, closing, watching) if closing and watching else None
        lines.close()
    return Played(seconds, answers, shown)


async def _speak(lines: Lines, start: float, messages: list[Message]) -> list[list[Answer]]:
    answers = []
    for message in messages:
        due = max(start + message.at, lines.loop.time())
        await asyncio.sleep(due - lines.loop.time())
        answers.append(await _deliver(lines, message, due))
    return answers


async def _deliver(lines: Lines, message: Message, due: float) -> list[Answer]:
    if message.repeat == BESIDE:
        return await asyncio.gather(*(lines.ask(message.request, due) for _ in range(2)))
    answers = [await lines.ask(message.request, due)]
    if message.repeat == AFTER:
        answers.append(await lines.ask(message.request, lines.loop.time()))
    return answers


async def _close(lines: Lines, closing: Closing, watching: Watching) -> Shown:
    *before, last = closing.requests
    for request in before:
        await lines.ask(request, lines.loop.time())
    due = lines.loop.time()
    answer = await lines.ask(last, due)
    at, result = await watching
    return Shown(at - due, answer.seconds, answer.body, result)
