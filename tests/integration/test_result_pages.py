"""`/explain/…`: who may read which result, when, and what stands there."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from app.build import make_web_app
from handlers.pages.screens import NOW as CLOCK
from models.accounts import Account
from models.cycles import Cycle
from models.people import Person
from services.cycles.inputs import InputRow
from services.people.logins import make_session
from services.ratings.entries import enter_inputs
from services.runs.decisions import decide_grade
from services.runs.publications import publish_run
from services.runs.runs import compute_run
from services.runtime import Runtime
from tests.integration.cycles import (
    LEADER,
    MEMBER,
    NOW,
    OFFICE,
    OTHER_SECRETARY,
    SECRETARY,
    TEAM,
    fill,
    make_cycle,
    phone_of,
)

REVIEW = """
title: 2020年度述职评议考核
scheme: report-review
year: "2020"
organisation: "0100"
subjects: {secretary: [党支部]}
"""


@pytest.fixture
async def door(rt: Runtime) -> AsyncIterator[TestClient]:
    app = make_web_app(rt)
    app[CLOCK] = lambda: NOW
    async with TestClient(TestServer(app, shutdown_timeout=1)) as client:
        yield client


async def read(rt: Runtime, door: TestClient, number: str, cycle: Cycle, key: str) -> tuple[int, dict[str, Any]]:
    """What somebody who has logged in gets."""
    person = await Person.get(staff_no=number)
    await Account.get_or_create(openid=f"o-{number}", person=person, bound_at=NOW, consent="test")
    cookie = {"Cookie": f"zp_session={await make_session(rt.settings, person.id, NOW)}"}
    path = f"/explain/{cycle.id}/{key}"
    shown = await door.get(path, headers=cookie)
    facts = await door.get(f"{path}/facts", headers=cookie)
    assert shown.status == facts.status
    return facts.status, await facts.json() if facts.status == 200 else {}


async def published(cycle: Cycle) -> None:
    run = await compute_run(cycle.id, now=NOW, actor="command")
    await publish_run(run.id, now=NOW, actor=LEADER, accept_open=True)


async def test_each_reads_what_the_table_gives_them(rt: Runtime, door: TestClient) -> None:
    cycle = await make_cycle()
    await fill(cycle)
    await compute_run(cycle.id, now=NOW, actor="command")
    branch, member = "branch:0101", f"member:{MEMBER}"
    assert (await read(rt, door, MEMBER, cycle, member))[0] == 403  # not published yet
    assert (await read(rt, door, LEADER, cycle, member))[1]["published_at"] is None
    await published(cycle)
    for number, key, status in (
        (MEMBER, member, 200),
        (MEMBER, branch, 403),
        (SECRETARY, branch, 200),
        (SECRETARY, member, 403),
        (OTHER_SECRETARY, branch, 403),
        (TEAM, branch, 403),
        (LEADER, branch, 200),
        (OFFICE, member, 200),
        (OFFICE, "member:nobody", 403),
    ):
        assert (await read(rt, door, number, cycle, key))[0] == status, (number, key)
    assert (await door.get(f"/explain/{cycle.id}/{branch}/facts")).status == 401


async def test_the_page_has_arithmetic_clauses_distance_and_the_other_reading(rt: Runtime, door: TestClient) -> None:
    cycle = await make_cycle()
    await fill(cycle)
    await published(cycle)
    _, facts = await read(rt, door, SECRETARY, cycle, "branch:0101")
    assert (facts["score"], facts["band"]) == ("89.90", "四星级")
    assert "88 × 0.3 = 26.4" in facts["steps"][0]["say"]
    assert facts["steps"][0]["clause"].startswith("六(二)3")
    assert facts["near"][0] == "距「五星级」的分数线还差 0.1 分"
    assert "另一种读法" in facts["near"][1]
    assert any(line.startswith("89.5 这样的分数") for line in facts["readings"])
    assert [one["address"] for one in facts["others"]] == [f"/explain/{cycle.id}/member%3A{SECRETARY}"]


async def test_a_refused_subject_is_told_what_is_missing(rt: Runtime, door: TestClient) -> None:
    cycle = await make_cycle()
    await published(cycle)
    _, facts = await read(rt, door, SECRETARY, cycle, "branch:0101")
    assert facts["score"] is None
    assert facts["refusals"]
    assert facts["steps"] == []


@pytest.mark.fact("S4-22", "S4-26")
async def test_a_secretary_reads_who_decided_the_grade_and_what_it_is_used_for(rt: Runtime, door: TestClient) -> None:
    cycle = await make_cycle(REVIEW)
    key = f"secretary:{SECRETARY}"
    rows = [InputRow(key, "scores.onsite", "93"), InputRow(key, "scores.inspection", "90")]
    await enter_inputs(cycle.id, rows, actor=OFFICE, now=NOW)
    await decide_grade(cycle.id, key, "好", reason="综合研判", now=NOW, actor=LEADER)
    await published(cycle)
    _, facts = await read(rt, door, SECRETARY, cycle, key)
    assert facts["band"] == "好"
    assert any("综合研判" in line for line in facts["decisions"])
    assert any("作为评先评优、选拔任用的重要依据（三(六)）" in line for line in facts["uses"])


async def test_the_chat_leads_to_the_page(rt: Runtime) -> None:
    cycle = await make_cycle()
    await fill(cycle)
    await published(cycle)
    address = f"{rt.settings.site}/explain/{cycle.id}/member%3A"
    assert f'<a href="{address}{MEMBER}">' in await (await phone_of(rt, MEMBER)).say("结果")
    office = await phone_of(rt, OFFICE)
    assert f'<a href="{address}{MEMBER}">' in await office.say(f"结果{cycle.id} {MEMBER}")


async def test_an_address_that_no_subject_can_have_leads_nowhere(rt: Runtime, door: TestClient) -> None:
    cycle = await make_cycle()
    await compute_run(cycle.id, now=NOW, actor="command")
    for key in ("branch:%00", "branch:0101%0A"):
        assert (await read(rt, door, LEADER, cycle, key))[0] == 404
