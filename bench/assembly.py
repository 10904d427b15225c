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
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass

from bench.crowd import Closing, Message, play
from bench.electorate import OpenMeeting, open_meeting, settle
from bench.processes import Server, free_port, servers, serving
from bench.recount import recount
from bench.script import write_script
from bench.verdict import Held, report
from bench.wire import Account, account_of
from config.settings import load_settings

_SEED = 2022


@dataclass(frozen=True)
class Hall:
    """So many phones vote on so many reporters within so many seconds (0: as fast as they can), before so many `serve`.

    `connections`: at most, of all phones together; what is due then has to wait for one.
    """

    phones: int
    processes: int
    seconds: float
    connections: int = 1000
    reporters: int = 8

    def __str__(self) -> str:
        pace = f"within {self.seconds:.0f} s" if self.seconds else f"as fast as {self.connections} connections can"
        return f"{self.phones} phones {pace}, {self.processes} serve"


FULL = (
    Hall(300, 1, 57),
    Hall(1000, 1, 57),
    Hall(1000, 2, 57),
    Hall(1000, 1, 0, 64),
    Hall(1000, 2, 0, 64),
)
TINY = (Hall(20, 2, 1, reporters=2),)


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
            echoed = load.submit(play, [bare.port], hall.connections, phones).result()
        with _products(environment, hall.processes) as products:
            ports = [one.port for one in products]
            load.submit(play, ports, 16, _check_ins(account, meeting)).result()
            closing = _closing(account, meeting, ports[-1])
            played = load.submit(play, ports, hall.connections, phones, closing).result()
            megabytes = max(one.peak_megabytes() for one in products)
        if played.shown is None:
            raise RuntimeError("nothing was closed")
        choices = [voter.choices for voter in voters]
        counted = asyncio.run(recount(settings, meeting.id, choices, played.shown.result))
        held = Held(echoed, played, played.shown, counted, megabytes)
        return report(held, account, hall.reporters, in_time=hall.seconds > 1)


def _bare(environment: dict[str, str]) -> AbstractContextManager[Server]:
    port = free_port()
    return serving(port, environment, "bench.bare", str(port))


@contextmanager
def _products(environment: dict[str, str], count: int) -> Iterator[list[Server]]:
    with ExitStack() as stack:
        yield [stack.enter_context(_product(environment, free_port())) for _ in range(count)]


def _product(environment: dict[str, str], port: int) -> AbstractContextManager[Server]:
    # There is no platform here that could give a check-in code, and the screen would say so every three seconds.
    return serving(port, {**environment, "PORT": str(port), "LOG_LEVEL": "error"}, "app", "serve")


def _check_ins(account: Account, meeting: OpenMeeting) -> list[list[Message]]:
    """Before the clock: in a hall the processes that take the votes took everybody's scan before, and so have all their connections."""
    return [[Message(0, account.scan(voter, meeting.scene))] for voter in meeting.voters]


def _closing(account: Account, meeting: OpenMeeting, port: int) -> Closing:
    words = (f"结束投票{meeting.id}", "确认")
    screen = f"http://127.0.0.1:{port}/screen/{meeting.screen}"
    return Closing([account.request(meeting.host, word) for word in words], screen)


if __name__ == "__main__":
    sys.exit(main())
