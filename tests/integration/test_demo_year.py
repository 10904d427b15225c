"""The year that `zhiping demo` seeds: made once, on whatever day it is started, with something to do for every phone."""

from datetime import UTC, datetime, timedelta

import pytest

from app.demo.content import fill_organisation
from app.demo.data import make_demo
from app.demo.files import VOTING_BRANCH, staff
from models.cycles import Cycle
from models.evaluations import Evaluation
from models.filings import Filing
from models.meetings import OPEN
from models.people import Person
from models.public_notices import PublicNotice
from models.records import Record
from models.rectifications import RectificationItem
from services.reminders.agenda import list_agenda
from services.runtime import Runtime

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
# The turn of the year, the short month, the middle of the document's own stages.
DAYS = (NOW, datetime(2027, 1, 2, 1, 0, tzinfo=UTC), datetime(2028, 2, 29, 15, 0, tzinfo=UTC))


async def _counts() -> list[int]:
    return [await one.all().count() for one in (Cycle, Evaluation, Filing, PublicNotice, Record, RectificationItem)]


@pytest.mark.parametrize("now", DAYS)
async def test_the_year_is_made_on_any_day_and_once(rt: Runtime, now: datetime) -> None:
    await fill_organisation(rt, make_demo(), now)
    made = await _counts()
    assert made[:3] == [4, 1, 2]
    await fill_organisation(rt, make_demo(), now + timedelta(days=3))
    assert await _counts() == made


async def test_every_phone_has_something_to_do(rt: Runtime) -> None:
    demo = make_demo()
    await fill_organisation(rt, demo, NOW)
    assert (await Evaluation.get()).state == OPEN
    words = {
        demo.of(VOTING_BRANCH)[6].staff_no: {"投票", "自评"},
        demo.secretaries()[0].staff_no: {"投票", "自评", "述职", "整改"},
        demo.of("demo-0")[0].staff_no: {"点评", "审核", "履职"},
        staff(demo, "组织部")[0].staff_no: {"审核", "答复异议", "审批免评", "阶段"},
        staff(demo, "考核组")[0].staff_no: {"打分"},
    }
    for staff_no, wanted in words.items():
        person = await Person.get(staff_no=staff_no)
        assert wanted <= {due.word for due in await list_agenda(NOW, [person.id])}
