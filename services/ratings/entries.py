"""Entering values by whichever door: a post or an assignment entitles to it, the office transcribes what came on paper."""

from collections.abc import Sequence
from datetime import datetime

from tortoise.transactions import in_transaction

from services.cycles.cycles import lock_cycle
from services.cycles.inputs import Entered, InputRow, put_in
from services.ratings.raters import entry_rule


async def enter_inputs(
    cycle_id: int, rows: Sequence[InputRow], *, actor: str, now: datetime, source: str = "command"
) -> Entered:
    """Put in all rows, or raise `BadInput` with every fault and none is put in. The same rows again change nothing.

    `source` says by which door: `chat`, `workbook`, `command`.
    """
    async with in_transaction():
        cycle = await lock_cycle(cycle_id)
        return await put_in(cycle, rows, actor=actor, now=now, source=source, why_not=await entry_rule(cycle))
