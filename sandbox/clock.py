"""The platform's own clock, which tests move."""

import time
from datetime import datetime, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8))


class Clock:
    """Real time plus what the tests added; it may also be moved back."""

    def __init__(self) -> None:
        self._offset = 0.0

    @staticmethod
    def real() -> float:
        """Unix seconds, whatever the tests moved."""
        # The platform is not the product: its clock is here, so the product's ban does not apply.
        return time.time()  # noqa: TID251 - the simulator's single clock reading

    def now(self) -> float:
        """Unix seconds on the platform's clock."""
        return self.real() + self._offset

    def advance(self, seconds: float) -> None:
        """Move the clock by `seconds`."""
        self._offset += seconds

    def set(self, at: datetime) -> None:
        """Move the clock to an aware instant."""
        self._offset += at.timestamp() - self.now()

    def iso(self) -> str:
        """Now in Asia/Shanghai, to the second."""
        return datetime.fromtimestamp(self.now(), SHANGHAI).isoformat(timespec="seconds")

    def day(self) -> str:
        """The platform's day, by which daily quotas are counted."""
        return self.iso()[:10]
