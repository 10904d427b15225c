"""What can go wrong while people vote. `TROUBLES` is the one table a schedule draws from."""

import asyncio
import random
from collections.abc import Awaitable, Callable

from tests.faults.theatre import FULL_DISK, Theatre

Trouble = Callable[[Theatre, random.Random], Awaitable[None]]
MAX_SKEW_S = 600
"""How wrong the platform's clock may be: contract of the callback."""


async def kill_one_serve(theatre: Theatre, dice: random.Random) -> None:
    theatre.restart(dice.choice(["serve", "serve2"]))


async def kill_both_serves(theatre: Theatre, dice: random.Random) -> None:
    theatre.restart("serve")
    theatre.restart("serve2")


async def kill_work(theatre: Theatre, dice: random.Random) -> None:
    theatre.restart("work")


async def disturb_deliveries(theatre: Theatre, dice: random.Random) -> None:
    """Lost, repeated, overlapping, late, out of order: some of these, from now on."""
    kinds = dice.sample(["repeat_every", "overlap_every", "lose_every", "delay_every", "reorder_every"], 3)
    every = {kind: dice.randint(2, 7) for kind in kinds}
    late = {"delay": dice.choice([0.02, 0.2]), "overlap_after": dice.choice([0.0, 0.003, 0.02])}
    await theatre.stage.sandbox.faults(deliveries={**every, **late})


async def flush_redis(theatre: Theatre, dice: random.Random) -> None:
    await theatre.outages.flush_redis()


async def stop_redis(theatre: Theatre, dice: random.Random) -> None:
    await theatre.outages.stop_redis(dice.uniform(0, 0.6))


async def restart_postgres(theatre: Theatre, dice: random.Random) -> None:
    await theatre.outages.restart_postgres()


async def stall_postgres(theatre: Theatre, dice: random.Random) -> None:
    """Seldom for longer than an answer may take."""
    await theatre.outages.stall_postgres(5.0 if dice.random() < 0.04 else dice.uniform(0.1, 0.7))


async def jump_clock(theatre: Theatre, dice: random.Random) -> None:
    """The platform's or ours; by what is allowed, or for a moment by far more."""
    ours = dice.random() < 0.5
    if dice.random() < 0.5:
        await _jump(theatre, ours, dice.uniform(-0.9, 0.9) * MAX_SKEW_S)
        return
    await _jump(theatre, ours, dice.choice([-7200.0, -700.0, 700.0, 7200.0, 86400.0]))
    await asyncio.sleep(dice.uniform(0.05, 0.4))
    await _jump(theatre, ours, 0.0)


async def _jump(theatre: Theatre, ours: bool, seconds: float) -> None:
    if ours:
        theatre.set_product_clock(seconds)
    else:
        await theatre.set_platform_clock(seconds)


async def fill_disk(theatre: Theatre, dice: random.Random) -> None:
    """For a photo that somebody sends meanwhile."""
    theatre.limit_files(FULL_DISK)
    await theatre.photo(dice)


async def flood(theatre: Theatre, dice: random.Random) -> None:
    """One phone sends many messages at once and does not wait for answers."""
    words = [dice.choice(["投票", "帮助", "1", "确认", "好", "签到"]) for _ in range(30)]
    await asyncio.gather(*(theatre.bystander.text(word, wait=False) for word in words))


TROUBLES: tuple[Trouble, ...] = (
    kill_one_serve,
    kill_both_serves,
    kill_work,
    disturb_deliveries,
    flush_redis,
    stop_redis,
    restart_postgres,
    stall_postgres,
    jump_clock,
    fill_disk,
    flood,
)
