"""The burden meter: what the product asks of people, by organisation and month. Never by person, never what they said.

Of secret flows nothing is counted: how many messages a branch wrote while it voted would tell how many voted.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from tortoise import connections

from config.clock import SHANGHAI
from config.settings import Settings
from models.burdens import Burden, add_talks

# Whoever answers later has done something else meanwhile.
_LONGEST_ANSWER = 120
# People whose figures wait in memory; a process that dies takes these with it.
_MOST_WAITING = 200
_WAIT_SECONDS = 30.0

log = logging.getLogger(__name__)


def month_of(now: datetime) -> str:
    """The month in Shanghai: `2020-11`."""
    return now.astimezone(SHANGHAI).strftime("%Y-%m")


@dataclass(slots=True)
class Meter:
    """Counts in memory what passes through one process, and adds it to the database now and then."""

    _talks: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    _month: str = ""
    _since: float = 0.0

    def count(self, openid: str, is_question: bool, seconds: int | None, now: datetime) -> None:
        """One message and its answer. `seconds`: since the question that the message answered, None where there was none."""
        if not self._talks:
            self._month, self._since = month_of(now), now.timestamp()
        messages, asked, spent = self._talks.get(openid, (0, 0, 0))
        spent += min(max(seconds or 0, 0), _LONGEST_ANSWER)
        self._talks[openid] = (messages + 1, asked + is_question, spent)

    def is_full(self, now: datetime) -> bool:
        """Whether it is time to `flush`."""
        waited = now.timestamp() - self._since
        return bool(self._talks) and (len(self._talks) >= _MOST_WAITING or not 0 <= waited < _WAIT_SECONDS)

    async def flush(self) -> None:
        """Add what was counted to the database; openids end here. What cannot be written is lost: nobody waits for it."""
        talks, self._talks = self._talks, {}
        try:
            if talks:
                await add_talks(self._month, talks)
        except Exception as error:
            log.warning("burdens lost", extra={"action": "burdens_lost", "error": type(error).__name__})


@dataclass(frozen=True, slots=True)
class BurdenLine:
    """One organisation in one month, on average for each of its `people`; `over`: the settings whose caps it exceeds."""

    organisation: str
    code: str
    month: str
    people: int
    pulled: int
    pushed: int
    asked: int
    minutes: int
    over: tuple[str, ...]


async def list_burdens(settings: Settings, month: str | None = None) -> list[BurdenLine]:
    """What was asked of each organisation, the newest month first, then by code."""
    rows = Burden.all() if month is None else Burden.filter(month=month)
    found = await rows.order_by("-month", "organisation__code").select_related("organisation")
    people = await _count_people([one.organisation_id for one in found])
    return [_line(settings, one, max(1, people.get(one.organisation_id, 0))) for one in found]


def _line(settings: Settings, one: Burden, people: int) -> BurdenLine:
    caps = (
        ("BURDEN_PUSHES", one.pushed, settings.burden_pushes),
        ("BURDEN_QUESTIONS", one.asked, settings.burden_questions),
        ("BURDEN_MINUTES", one.seconds / 60, settings.burden_minutes),
    )
    over = tuple(name for name, used, cap in caps if used > cap * people)
    minutes = -(-one.seconds // 60)
    where = one.organisation
    return BurdenLine(where.name, where.code, one.month, people, one.pulled, one.pushed, one.asked, minutes, over)


async def _count_people(organisation_ids: Iterable[int]) -> dict[int, int]:
    rows = await connections.get("default").execute_query_dict(
        "SELECT organisation_id, count(*) AS n FROM people WHERE organisation_id = ANY($1) GROUP BY 1",
        [list(set(organisation_ids))],
    )
    return {row["organisation_id"]: row["n"] for row in rows}
