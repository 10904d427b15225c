"""What came to the phones unasked, counted by hand: who was disturbed when, and how often a day by reminders."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

QUIET = {21, 22, 23, 0, 1, 2, 3, 4, 5, 6, 7}
"""Hours of the night in which nobody is reminded."""
_REMINDER = re.compile(r"您有 \d+ 件事要办|最后提醒：|进展小结|阶段小结")


@dataclass(frozen=True)
class Push:
    """One text on one phone; `at`: in China."""

    at: datetime
    text: str

    @property
    def is_reminder(self) -> bool:
        """A digest or a last call; not news of what somebody has just done."""
        return _REMINDER.search(self.text) is not None


def faults_of(pushed: Mapping[str, Sequence[Push]]) -> list[str]:
    """Everybody who was reminded twice on one day where nothing ended that day, or in the night."""
    return [fault for staff_no, pushes in pushed.items() for fault in _faults(staff_no, pushes)]


def _faults(staff_no: str, pushes: Iterable[Push]) -> Iterable[str]:
    reminders = [one for one in pushes if one.is_reminder]
    yield from (f"{staff_no} {one.at}: night" for one in reminders if one.at.hour in QUIET)
    usual = Counter(one.at.date() for one in reminders if "最后提醒" not in one.text)
    yield from (f"{staff_no} {day}: {count} digests" for day, count in usual.items() if count > 1)
    urgent = Counter(one.at.date() for one in reminders if "最后提醒" in one.text)
    yield from (f"{staff_no} {day}: {count} last calls" for day, count in urgent.items() if count > 1)
