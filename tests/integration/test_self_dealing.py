"""People with two posts: who leads a branch neither judges it nor is asked to, whatever else they are (S0-12, S0-21)."""

from fractions import Fraction

import asyncpg
import pytest

from config.refusals import BadInput, Refusal
from models.cycles import Cycle
from models.people import Person
from services.people.roster import import_roster
from services.ratings.assignments import Task, assign
from services.ratings.draws import DrawRule, draw_assignments
from services.ratings.entry_lists import list_entries
from services.reminders.agenda import list_agenda
from services.requests.claims import ClaimSpec, decide_claim, file_claim
from services.runtime import Runtime
from tests.integration.cycles import LEADER, OFFICE, OTHER_SECRETARY, PEOPLE, SECRETARY, TEAM, roster
from tests.integration.rated import FEBRUARY, make_cycle, rate, review_lines

BOTH = tuple((*one[:3], "书记、考核组") if one[0] == SECRETARY else one for one in PEOPLE)


@pytest.fixture
async def cycle(rt: Runtime) -> Cycle:
    """Two branches are rated; the secretary of the first is of the team as well."""
    cycle = await make_cycle()
    await import_roster(roster(BOTH), now=FEBRUARY, actor="test")
    return cycle


async def test_a_secretary_who_is_of_the_team_does_not_rate_their_own_branch(cycle: Cycle) -> None:
    (entries,) = await list_entries(await Person.get(staff_no=SECRETARY))
    assert [one.key for one in entries.subjects] == ["branch:0102"]
    with pytest.raises(Refusal, match="not_entitled"):
        await rate(cycle, "0101", "full_review", review_lines(["5"] * 20), SECRETARY)
    await rate(cycle, "0102", "full_review", review_lines(["5"] * 20), SECRETARY)


async def test_a_secretary_who_is_a_leader_too_neither_confirms_for_their_own_branch_nor_is_asked_to(
    cycle: Cycle,
) -> None:
    leading = tuple((*one[:3], "书记、领导") if one[0] == SECRETARY else one for one in PEOPLE)
    await import_roster(roster(leading), now=FEBRUARY, actor="test")
    number = (await Person.get(staff_no=SECRETARY)).id
    for code in ("branch:0101", "branch:0102"):
        spec = ClaimSpec(code, "veto", "发生责任事故", "S0-19.5")
        claim = await file_claim(cycle.id, spec, now=FEBRUARY, actor=TEAM)
        asked = [one for one in await list_agenda(FEBRUARY, [number]) if one.key == f"claim:{claim.id}"]
        assert len(asked) == (code == "branch:0102")
        if not asked:
            with pytest.raises(Refusal, match="not_entitled"):
                await decide_claim(claim.id, confirm=True, reason="属实", now=FEBRUARY, actor=SECRETARY)
        await decide_claim(claim.id, confirm=True, reason="属实", now=FEBRUARY, actor=SECRETARY if asked else LEADER)


async def test_nobody_is_drawn_or_assigned_to_what_they_lead_though_they_belong_elsewhere(
    cycle: Cycle, sql: asyncpg.Connection
) -> None:
    moved = tuple((one[0], "0002", *one[2:]) if one[0] == OTHER_SECRETARY else one for one in PEOPLE)
    await import_roster(roster(moved), now=FEBRUARY, actor="test")
    await sql.execute(
        "UPDATE posts SET organisation_id = (SELECT id FROM organisations WHERE code = '0102')"
        " WHERE person_id = (SELECT id FROM people WHERE staff_no = $1)",
        OTHER_SECRETARY,
    )
    with pytest.raises(BadInput, match="不能给自己或自己所在的"):
        await assign(cycle.id, [Task("spot_check", "0102", OTHER_SECRETARY)], now=FEBRUARY, actor=OFFICE)
    rule = DrawRule("spot_check", "种子", ratio=Fraction(1), raters=(OTHER_SECRETARY,))
    await draw_assignments(cycle.id, rule, now=FEBRUARY, actor=OFFICE)
    rows = await sql.fetch("SELECT key FROM assignments a JOIN cycle_subjects s ON s.id = a.subject_id")
    assert [row["key"] for row in rows] == ["branch:0101"]


async def test_a_head_of_two_branches_is_not_drawn_to_review_one_for_the_other(
    cycle: Cycle, sql: asyncpg.Connection
) -> None:
    await sql.execute("DELETE FROM posts WHERE organisation_id = (SELECT id FROM organisations WHERE code = '0102')")
    await sql.execute(
        "INSERT INTO posts (person_id, organisation_id, title)"
        " SELECT p.id, o.id, '副书记' FROM people p, organisations o WHERE p.staff_no = $1 AND o.code = '0102'",
        SECRETARY,
    )
    with pytest.raises(BadInput, match="而打分的书记也是"):
        await draw_assignments(cycle.id, DrawRule("cross_review", "种子", groups=2), now=FEBRUARY, actor=OFFICE)
    assert await sql.fetchval("SELECT count(*) FROM assignments") == 0


async def test_no_draw_takes_away_what_was_assigned_by_hand_without_a_reason_or_comes_after_a_rating(
    cycle: Cycle, sql: asyncpg.Connection
) -> None:
    await assign(cycle.id, [Task("spot_check", "0101", OTHER_SECRETARY)], now=FEBRUARY, actor=OFFICE)
    rule = DrawRule("spot_check", "种子", ratio=Fraction(1), raters=(TEAM,))
    with pytest.raises(BadInput, match="会撤下 1 条"):
        await draw_assignments(cycle.id, rule, now=FEBRUARY, actor=OFFICE)
    await rate(cycle, "0101", "spot_check", review_lines(["5"] * 20), OTHER_SECRETARY)
    with pytest.raises(Refusal, match="rated"):
        await draw_assignments(cycle.id, rule, now=FEBRUARY, actor=OFFICE, reason="重抽")
    assert await sql.fetchval("SELECT count(*) FROM draws") == 0
