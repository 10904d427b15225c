"""The grade that a named person decides, with the reason: an input like others, which leads to a new run (S4-22)."""

from datetime import datetime

from services.cycles.inputs import Entered, InputRow, enter_inputs
from services.entitlements import GRADE


async def decide_grade(
    cycle_id: int, subject: str, grade: str | None, *, reason: str, now: datetime, actor: str, source: str = "command"
) -> Entered:
    """Record the grade (None takes it back) that was decided for a subject. The same grade again changes nothing.

    Raises `BadInput` without a reason, for a grade that the scheme does not know, and where the actor may not decide.
    """
    row = InputRow(subject, GRADE, grade, reason)
    return await enter_inputs(cycle_id, [row], actor=actor, now=now, source=source)
