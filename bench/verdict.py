"""What came of a hall: figures beside those of the bare handler, and whether anything was lost, doubled or wrong."""

import sys
from dataclasses import dataclass

from bench.crowd import Played
from bench.recount import Recount
from bench.script import expected_of
from bench.wall import Shown
from bench.wire import Account

_COLUMNS = ("messages/s", "p50", "p95", "p99", "max ms")
MOST_P99_MS, MOST_TO_SCREEN_S = 1000, 3
"""What a hall that votes within a minute is promised."""


@dataclass(frozen=True)
class Held:
    """The bare handler's answers, the product's, its close, its ballots counted again, and the peak of its memory in MB."""

    bare: Played
    product: Played
    shown: Shown
    recount: Recount
    megabytes: float


def report(held: Held, account: Account, reporters: int, *, in_time: bool) -> int:
    """Print all of it; 1 where an answer is wrong, a vote lost or doubled, or the result is not what was sent.

    `in_time`: also where the promised times were not kept.
    """
    _print_figures(_figures(held.product), _figures(held.bare))
    wrong = _wrong_answers(account, held.product, expected_of(reporters))
    told = sum(not account.fault(phone[-1][-1].body, "已计入") for phone in held.product.answers)
    ballots, differences = held.recount.ballots, held.recount.differences
    lost, doubled = max(0, told - ballots), max(0, ballots - len(held.product.answers))
    print(
        f"all voted after {held.product.seconds:.1f} s; {told} told 已计入, lost {lost}, doubled {doubled}, "
        f"wrong answers {len(wrong)}, recount {'differs' if differences else 'equal'}\n"
        f"close: result on the screen after {held.shown.on_screen_s:.2f} s, on the host's phone after "
        f"{held.shown.answered_s:.2f} s; peak memory of serve {held.megabytes:.0f} MB\n",
        flush=True,
    )
    late = _broken_promises(held) if in_time else []
    for problem in [*wrong[:5], *differences[:5], *late]:
        print(problem, file=sys.stderr)
    return int(bool(wrong or differences or lost or doubled or late))


def _broken_promises(held: Held) -> list[str]:
    p99, to_screen = _figures(held.product)[3], held.shown.on_screen_s
    slow = [f"p99 of an answer was {p99:.0f} ms, promised are {MOST_P99_MS}"] if p99 >= MOST_P99_MS else []
    late = [f"the result was on the screen after {to_screen:.1f} s, promised are {MOST_TO_SCREEN_S}"]
    return slow + (late if to_screen >= MOST_TO_SCREEN_S else [])


def _print_figures(product: tuple[float, ...], bare: tuple[float, ...]) -> None:
    print(f"{'':14}" + "".join(f"{name:>12}" for name in _COLUMNS))
    for name, figures in (("serve", product), ("bare handler", bare)):
        print(f"{name:14}" + "".join(f"{figure:12.1f}" for figure in figures))
    print(f"{'ratio':14}" + "".join(f"{one / other:12.2f}" for one, other in zip(product, bare, strict=True)))


def _figures(played: Played) -> tuple[float, ...]:
    """In the order of the columns. Repeats count as messages of their own."""
    seconds = sorted(answer.seconds for phone in played.answers for message in phone for answer in message)
    cuts = [seconds[int(len(seconds) * cut)] for cut in (0.5, 0.95, 0.99)]
    return (len(seconds) / played.seconds, *(cut * 1000 for cut in (*cuts, seconds[-1])))


def _wrong_answers(account: Account, played: Played, expected: list[str]) -> list[str]:
    """Of all answers, those to repeats included, what is not as it should be."""
    faults = (
        account.fault(answer.body, words)
        for phone in played.answers
        for message, words in zip(phone, expected, strict=True)
        for answer in message
    )
    return [fault for fault in faults if fault]
