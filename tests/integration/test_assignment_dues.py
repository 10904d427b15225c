"""互评 and 抽查 are given by whom the office names: until somebody is named, the office has that to do (S0-09, S0-10)."""

from datetime import date

import pytest

from models.people import Person
from services.cycles.inputs import InputRow
from services.cycles.stages import finish_stage
from services.dues import Due
from services.ratings.assignments import Task, assign
from services.ratings.entries import enter_inputs
from services.reminders.agenda import list_agenda
from services.runtime import Runtime
from tests.integration.cycles import NOW, OFFICE, OTHER_SECRETARY, SECRETARY
from tests.integration.cycles import make_cycle as make_star_rating
from tests.integration.rated import FEBRUARY, make_cycle, phone_of


async def dues_of(staff_no: str) -> list[Due]:
    person = await Person.get(staff_no=staff_no)
    return [one for one in await list_agenda(FEBRUARY, [person.id]) if one.word == "分派"]


async def test_the_office_is_to_name_raters_until_it_has(rt: Runtime) -> None:
    cycle = await make_cycle()
    waiting = {one.key.rpartition(":")[2]: one for one in await dues_of(OFFICE)}
    assert set(waiting) == {"cross_review", "spot_check"}
    assert waiting["cross_review"].scheme == "meet-standard"
    assert waiting["cross_review"].by is None or waiting["cross_review"].by > date(2021, 1, 1)
    assert await dues_of(SECRETARY) == []
    await assign(cycle.id, [Task("cross_review", "branch:0101", OTHER_SECRETARY)], now=FEBRUARY, actor=OFFICE)
    assert [one.key for one in await dues_of(OFFICE)] == [f"assign:{cycle.id}:spot_check"]


@pytest.mark.parametrize("way", ["entered", "finished"])
async def test_what_came_on_paper_or_is_closed_needs_nobody(rt: Runtime, way: str) -> None:
    cycle = await make_cycle()
    if way == "entered":
        await enter_inputs(cycle.id, [InputRow("branch:0101", "scores.spot_check", "80")], actor=OFFICE, now=FEBRUARY)
    else:
        await finish_stage(cycle.id, "spot_check", now=FEBRUARY, actor=OFFICE)
    assert [one.key for one in await dues_of(OFFICE)] == [f"assign:{cycle.id}:cross_review"]


async def test_where_posts_rate_nobody_has_to_be_named(rt: Runtime) -> None:
    await make_star_rating()
    office = await Person.get(staff_no=OFFICE)
    assert "分派" not in {one.word for one in await list_agenda(NOW, [office.id])}


async def test_the_word_tells_the_office_what_is_assigned_and_how(rt: Runtime) -> None:
    cycle = await make_cycle()
    await assign(cycle.id, [Task("cross_review", "branch:0101", OTHER_SECRETARY)], now=FEBRUARY, actor=OFFICE)
    shown = await (await phone_of(rt, OFFICE)).say("分派")
    assert "已分派 1 条" in shown
    assert "还没有分派" in shown
    assert "命令 zhiping assign" in shown
    assert "分派由组织部门办" in await (await phone_of(rt, SECRETARY)).say("分派")
