"""An organisation of any size with an open poll, everybody bound and checked in; made through the services."""

import io
from datetime import UTC, datetime, timedelta

import openpyxl

from app.resources import open_runtime
from config import clock
from config.settings import Settings
from models import database
from models.accounts import Account
from models.meetings import CheckIn, Meeting
from models.people import Person
from services.accounts import CONSENT
from services.meetings import import_meeting
from services.polls import open_poll
from services.roster import import_roster

OPTIONS = ("好", "较好", "一般", "差")
_ACTOR = "bench"


async def open_hall(settings: Settings, voters: int, reporters: int) -> list[str]:
    """Make it in an empty database; the openids of the voters."""
    await database.migrate_schema(settings.database_url.get_secret_value())
    now = clock.now()
    async with open_runtime(settings) as rt:
        await import_roster(_roster(voters, reporters), now=now, actor=_ACTOR)
        meeting = await import_meeting(_meeting(reporters, now).encode(), now=now, actor=_ACTOR)
        openids = await _seat(meeting, now)
        await open_poll(rt, meeting.id, now=now, actor=_ACTOR, accept_small=True)
    return openids


async def count_ballots(settings: Settings) -> int:
    """How many ballots lie sealed in the database."""
    async with open_runtime(settings):
        rows = await database.connections.get("default").execute_query_dict("SELECT count(*) AS n FROM sealed_ballots")
    return int(rows[0]["n"])


async def _seat(meeting: Meeting, now: datetime) -> list[str]:
    """Bind and check in all voters at once: one by one, as people do it, would take longer than what is measured."""
    people = await Person.filter(organisation__code="02").order_by("staff_no")
    accounts = [Account(openid=f"o_{one.staff_no}", person=one, bound_at=now, consent=CONSENT) for one in people]
    await Account.bulk_create(accounts, 1000)
    await CheckIn.bulk_create([CheckIn(meeting=meeting, person=one) for one in people], 1000)
    return [one.openid for one in accounts]


def _roster(voters: int, reporters: int) -> bytes:
    book = openpyxl.Workbook()
    orgs, people = book.active, book.create_sheet("人员")
    assert orgs is not None
    orgs.title = "组织"
    orgs.append(["组织编码", "组织名称", "上级编码", "组织类型"])
    orgs.append(["01", "党委", "", "党委"])
    orgs.append(["02", "会场", "01", "党支部"])
    people.append(["工号", "姓名", "组织编码", "状态", "职务"])
    for number in range(reporters):
        people.append([f"r{number}", f"述职人{number}", "01", "正式党员", ""])
    for number in range(voters):
        people.append([f"v{number:05d}", f"党员{number}", "02", "正式党员", ""])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _meeting(reporters: int, now: datetime) -> str:
    rows = ", ".join(f"{{staff_no: r{number}, mode: 现场}}" for number in range(reporters))
    points = ", ".join(f'{word}: "{90 - 10 * place}"' for place, word in enumerate(OPTIONS))
    return f"""
title: 述职评议会
scheme: report-review
starts_at: {now.astimezone(UTC).isoformat()}
closes_at: {(now + timedelta(days=1)).astimezone(UTC).isoformat()}
hosts: [r0]
leaders: [r0]
classes:
  会场: {{weight: "1", orgs: ["02"]}}
reporters: [{rows}]
form: {{items: [总体评价], options: {{{points}}}, abstain: true}}
min_class: 5
"""
