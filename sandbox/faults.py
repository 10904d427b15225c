"""What goes wrong on demand: with deliveries to the back end, and with its API calls."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Trouble = Literal["repeat", "overlap", "lose", "delay", "reorder"]


class DeliveryFaults(BaseModel):
    """`*_every` = n strikes every n-th message (0 never); `next` strikes the next message once. Times in real seconds."""

    model_config = ConfigDict(extra="forbid")

    repeat_every: int = Field(0, ge=0)
    overlap_every: int = Field(0, ge=0)
    overlap_after: float = Field(0.0, ge=0)
    lose_every: int = Field(0, ge=0)
    delay_every: int = Field(0, ge=0)
    delay: float = Field(0.0, ge=0)
    reorder_every: int = Field(0, ge=0)
    next: list[Trouble] = Field(default_factory=list)

    def strikes(self, trouble: Trouble, count: int) -> bool:
        """Whether `trouble` befalls message number `count`."""
        every: int = getattr(self, f"{trouble}_every")
        return trouble in self.next or (every > 0 and count % every == 0)


class ApiFault(BaseModel):
    """Befalls the next `times` calls of `path` ("" = any): an errcode, an HTML page, no answer, or a cut connection."""

    model_config = ConfigDict(extra="forbid")

    path: str = ""
    kind: Literal["errcode", "html", "hang", "cut"] = "errcode"
    errcode: int = -1
    seconds: float = 30.0
    times: int = Field(1, ge=1)


@dataclass(frozen=True)
class Plan:
    """What befalls one message."""

    repeat: bool = False
    overlap: float | None = None
    lose: bool = False
    delay: float = 0.0
    reorder: bool = False


class Faults:
    """The faults in force, for all phones and for single ones."""

    def __init__(self) -> None:
        self._deliveries: dict[str | None, DeliveryFaults] = {}
        self._counts: Counter[str | None] = Counter()
        self._api: list[ApiFault] = []

    def set_deliveries(self, phone: str | None, faults: DeliveryFaults) -> None:
        """Replace the faults of one phone, or of all where `phone` is None; counting starts anew."""
        self._deliveries[phone] = faults
        self._counts[phone] = 0

    def add_api(self, fault: ApiFault) -> None:
        """Queue a fault for API calls."""
        self._api.append(fault)

    def plan(self, phone: str) -> Plan:
        """What befalls the next message of `phone`; a phone's own faults go before those of all."""
        scope = phone if phone in self._deliveries else None
        faults = self._deliveries.get(scope)
        if faults is None:
            return Plan()
        self._counts[scope] += 1
        plan = self._plan(faults, self._counts[scope])
        faults.next.clear()
        return plan

    @staticmethod
    def _plan(faults: DeliveryFaults, count: int) -> Plan:
        return Plan(
            repeat=faults.strikes("repeat", count),
            overlap=faults.overlap_after if faults.strikes("overlap", count) else None,
            lose=faults.strikes("lose", count),
            delay=faults.delay if faults.strikes("delay", count) else 0.0,
            reorder=faults.strikes("reorder", count),
        )

    def take_api(self, path: str) -> ApiFault | None:
        """The fault of this call, used up by it."""
        for fault in self._api:
            if fault.path in ("", path):
                fault.times -= 1
                if not fault.times:
                    self._api.remove(fault)
                return fault
        return None

    def json(self) -> dict[str, Any]:
        """What is in force."""
        deliveries = [{"phone": phone, **faults.model_dump()} for phone, faults in self._deliveries.items()]
        return {"deliveries": deliveries, "api": [fault.model_dump() for fault in self._api]}
