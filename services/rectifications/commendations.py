"""Who may not be commended (评先评优) or rated 优秀 for the year, and why: bars that published results have set (S0-29, S4-27)."""

from dataclasses import dataclass

from tortoise.expressions import Q

from models.follow_ups import STANDING, FollowUp

NO_AWARDS, NO_EXCELLENT = "no_awards", "no_annual_excellent"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it may be, and a Chinese reason with its clause for each bar."""

    may: bool
    reasons: tuple[str, ...] = ()


async def may_be_commended(year: str, *, organisation_id: int | None = None, person_id: int | None = None) -> Verdict:
    """Whether the organisation, or the person where one is named, may be commended for that year.

    A branch below the standard bars itself and the person who was its secretary when that was published (S0-29).
    """
    return await _verdict(NO_AWARDS, year, organisation_id, person_id)


async def may_be_excellent(year: str, *, organisation_id: int | None = None, person_id: int | None = None) -> Verdict:
    """Whether the year's assessment of the person (or organisation) may end in 优秀: only 「好」 lets it (S4-27)."""
    return await _verdict(NO_EXCELLENT, year, organisation_id, person_id)


async def _verdict(kind: str, year: str, organisation_id: int | None, person_id: int | None) -> Verdict:
    whose = Q(person_id=person_id) if person_id is not None else Q(person_id=None, organisation_id=organisation_id)
    bars = FollowUp.filter(whose, kind=kind, state=STANDING, cycle__year=year)
    reasons = tuple(f"{one.reason}〔{one.clause}〕" for one in await bars.order_by("id"))
    return Verdict(not reasons, reasons)
