"""An organisation of any size with open polls, everybody bound and checked in; made through the services."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import openpyxl

from app.resources import open_runtime
from config import clock
from config.settings import Settings
from models import database
from models.accounts import Account
from models.meetings import CheckIn
from models.people import Person
from models.polls import SealedBallot
from services.meetings.meetings import import_meeting, scene_of
from services.meetings.screens import open_screen
from services.people.accounts import CONSENT
from services.people.roster import import_roster
from services.polls.polls import close_poll, open_poll

POINTS = {"好": 90, "较好": 80, "一般": 70, "差": 60}
OPTIONS = tuple(POINTS)
ABSTAIN = "弃权"
WEIGHTS = {"领导班子": "0.4", "党员代表": "0.4", "群众代表": "0.2"}
CLASSES = tuple(WEIGHTS)
_PLACES = (0, 1, 1, 1, 1, 1, 1, 2, 2, 2)
"""Of ten voters one is a leader, six are delegates, three are of the masses."""
_ACTOR = "bench"


@dataclass(frozen=True)
class OpenMeeting:
    """A meeting in which people vote: openids of its voters and of its host, its check-in scene, the token of its screen."""

    id: int
    voters: list[str]
    host: str
    scene: str
    screen: str


def class_no(voter: int) -> int:
    """The class in which the voter with that number votes."""
    return _PLACES[voter % len(_PLACES)]


async def settle(settings: Settings, voters: int, reporters: int) -> None:
    """The organisation in an empty database, everybody bound. The first reporter is host, too."""
    await database.migrate_schema(settings.database_url.get_secret_value())
    now = clock.now()
    async with open_runtime(settings):
        await import_roster(_roster(voters, reporters), now=now, actor=_ACTOR)
        await _bind(await Person.all(), now)


async def open_meeting(settings: Settings, reporters: int) -> OpenMeeting:
    """A meeting of all these people, its voting open and all voters there."""
    now = clock.now()
    async with open_runtime(settings) as rt:
        meeting = await import_meeting(_meeting(reporters, now).encode(), now=now, actor=_ACTOR)
        people = await Person.filter(staff_no__startswith="v").order_by("staff_no")
        await CheckIn.bulk_create([CheckIn(meeting=meeting, person=one) for one in people], 1000)
        await open_poll(rt, meeting.id, now=now, actor=_ACTOR, accept_small=True)
        shown = await open_screen(meeting, now=now, actor=_ACTOR)
    voters = [_openid(one) for one in people]
    return OpenMeeting(meeting.id, voters, "o_r0", scene_of(meeting), shown.screen.token)


async def close_meeting(settings: Settings, meeting: OpenMeeting) -> None:
    """As the clock closes it."""
    async with open_runtime(settings) as rt:
        await close_poll(rt, meeting.id, now=clock.now(), actor=_ACTOR)


async def count_ballots(settings: Settings) -> int:
    """How many ballots lie sealed in the database."""
    async with open_runtime(settings):
        return await SealedBallot.all().count()


async def _bind(people: Iterable[Person], now: datetime) -> None:
    """All at once: one by one, as people do it, would take longer than what is measured."""
    accounts = [Account(openid=_openid(one), person=one, bound_at=now, consent=CONSENT) for one in people]
    await Account.bulk_create(accounts, 1000)


def _openid(person: Person) -> str:
    return f"o_{person.staff_no}"


def _roster(voters: int, reporters: int) -> bytes:
    book = openpyxl.Workbook()
    orgs, people = book.active, book.create_sheet("人员")
    assert orgs is not None
    orgs.title = "组织"
    orgs.append(["组织编码", "组织名称", "上级编码", "组织类型"])
    orgs.append(["01", "党委", "", "党委"])
    for number, name in enumerate(CLASSES):
        orgs.append([f"1{number}", name, "01", "党支部"])
    people.append(["工号", "姓名", "组织编码", "状态", "职务"])
    for number in range(reporters):
        people.append([f"r{number}", f"述职人{number}", "01", "正式党员", ""])
    for number in range(voters):
        people.append([f"v{number:05d}", f"党员{number}", f"1{class_no(number)}", "正式党员", ""])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _meeting(reporters: int, now: datetime) -> str:
    rows = ", ".join(f"{{staff_no: r{number}, mode: 现场}}" for number in range(reporters))
    points = ", ".join(f'{word}: "{value}"' for word, value in POINTS.items())
    classes = ", ".join(
        f'{name}: {{weight: "{weight}", orgs: ["1{number}"]}}' for number, (name, weight) in enumerate(WEIGHTS.items())
    )
    return f"""
title: 述职评议会
scheme: report-review
starts_at: {now.astimezone(UTC).isoformat()}
closes_at: {(now + timedelta(days=1)).astimezone(UTC).isoformat()}
hosts: [r0]
leaders: [r0]
classes: {{{classes}}}
reporters: [{rows}]
form: {{items: [总体评价], options: {{{points}}}, abstain: true}}
min_class: 5
"""
