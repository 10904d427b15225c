"""The callback's speed against a bare handler, in one run: `make bench-callback`. What is measured and why: docs/performance.md.

Ends with 1 where an answer is wrong or a vote is missing.
"""

import argparse
import asyncio
import json
import multiprocessing
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.electorate import OPTIONS, count_ballots, open_meeting, settle
from bench.figures import Round, Side, heading, line, shares
from bench.flood import compare_floods
from bench.processes import Server, free_port, servers, serving
from bench.sender import Sent, send
from bench.wire import Account, WrongAnswer, account_of
from config.settings import Settings, load_settings

_CHAT = "今天天气怎么样"
_SLICE = 200
_SAMPLED = 16
"""Connections while the time is sampled."""


@dataclass(frozen=True)
class Plan:
    """How much is sent. `voters` go through `connections[i]` in groups of their own; `sampled` voters are for the profile.

    `flood`: messages of one openid.
    """

    connections: tuple[int, ...]
    voters: tuple[int, ...]
    sampled: int
    questions: int
    flood: int

    @property
    def total(self) -> int:
        """All voters."""
        return sum(self.voters) + self.sampled


FULL = Plan((1, 32), (180, 900), 480, 6, 3000)
TINY = Plan((1, 4), (4, 8), 4, 2, 80)


@dataclass(frozen=True)
class Bench:
    """What a run has at hand. `load` sends, from processes of its own."""

    plan: Plan
    account: Account
    load: Executor
    bare: Server

    def send(self, server: Server, requests: list[bytes], connections: int) -> Sent:
        """A round, sent by the load process."""
        return self.load.submit(send, server.port, requests, connections).result()

    def say(self, server: Server, voters: list[str], text: str, expected: str, connections: int) -> Sent:
        """Everybody says this to the product and must hear that."""
        requests = [self.account.request(voter, text) for voter in voters]
        sent = self.send(server, requests, connections)
        self.check([sent], expected)
        return sent

    def compare(self, product: Server, voters: list[str], text: str, expected: str, connections: int) -> Round:
        """The very same requests to the bare handler and to the product, in turn slice by slice: what else goes on hits both."""
        requests = [self.account.request(voter, text) for voter in voters]
        cpu = -self.bare.cpu_seconds(), -product.cpu_seconds()
        bare, real = [], []
        for start in range(0, len(requests), _SLICE):
            bare.append(self.send(self.bare, requests[start : start + _SLICE], connections))
            real.append(self.send(product, requests[start : start + _SLICE], connections))
        cpu = cpu[0] + self.bare.cpu_seconds(), cpu[1] + product.cpu_seconds()
        self.check(bare, text)
        self.check(real, expected)
        return Round(_side(bare, cpu[0]), _side(real, cpu[1]))

    def check(self, sent: list[Sent], expected: str) -> None:
        """Every answer, after the clock has stopped."""
        for body in (body for one in sent for body in one.bodies):
            self.account.check(body, expected)

    def expected(self, question: int) -> str:
        """What the answer to a question (from 0) must hold."""
        last = question + 1 == self.plan.questions
        return "您的选票" if last else f"第 {question + 2}/{self.plan.questions} 题"


