"""What of rectification is late: items past their last day, and problems for which nobody has fixed any.

S0-26 wants measures and a last day for every problem. By when they are to be fixed says only the stage that brings forth the plans,
where the scheme has one (S0-08); elsewhere the documents give no day, and it is told how long the problem has waited.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from config.clock import SHANGHAI
from models.cycles import Cycle
from models.rectifications import PLANNING, REOPENED, WORKING, RectificationItem
from services.cycles.stages import StageDays, stage_days_of
from services.rectifications.rectification_plans import PAPER
from services.rectifications.rectification_views import STATE_WORDS


@dataclass(frozen=True, slots=True)
class Lateness:
    """Of some items as of `today`. `plan_by`: item id → the last day to fix its measures, of those that wait for them and have one."""

    today: date
    plan_by: Mapping[int, date]

    def is_late(self, item: RectificationItem) -> bool:
        """Whether its day has passed: that of its plan, or where it has none yet that by which it should have had one."""
        by = self.plan_by.get(item.id) if item.state == PLANNING else item.due_on
        return item.state in (PLANNING, WORKING, REOPENED) and by is not None and by < self.today

    def age(self, item: RectificationItem) -> int:
        """How many days ago it was listed."""
        return (self.today - listed_on(item)).days

    def state_of(self, item: RectificationItem) -> str:
        """Its state in a few words: 「整改中，已超时限」「未定措施，已 12 天」「未定措施，已 12 天，应在3月15日前定」."""
        if item.state != PLANNING:
            return f"{STATE_WORDS[item.state]}{'，已超时限' if self.is_late(item) else ''}"
        waited = f"已 {self.age(item)} 天" if self.age(item) else "今天列入"
        by = self.plan_by.get(item.id)
        return f"{STATE_WORDS[PLANNING]}，{waited}{f'，应在{by.month}月{by.day}日前定' if by else ''}"


def listed_on(item: RectificationItem) -> date:
    """The day in Shanghai on which it was listed."""
    return item.opened_at.astimezone(SHANGHAI).date()


async def lateness_of(items: Iterable[RectificationItem], today: date) -> Lateness:
    """Of these items; two queries, whatever their number. What was listed after the stage's day has none."""
    waiting = [one for one in items if one.state == PLANNING and one.cycle_id is not None]
    cycles = await Cycle.filter(id__in={one.cycle_id for one in waiting}) if waiting else []
    days = {cycle: _plan_day(stages.values()) for cycle, stages in (await stage_days_of(cycles)).items()}
    by = {one.id: day for one in waiting if one.cycle_id is not None and (day := days[one.cycle_id]) is not None}
    return Lateness(today, {one.id: by[one.id] for one in waiting if one.id in by and listed_on(one) <= by[one.id]})


def _plan_day(stages: Iterable[StageDays]) -> date | None:
    """The last day of the stage whose outcome is the plans."""
    return next((one.due for one in stages if PAPER in one.stage.gives), None)
