"""What earlier years found, by published runs of the same scheme or as the office has put it in, for the rules over several years."""

import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from models.cycles import Cycle
from models.inputs import Input
from models.runs import Publication, RunSubject
from scoring.numbers import show

_PLACES = 12


async def find_pasts(cycle: Cycle) -> dict[str, dict[str, Any]]:
    """Subject key → year → {score, band, titles} of earlier years; of a published cycle the newest publication counts.

    What was put in for a year that has no cycle here is asked once: the later cycles know it, too, unless they are told otherwise.
    """
    found = await _imported(cycle)
    for run_id, year in await _published_before(cycle):
        for one in await RunSubject.filter(run_id=run_id).only("key", "result"):
            result = json.loads(one.result)
            if "exempt" not in result["flags"]:
                found.setdefault(one.key, {})[year] = past_of(result)
    return found


async def _imported(cycle: Cycle) -> dict[str, dict[str, Any]]:
    """The same as put into this cycle and those before it; what a later one says goes before."""
    known = Input.filter(subject__cycle__scheme=cycle.scheme, subject__cycle__year__lte=cycle.year)
    rows = known.filter(slot__startswith="history.", replaced_at=None).select_related("subject__cycle")
    found: dict[str, dict[str, Any]] = {}
    for one in sorted(await rows, key=lambda row: (row.subject.cycle.year, row.id)):
        found.setdefault(one.subject.key, {})[one.slot.partition(".")[2]] = one.value
    return {key: {year: past for year, past in years.items() if past is not None} for key, years in found.items()}


async def _published_before(cycle: Cycle) -> list[tuple[int, str]]:
    """(run, year), oldest publication first, so that a later one of the same cycle comes after it."""
    earlier = Publication.filter(cycle__scheme=cycle.scheme, cycle__year__lt=cycle.year)
    rows = await earlier.select_related("cycle").order_by("id")
    newest = {one.cycle_id: (one.run_id, one.cycle.year) for one in rows}
    return sorted(newest.values())


def past_of(result: Mapping[str, Any]) -> dict[str, Any]:
    """A subject's result as a history entry."""
    past: dict[str, Any] = {"titles": list(result["awards"])}
    if result["band"] is not None:
        past["band"] = result["band"]
    if result["exact"] is not None:
        past["score"] = decimal_below(Fraction(result["exact"]))
    return past


def decimal_below(number: Fraction) -> str:
    """The number as a decimal, cut (not rounded) to 12 places: what was below a line of a scheme stays below it."""
    scale = 10**_PLACES
    return show(Fraction(number * scale // 1, scale))
