"""How fast the rules engine is: star-rating with quotas, awards and consequences against the plainest loop of weighted sums.

    python -m bench.scoring            (5,000 branches and 100,000 members, then 1,000 and 10,000 members)
    python -m bench.scoring --json

Both run in this process, on the same document, the collector as Python sets it. The loop reads each score and adds up with
Fraction, nothing else: no bands, quotas, awards, consequences, checks or traces. Peak memory is measured in a run of its own.
"""

import argparse
import json
import sys
import tracemalloc
from fractions import Fraction
from statistics import median
from time import perf_counter
from typing import Any

from config.scheme_files import read_scheme_file
from scoring.engine import evaluate
from scoring.explain import explain
from scoring.loading import load_scheme
from scoring.scheme import Scheme

BRANCH = {"democratic": "0.3", "team": "0.5", "superior": "0.2"}
MEMBER = {"democratic": "0.6", "committee": "0.4"}
MEMBERS_OF_A_BRANCH = 20


def document(members: int) -> dict[str, Any]:
    """A college of so many members, twenty to a branch, scores of two decimals, a year of history for every third branch."""
    rows: list[dict[str, Any]] = []
    for b in range(members // MEMBERS_OF_A_BRANCH):
        history = [{"cycle": "2019", "score": "88.5", "band": "四星级", "titles": ["样板党支部"]}] if b % 3 == 0 else []
        scores = {key: _score(b, k) for k, key in enumerate(BRANCH)}
        rows.append({"id": f"b{b}", "kind": "branch", "scores": scores, "history": history})
        for m in range(MEMBERS_OF_A_BRANCH):
            scores = {key: _score(b * MEMBERS_OF_A_BRANCH + m, k + 5) for k, key in enumerate(MEMBER)}
            rows.append({"id": f"m{b}.{m}", "kind": "member", "parent": f"b{b}", "scores": scores})
    return {"scheme": "star-rating", "cycle": "2020", "settings": {}, "subjects": rows}


def _score(n: int, k: int) -> str:
    """Spread over 55.00 to 99.99, the same in every run."""
    cents = 5500 + (n * 7919 + k * 104729) % 4500
    return f"{cents // 100}.{cents % 100:02d}"


def plain(rows: list[dict[str, Any]]) -> list[Fraction]:
    """The plainest loop: only the weighted sums."""
    weights = {
        "branch": {key: Fraction(weight) for key, weight in BRANCH.items()},
        "member": {key: Fraction(weight) for key, weight in MEMBER.items()},
    }
    return [
        sum((Fraction(row["scores"][key]) * weight for key, weight in weights[row["kind"]].items()), Fraction(0))
        for row in rows
    ]


def seconds(run: Any, *arguments: Any) -> float:
    """One run, its result dropped after the clock stopped."""
    start = perf_counter()
    result = run(*arguments)
    took = perf_counter() - start
    del result
    return took


def measure(scheme: Scheme, members: int, rounds: int) -> dict[str, Any]:
    """The medians of interleaved rounds, so that a busy machine is busy for both."""
    page = document(members)
    pairs = [(seconds(plain, page["subjects"]), seconds(evaluate, scheme, page)) for _ in range(rounds)]
    loop, engine = median(one for one, _ in pairs), median(one for _, one in pairs)
    return {
        "members": members,
        "branches": members // MEMBERS_OF_A_BRANCH,
        "plain_s": round(loop, 3),
        "engine_s": round(engine, 3),
        "ratio": round(median(b / a for a, b in pairs), 2),
        "us_per_subject": round(engine * 1e6 / len(page["subjects"]), 1),
    }


def measure_explanation(scheme: Scheme) -> float:
    """Milliseconds of one branch's explanation, among 1,000 members."""
    result = evaluate(scheme, document(1000))
    return round(median(seconds(explain, scheme, result, "b0") for _ in range(20)) * 1000, 3)


def measure_memory(scheme: Scheme, members: int) -> float:
    """Peak MiB of an evaluation, the document not counted."""
    page = document(members)
    tracemalloc.start()
    result = evaluate(scheme, page)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    del result
    return round(peak / 2**20, 1)


def main() -> int:
    """Print the figures; 1 where they miss what issue 3 asks for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    found = read_scheme_file("star-rating")
    assert found is not None
    scheme = load_scheme(found[1], file=found[0])
    runs = [measure(scheme, members, options.rounds) for members in (1_000, 10_000, 100_000)]
    figures = {
        "runs": runs,
        "explain_ms": measure_explanation(scheme),
        "peak_mib": measure_memory(scheme, 100_000),
    }
    if options.json:
        print(json.dumps(figures))
    else:
        for run in runs:
            print(
                f"{run['members']:>7} members, {run['branches']:>5} branches: engine {run['engine_s']:.3f} s, plain loop "
                f"{run['plain_s']:.3f} s, ratio {run['ratio']:.2f}, {run['us_per_subject']} µs a subject"
            )
        print(f"explanation of one branch: {figures['explain_ms']} ms; peak memory: {figures['peak_mib']} MiB")
    return int(runs[-1]["ratio"] > 4 or figures["explain_ms"] >= 5)


if __name__ == "__main__":
    sys.exit(main())
