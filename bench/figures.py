"""Figures out of rounds, and how they are printed."""

import statistics
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from bench.sampled import IDLE

Sample = tuple[float, str, str, float]


@dataclass(frozen=True)
class Side:
    """One server in a round: wall and processor seconds, and seconds to each answer."""

    seconds: float
    cpu: float
    latencies: list[float]

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds


@dataclass(frozen=True)
class Round:
    """One round of the same requests, in slices, in turn at the bare handler and at the product."""

    bare: Side
    product: Side

    @property
    def ratio(self) -> float:
        """Throughput of the product over that of the bare handler."""
        return self.product.rate / self.bare.rate


def heading() -> str:
    """Above the lines of `line`."""
    names = ("bare/s", "serve/s", "p50 ms", "p95 ms", "p99 ms", "bare cpu", "cpu ms")
    return f"{'':34}{'ratio':>7}{'(rounds)':>12}" + "".join(f"{name:>9}" for name in names)


def line(what: str, connections: int, rounds: list[Round]) -> str:
    """One line: median ratio and its span, median rates; over all rounds the product's latencies, and processor time per answer."""
    ratios = [one.ratio for one in rounds]
    rates = [statistics.median(one.bare.rate for one in rounds), statistics.median(one.product.rate for one in rounds)]
    latencies = [latency * 1000 for one in rounds for latency in one.product.latencies]
    cuts = [quantile(latencies, cut) for cut in (0.5, 0.95, 0.99)]
    cpu = [
        sum(costs) * 1000 / len(latencies) for costs in zip(*((r.bare.cpu, r.product.cpu) for r in rounds), strict=True)
    ]
    label = f"{what}, {connections} connection{'s' if connections > 1 else ''}"
    return (
        f"{label:34}{statistics.median(ratios):7.3f}{f'{min(ratios):.2f}-{max(ratios):.2f}':>12}"
        + "".join(f"{rate:9.0f}" for rate in rates)
        + "".join(f"{cut:9.1f}" for cut in cuts)
        + "".join(f"{each:9.2f}" for each in cpu)
    )


def quantile(values: list[float], share: float) -> float:
    """The value below which this share of them lies."""
    return sorted(values)[int(len(values) * share)]


def shares(samples: Iterable[Sample], since: float, until: float) -> list[str]:
    """Where the time between two instants went, as far as a message was in hand: a line each, the largest first."""
    seen: defaultdict[tuple[str, str], float] = defaultdict(float)
    for at, kind, where, weight in samples:
        if since <= at <= until and where != IDLE:
            seen[kind, where] += weight
    total = sum(seen.values())
    largest = sorted(seen.items(), key=lambda item: -item[1])
    return [f"  {count / total:6.1%}  {kind} {where}" for (kind, where), count in largest]
