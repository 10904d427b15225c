"""What the office put in for the years before there were cycles was known to the first cycle alone, so S2-30 never came about."""

from services.cycles.cycles import create_cycle
from services.cycles.inputs import InputRow
from services.ratings.entries import enter_inputs
from services.runs.runs import compute_run, read_result
from tests.integration.cycles import FILE, NOW, OFFICE, fill, make_cycle


async def test_the_second_cycle_knows_the_imported_past_unless_told_otherwise(db: str) -> None:
    first = await make_cycle()
    past = {"score": "92", "band": "五星级", "titles": ["样板党支部"]}
    await enter_inputs(first.id, [InputRow("branch:0101", "history.2019", past)], actor=OFFICE, now=NOW)
    second = (await create_cycle(FILE.replace("2020", "2021").encode(), now=NOW, actor="command")).cycle
    await fill(second)
    assert "revoke_title" in await consequences(second.id)
    otherwise = InputRow("branch:0101", "history.2019", {**past, "titles": []})
    await enter_inputs(second.id, [otherwise], actor=OFFICE, now=NOW)
    assert "revoke_title" not in await consequences(second.id)


async def consequences(cycle: int) -> list[str]:
    run = await compute_run(cycle, now=NOW, actor="command")
    return next(one["consequences"] for one in (await read_result(run))["subjects"] if one["id"] == "branch:0101")
