"""Runs."""

import asyncio

from services.runs import compute_run
from tests.integration.cycles import NOW, fill, make_cycle


async def test_two_computations_at_once_make_one_run(db: str) -> None:
    cycle = await make_cycle()
    await fill(cycle)
    runs = await asyncio.gather(*(compute_run(cycle.id, now=NOW, actor="command") for _ in range(2)))
    assert runs[0].id == runs[1].id
