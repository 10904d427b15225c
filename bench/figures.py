"""Figures out of rounds, and how they are printed."""

import statistics
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from bench.sampled import IDLE
from bench.sender import Sent

Sample = tuple[float, str, str, float]


@dataclass(frozen=True)
class Round:
    """One round of the same requests, first at the bare handler, then at the product."""

    bare: Sent
    product: Sent

    @property
    def ratio(self) -> float:
        """Throughput of the product over that of the bare handler."""
        return self.bare.seconds / self.product.seconds


def heading() -> str:
    """Above the lines of `line`."""
    return f"{'':34}{'ratio':>7}{'(rounds)':>14}{'bare/s':>9}{'serve/s':>9}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}"


def line(what: str, connections: int, rounds: list[Round]) -> str:
    """One line: median ratio with its span over the rounds, median rates, and the product's latencies over all rounds."""
    ratios = [one.ratio for one in rounds]
    span = f"{min(ratios):.2f}-{max(ratios):.2f}"
    rates = "".join(f"{rate:9.0f}" for rate in (_rate([r.bare for r in rounds]), _rate([r.product for r in rounds])))
    latencies = sorted(latency * 1000 for one in rounds for latency in one.product.latencies)
    cuts = "".join(f"{latencies[int(len(latencies) * cut)]:9.1f}" for cut in (0.5, 0.95, 0.99))
    label = f"{what}, {connections} connection{'s' if connections > 1 else ''}"
    return f"{label:34}{statistics.median(ratios):7.3f}{span:>14}{rates}{cuts}"


def shares(samples: Iterable[Sample], since: float, until: float) -> list[str]:
    """Where the time between two instants went, as far as a message was in hand: a line each, the largest first."""
    seen: defaultdict[tuple[str, str], float] = defaultdict(float)
    for at, kind, where, weight in samples:
        if since <= at <= until and where != IDLE:
            seen[kind, where] += weight
    total = sum(seen.values())
    largest = sorted(seen.items(), key=lambda item: -item[1])
    return [f"  {count / total:6.1%}  {kind} {where}" for (kind, where), count in largest]


def _rate(rounds: list[Sent]) -> float:
    return statistics.median(len(one.latencies) / one.seconds for one in rounds)
