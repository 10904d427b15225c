"""The grade that a named person decides, with the reason: an input like others, which leads to a new run (S4-22)."""

from datetime import datetime

from tortoise.transactions import in_transaction

from services.cycles.cycles import lock_cycle
from services.cycles.inputs import Entered, InputRow, by_posts, put_in
from services.entitlements import GRADE, scope_of


async def decide_grade(
    cycle_id: int, subject: str, grade: str | None, *, reason: str, now: datetime, actor: str, source: str = "command"
) -> Entered:
    """Record the grade (None takes it back) that was decided for a subject. The same grade again changes nothing.

    Raises `BadInput` without a reason, for a grade that the scheme does not know, and where the actor may not decide.
    """
    row = InputRow(subject, GRADE, grade, reason)
    async with in_transaction():
        cycle = await lock_cycle(cycle_id)
        posts = by_posts(await scope_of(cycle))
        return await put_in(cycle, [row], actor=actor, now=now, source=source, why_not=posts)
