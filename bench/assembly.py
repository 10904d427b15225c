"""A hall votes: hundreds of phones within a minute, every third message delivered twice; `make bench-hall`. See docs/performance.md.

Ends with 1 where an answer is wrong, a vote lost or doubled, or the result is not what a plain recount of what was sent gives.
"""

import argparse
import asyncio
import multiprocessing
import os
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from bench.crowd import Closing, Played, play
from bench.electorate import OpenMeeting, open_meeting, settle
from bench.processes import Server, free_port, servers, serving
from bench.recount import Recount, recount
from bench.script import expected_of, write_script
from bench.wall import Shown
from bench.wire import Account, WrongAnswer, account_of
from config.settings import load_settings

_SEED = 2022
_COLUMNS = ("messages/s", "p50", "p95", "p99", "max ms")


@dataclass(frozen=True)
class Hall:
    """So many phones vote on so many reporters within so many seconds (0: as fast as they can), before so many `serve`."""

    phones: int
    processes: int
    seconds: float
    reporters: int = 8

    def __str__(self) -> str:
        pace = f"within {self.seconds:.0f} s" if self.seconds else "as fast as they can"
        return f"{self.phones} phones {pace}, {self.processes} serve"


FULL = (
    Hall(300, 1, 57),
    Hall(1000, 1, 57),
    Hall(1000, 2, 57),
    Hall(1000, 1, 0),
    Hall(1000, 2, 0),
)
TINY = (Hall(20, 2, 1, reporters=2),)


@dataclass(frozen=True)
class Held:
    """What came of a hall: the bare handler's answers, the product's, its close, its ballots counted again."""

    bare: Played
    product: Played
    shown: Shown
    recount: Recount
    megabytes: float


def main() -> int:
    """Hold one hall after the other and print; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.assembly")
    parser.add_argument("--tiny", action="store_true", help="one small hall: shows that it works, measures nothing")
    halls = TINY if parser.parse_args().tiny else FULL
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as load:
        return max([_hold(hall, load) for hall in halls])


def _hold(hall: Hall, load: Executor) -> int:
    """One hall in an organisation of its own; 1 where something is wrong with it."""
    print(f"{hall} (load {os.getloadavg()[0]:.1f})", flush=True)
    with servers() as environment:
        settings, account = load_settings(environment), account_of(environment)
        asyncio.run(settle(settings, hall.phones, hall.reporters))
        meeting = asyncio.run(open_meeting(settings, hall.reporters))
        voters = write_script(account, meeting.voters, hall.reporters, hall.seconds, _SEED)
        phones = [voter.messages for voter in voters]
        with _bare(environment) as bare:
            echoed = load.submit(play, [bare.port], phones).result()
        with _products(environment, hall.processes) as products:
            closing = _closing(account, meeting, products[-1].port)
            played = load.submit(play, [one.port for one in products], phones, closing).result()
            megabytes = max(one.peak_megabytes() for one in products)
        if played.shown is None:
            raise RuntimeError("nothing was closed")
        choices = [voter.choices for voter in voters]
        counted = asyncio.run(recount(settings, meeting.id, choices, played.shown.result))
        return _report(hall, account, Held(echoed, played, played.shown, counted, megabytes))


@contextmanager
def _bare(environment: dict[str, str]) -> Iterator[Server]:
    port = free_port()
    with serving(port, environment, "bench.bare", str(port)) as bare:
        yield bare


@contextmanager
def _products(environment: dict[str, str], count: int) -> Iterator[list[Server]]:
    with ExitStack() as stack:
        ports = [free_port() for _ in range(count)]
        yield [stack.enter_context(serving(port, {**environment, "PORT": str(port)}, "app", "serve")) for port in ports]


def _closing(account: Account, meeting: OpenMeeting, port: int) -> Closing:
    words = (f"结束投票{meeting.id}", "确认")
    screen = f"http://127.0.0.1:{port}/screen/{meeting.screen}"
    return Closing([account.request(meeting.host, word) for word in words], screen)


def _report(hall: Hall, account: Account, held: Held) -> int:
    print(f"{'':14}" + "".join(f"{name:>12}" for name in _COLUMNS))
    bare, product = _figures(held.bare), _figures(held.product)
    for name, figures in (("serve", product), ("bare handler", bare)):
        print(f"{name:14}" + "".join(f"{figure:12.1f}" for figure in figures))
    print(f"{'ratio':14}" + "".join(f"{one / other:12.2f}" for one, other in zip(product, bare, strict=True)))
    wrong = _wrong_answers(account, held.product, expected_of(hall.reporters))
    acknowledged = sum(_is_right(account, phone[-1][-1].body, "已计入") for phone in held.product.answers)
    lost, doubled = max(0, acknowledged - held.recount.ballots), max(0, held.recount.ballots - hall.phones)
    differences = held.recount.differences
    print(
        f"all voted after {held.product.seconds:.1f} s; {acknowledged} told 已计入, lost {lost}, doubled {doubled}, "
        f"wrong answers {len(wrong)}, recount {'differs' if differences else 'equal'}\n"
        f"close: result on the screen after {held.shown.on_screen_s:.2f} s, on the host's phone after "
        f"{held.shown.answered_s:.2f} s; peak memory of serve {held.megabytes:.0f} MB\n",
        flush=True,
    )
    problems = [*wrong[:5], *differences[:5]]
    print("".join(f"{problem}\n" for problem in problems), end="", file=sys.stderr)
    return int(bool(problems or lost or doubled or acknowledged < hall.phones))


def _figures(played: Played) -> tuple[float, ...]:
    """In the order of the columns. Repeats count as messages of their own."""
    seconds = sorted(answer.seconds for phone in played.answers for message in phone for answer in message)
    cuts = [seconds[int(len(seconds) * cut)] for cut in (0.5, 0.95, 0.99)]
    return (len(seconds) / played.seconds, *(cut * 1000 for cut in (*cuts, seconds[-1])))


def _wrong_answers(account: Account, played: Played, expected: list[str]) -> list[str]:
    """Of all answers, those to repeats included, what is not as it should be."""
    wrong = []
    for phone in played.answers:
        for message, words in zip(phone, expected, strict=True):
            for answer in message:
                try:
                    account.check(answer.body, words)
                except WrongAnswer as found:
                    wrong.append(str(found))
    return wrong


def _is_right(account: Account, body: bytes, expected: str) -> bool:
    try:
        account.check(body, expected)
    except WrongAnswer:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
