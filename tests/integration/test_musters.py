"""点名 by a code: whoever scans is there, once; strangers bind first; the page shows the code and nobody's name."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest
from aiohttp.test_utils import TestClient, TestServer

from app.build import make_web_app
from config import clock
from config.refusals import Refusal
from models.people import Person
from services.people.handouts import issue_codes
from services.people.roster import import_roster
from services.records.musters import OPEN_FOR, arrive, find_muster, make_muster, scene_of
from services.runtime import Runtime
from tests.faults.platform import Platform
from tests.integration.chatting import Phone
from tests.integration.cycles import MEMBER, NOW, OFFICE, SECRETARY, roster
from tests.integration.world import name_of

pytestmark = pytest.mark.usefixtures("platform")


@pytest.fixture
async def branch(rt: Runtime) -> int:
    await import_roster(roster(), now=NOW, actor="test")
    return (await Person.get(staff_no=SECRETARY)).organisation_id


async def test_a_branch_has_one_open_code_however_often_it_is_asked_for(
    rt: Runtime, branch: int, sql: asyncpg.Connection
) -> None:
    asked = (make_muster(f"k{n}", branch, "theme_day", actor=SECRETARY, now=NOW) for n in range(5))
    assert len({muster.code for muster in await asyncio.gather(*asked)}) == 1
    with pytest.raises(Refusal):
        await make_muster("k9", branch, "theme_day", actor=MEMBER, now=NOW)
    assert await sql.fetchval("SELECT count(*) FROM musters") == 1


async def test_many_scans_at_once_count_everybody_once(rt: Runtime, branch: int) -> None:
    muster = await make_muster("k1", branch, "theme_day", actor=SECRETARY, now=NOW)
    people = [person.id for person in await Person.filter(organisation_id=branch)]
    await asyncio.gather(*(arrive(muster.code, person, NOW) for person in people * 3))
    standing = await find_muster([branch], "theme_day", NOW)
    assert standing is not None
    assert sorted(standing.arrived) == sorted(people)
    with pytest.raises(Refusal) as over:
        await arrive(muster.code, people[0], NOW + OPEN_FOR)
    assert over.value.code == "muster_over"
    assert await find_muster([branch], "theme_day", NOW + OPEN_FOR) is None


async def test_no_time_of_arrival_is_kept(rt: Runtime, sql: asyncpg.Connection) -> None:
    columns = "SELECT data_type FROM information_schema.columns WHERE table_name = 'arrivals'"
    assert {row["data_type"] for row in await sql.fetch(columns)} <= {"bigint", "integer"}


async def test_a_stranger_who_scans_binds_and_is_there_without_scanning_again(rt: Runtime, branch: int) -> None:
    muster = await make_muster("k1", branch, "theme_day", actor=SECRETARY, now=NOW)
    issued = await issue_codes(rt.settings, org=None, renew=False, now=NOW, actor="test")
    code = next(one.code for one in issued if one.staff_no == MEMBER)
    phone = Phone(rt, "o-new", NOW)
    assert "姓名" in await phone.scan(scene_of(muster))
    await phone.say(name_of(MEMBER))
    done = await phone.say(code)
    assert "绑定成功" in done
    assert "已记您到场：第一党支部 主题党日" in done
    assert "没有这个点名码" in await phone.scan("r.nothing")


async def test_the_page_shows_the_code_while_it_is_open_and_nobody(
    rt: Runtime, platform: Platform, branch: int
) -> None:
    now = clock.now()
    muster = await make_muster("k1", branch, "theme_day", actor=SECRETARY, now=now)
    old = await make_muster("k2", branch, "party_lecture", actor=SECRETARY, now=now - timedelta(days=2))
    await arrive(muster.code, (await Person.get(staff_no=OFFICE)).id, now)
    async with TestClient(TestServer(make_web_app(rt), shutdown_timeout=5)) as door:
        page = await door.get(f"/muster/{muster.code}")
        text = await page.text()
        assert page.status == 200
        assert "第一党支部 点名" in text
        assert name_of(OFFICE) not in text
        picture = await door.get(f"/muster/{muster.code}/code.svg")
        assert (picture.status, picture.content_type) == (200, "image/svg+xml")
        await door.get(f"/muster/{muster.code}/code.svg")
        assert platform.calls("/cgi-bin/qrcode/create") == 1
        for address, status in (
            (f"/muster/{old.code}", 410),
            ("/muster/nothing", 404),
            ("/muster/nothing/code.svg", 404),
        ):
            assert (await door.get(address)).status == status
