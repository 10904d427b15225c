"""Whether one `serve` stays small: 200,000 messages of all kinds in meeting after meeting; `make bench-memory`.

Ends with 1 where an answer is wrong or a vote missing, or `serve` ever uses 200 MB, or grows by more than 5 % from half of them to all.
"""

import argparse
import asyncio
import itertools
import multiprocessing
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

from bench.electorate import OPTIONS, OpenMeeting, close_meeting, count_ballots, open_meeting, settle
from bench.processes import Server, free_port, servers, serving
from bench.sender import Sent, send
from bench.wire import Account, WrongAnswer, account_of
from config.settings import Settings, load_settings

MOST = 200.0
"""MB."""
MOST_GROWTH = 0.05
_REPORTERS = 5
_CONNECTIONS = 16
# Opening an answer takes as long as making it; the ballots are counted besides.
_CHECKED_EVERY = 10
_strangers = itertools.count(1)


@dataclass(frozen=True)
class Plan:
    """So many meetings of so many voters. What is used is printed after so many of them."""

    voters: int
    meetings: int
    told_after: tuple[int, ...]


@dataclass(frozen=True)
class Used:
    """Megabytes in use when half of the messages were answered, and at the end; and the peak."""

    half: float
    end: float
    peak: float


Say = Callable[[list[bytes]], Sent]
FULL = Plan(1000, 20, (1, 5, 10, 20))
TINY = Plan(10, 4, (1, 2, 4))


def main() -> int:
    """Run it and print; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.memory")
    parser.add_argument("--tiny", action="store_true", help="a few messages: shows that it works, measures nothing")
    plan = TINY if parser.parse_args().tiny else FULL
    spawn = multiprocessing.get_context("spawn")
    with servers() as environment, ProcessPoolExecutor(1, mp_context=spawn) as load:
        port = free_port()
        settings = load_settings(environment)
        asyncio.run(settle(settings, plan.voters, _REPORTERS))
        with serving(port, {**environment, "PORT": str(port)}, "app", "serve") as product:
            say = partial(_say, load, port)
            try:
                return _judge(_run(plan, settings, product, say, account_of(environment)))
            except WrongAnswer as wrong:
                print(wrong, file=sys.stderr)
                return 1


def _say(load: Executor, port: int, requests: list[bytes]) -> Sent:
    return load.submit(send, port, requests, _CONNECTIONS).result()


def _run(plan: Plan, settings: Settings, product: Server, say: Say, account: Account) -> Used:
    """Hold one meeting after the other and print."""
    count, used = 0, [product.megabytes()]
    print(f"{'messages':>10}{'MB in use':>12}{'a second':>12}\n{count:10}{used[0]:12.1f}", flush=True)
    for number in range(1, plan.meetings + 1):
        meeting = asyncio.run(open_meeting(settings, _REPORTERS))
        seconds, size = 0.0, 0
        for requests, expected in _rounds(account, meeting):
            sent = say(requests)
            seconds, size = seconds + sent.seconds, size + len(requests)
            for body in sent.bodies[::_CHECKED_EVERY]:
                account.check(body, expected)
        if asyncio.run(count_ballots(settings)) != plan.voters:
            raise WrongAnswer("not every vote is in the database")
        asyncio.run(close_meeting(settings, meeting))
        count += size
        used.append(product.megabytes())
        if number in plan.told_after:
            print(f"{count:10}{used[-1]:12.1f}{size / seconds:12.0f}", flush=True)
    return Used(used[plan.meetings // 2], used[-1], product.peak_megabytes())


def _rounds(account: Account, meeting: OpenMeeting) -> Iterator[tuple[list[bytes], str]]:
    """Ten messages for each voter, a round a message, and what each answer must hold. Strangers never come again."""
    voters = meeting.voters
    yield [account.scan(one, meeting.scene) for one in voters], "签到成功"
    yield [account.scan(_stranger(), meeting.scene) for _ in voters], "姓名"
    yield [account.request(_stranger(), "今天天气怎么样") for _ in voters], "没有看懂"
    yield [account.request(one, "投票") for one in voters], f"第 1/{_REPORTERS} 题"
    for number in range(1, _REPORTERS):
        answer = OPTIONS[number % len(OPTIONS)]
        yield [account.request(one, answer) for one in voters], f"第 {number + 1}/{_REPORTERS} 题"
    yield [account.request(one, OPTIONS[0]) for one in voters], "您的选票"
    yield [account.request(one, "确认") for one in voters], "已计入"


def _stranger() -> str:
    return f"o_stranger{next(_strangers)}"


def _judge(used: Used) -> int:
    growth = used.end / used.half - 1
    print(
        f"from half of them to all: {growth:+.1%} (at most {MOST_GROWTH:.0%}); peak {used.peak:.0f} MB (at most {MOST:.0f})"
    )
    return int(growth > MOST_GROWTH or used.peak >= MOST)


if __name__ == "__main__":
    sys.exit(main())
