"""What a person decides beside the figures: the grade of a secretary."""

import pytest

from services.ratings.entries import enter_inputs
from services.runs.decisions import decide_grade
from services.runs.runs import compute_run, read_result
from tests.integration.cycles import (
    FILE,
    LEADER,
    NOW,
    OFFICE,
    SECRETARY,
    TEAM,
    make_cycle,
    scores_of,
)
from tests.integration.refusing import faults_of


@pytest.mark.fact("S4-22")
async def test_a_grade_is_decided_by_an_entitled_person_with_a_reason_and_never_by_the_vote_alone(db: str) -> None:
    cycle = await make_cycle(
        FILE.replace("star-rating", "report-review")
        .replace("{branch: [党支部], member: [正式党员, 预备党员]}", "{secretary: [党支部]}")
        .partition("exempt")[0]
    )
    await enter_inputs(cycle.id, scores_of(SECRETARY, onsite="95"), actor=OFFICE, now=NOW)
    decide = {"now": NOW, "reason": "党组研究决定"}
    assert (
        "等次由人研究确定"
        in (await faults_of(decide_grade(cycle.id, SECRETARY, "好", now=NOW, actor=LEADER, reason="")))[0]
    )
    for actor in ("command", TEAM, SECRETARY):
        assert await faults_of(decide_grade(cycle.id, SECRETARY, "好", actor=actor, **decide))
    await decide_grade(cycle.id, SECRETARY, "好", actor=LEADER, **decide)
    alone = await read_result(await compute_run(cycle.id, now=NOW, actor="command"))
    assert {"id": f"secretary:{SECRETARY}", "code": "onsite_only"}.items() <= alone["refusals"][0].items()
    await enter_inputs(cycle.id, scores_of(SECRETARY, routine="88"), actor=TEAM, now=NOW)
    result = await read_result(await compute_run(cycle.id, now=NOW, actor="command"))
    assert [one["band"] for one in result["subjects"]] == ["好"]
