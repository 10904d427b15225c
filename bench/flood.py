"""One openid floods: how much longer does somebody else wait? Beside it the same number of messages from as many people."""

import statistics
from collections.abc import Callable
from concurrent.futures import Executor

from bench.figures import quantile
from bench.processes import Server
from bench.sender import Sent, send
from bench.wire import Account

_CHAT, _HELP = "今天天气怎么样", "没有看懂"
_ALONE = "alone"
_SHARE = 40
"""So few of the messages are the one person's that the load outlasts them."""


def compare_floods(account: Account, product: Server, load: Executor, messages: int, connections: int) -> list[str]:
    """What to print, a line each: p50 and p99 of one person who asks again and again, alone and beside either kind of load.

    `load` sends in two processes at once. The answers to the one person are checked; raises `WrongAnswer`.
    """

    def wait(beside: Callable[[int], str] | None) -> list[float]:
        other = [account.request(beside(number), _CHAT) for number in range(messages)] if beside else []
        mine = [account.request("oWaiting", _CHAT) for _ in range(messages // _SHARE)]
        under_way = load.submit(send, product.port, other, connections)
        sent: Sent = load.submit(send, product.port, mine, 1).result()
        under_way.result()
        for body in sent.bodies:
            account.check(body, _HELP)
        return sent.latencies

    wait(lambda number: f"oWarming{number}")  # both processes are there now
    waits = {
        _ALONE: wait(None),
        "beside a flood by one openid": wait(lambda _: "oFlooding"),
        "beside as many messages of as many people": wait(lambda number: f"oOther{number}"),
    }
    alone = statistics.median(waits[_ALONE])
    return [
        f"somebody else's answer {how}: p50 {statistics.median(took) * 1000:.1f} ms, p99 {quantile(took, 0.99) * 1000:.1f} ms,"
        f" {statistics.median(took) / alone:.1f} × alone"
        for how, took in waits.items()
    ]