def main() -> int:
    """Run it and print; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.callback")
    parser.add_argument("--tiny", action="store_true", help="a few messages: shows that it works, measures nothing")
    plan = TINY if parser.parse_args().tiny else FULL
    try:
        _run(plan)
    except WrongAnswer as wrong:
        print(wrong, file=sys.stderr)
        return 1
    return 0


def _run(plan: Plan) -> None:
    with ExitStack() as stack:
        environment = stack.enter_context(servers())
        settings = load_settings(environment)
        openids = asyncio.run(_open_hall(settings, plan))
        spawn = multiprocessing.get_context("spawn")
        load = stack.enter_context(ProcessPoolExecutor(2, mp_context=spawn))
        port = free_port()
        bare = stack.enter_context(serving(port, environment, "bench.bare", str(port)))
        bench = Bench(plan, account_of(environment), load, bare)
        _measure(bench, environment, openids)
        _sample(bench, environment, openids[-plan.sampled :], settings.data_dir / "samples.json")
        if asyncio.run(count_ballots(settings)) != plan.total:
            raise WrongAnswer("not every acknowledged vote is in the database")


async def _open_hall(settings: Settings, plan: Plan) -> list[str]:
    await settle(settings, plan.total, plan.questions)
    return (await open_meeting(settings, plan.questions)).voters


def _side(slices: list[Sent], cpu: float) -> Side:
    latencies = [latency for one in slices for latency in one.latencies]
    return Side(sum(one.seconds for one in slices), cpu, latencies)


def _measure(bench: Bench, environment: dict[str, str], openids: list[str]) -> None:
    port = free_port()
    print(heading(), flush=True)
    with serving(port, {**environment, "PORT": str(port)}, "app", "serve") as product:
        for connections, size in zip(bench.plan.connections, bench.plan.voters, strict=True):
            voters, openids = openids[:size], openids[size:]
            for what, measure in (("a conversation step", _steps), ("a committed vote", _votes), ("help", _help)):
                warm_up, *rounds = measure(bench, product, voters, connections)
                print(line(what, connections, rounds or [warm_up]), flush=True)
        floods = compare_floods(bench.account, product, bench.load, bench.plan.flood, bench.plan.connections[-1])
        print("\n".join(floods), flush=True)
        print(
            f"peak memory of serve: {product.peak_megabytes():.0f} MB, of the bare handler: {bench.bare.peak_megabytes():.0f} MB"
        )


def _steps(bench: Bench, product: Server, voters: list[str], connections: int) -> list[Round]:
    """Every voter answers every question: a round a question."""
    bench.say(product, voters, "投票", f"第 1/{bench.plan.questions} 题", connections)
    return [
        bench.compare(product, voters, OPTIONS[number % len(OPTIONS)], bench.expected(number), connections)
        for number in range(bench.plan.questions)
    ]


def _votes(bench: Bench, product: Server, voters: list[str], connections: int) -> list[Round]:
    """Every voter confirms once: a part of them a round."""
    size = len(voters) // bench.plan.questions
    parts = [voters[start : start + size] for start in range(0, len(voters), size)]
    return [bench.compare(product, part, "确认", "已计入", connections) for part in parts]


def _help(bench: Bench, product: Server, voters: list[str], connections: int) -> list[Round]:
    """Every voter says something that is not understood."""
    return [bench.compare(product, voters, _CHAT, "没有看懂", connections) for _ in range(bench.plan.questions)]


def _sample(bench: Bench, environment: dict[str, str], voters: list[str], file: Path) -> None:
    """A second `serve`, with the sampler in it; what it was at is printed."""
    port, spans = free_port(), []
    with serving(port, {**environment, "PORT": str(port)}, "bench.sampled", str(file)) as product:
        bench.say(product, voters, "投票", f"第 1/{bench.plan.questions} 题", _SAMPLED)
        spans.append(("a conversation step", *_timed(lambda: _all_steps(bench, product, voters))))
        spans.append(("a committed vote", *_timed(lambda: bench.say(product, voters, "确认", "已计入", _SAMPLED))))
    samples = json.loads(file.read_text())
    for what, since, until in spans:
        print(f"where the time of {what} goes ({_SAMPLED} connections):")
        print("\n".join(shares(samples, since, until)))


def _all_steps(bench: Bench, product: Server, voters: list[str]) -> None:
    for number in range(bench.plan.questions):
        bench.say(product, voters, OPTIONS[0], bench.expected(number), _SAMPLED)


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    since = time.monotonic()
    work()
    return since, time.monotonic()


if __name__ == "__main__":
    sys.exit(main())
