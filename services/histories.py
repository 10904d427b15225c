"""What earlier cycles of the same scheme found, from their published runs, for the rules over several years."""

import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from models.cycles import Cycle
from models.runs import Publication, RunSubject
from scoring.numbers import show

_PLACES = 12


async def find_pasts(cycle: Cycle) -> dict[str, dict[str, Any]]:
    """Subject key → year → {score, band, titles} of each earlier published cycle of this scheme; the newest publication counts."""
    found: dict[str, dict[str, Any]] = {}
    for run_id, year in await _published_before(cycle):
        for one in await RunSubject.filter(run_id=run_id).only("key", "result"):
            result = json.loads(one.result)
            if "exempt" not in result["flags"]:
                found.setdefault(one.key, {})[year] = past_of(result)
    return found


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
