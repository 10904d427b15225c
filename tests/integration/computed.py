"""What a run computed now says of a cycle; for tests."""

from models.cycles import Cycle
from services.runs.runs import compute_run, read_result
from tests.integration.cycles import NOW


async def figures_of(cycle: Cycle, key: str) -> tuple[str | None, str | None, list[str]]:
    """Score, band and flags of a subject."""
    result = await read_result(await compute_run(cycle.id, now=NOW, actor="command"))
    (one,) = (one for one in result["subjects"] if one["id"] == key)
    return one["score"], one["band"], one["flags"]
