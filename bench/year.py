"""An organisation of any size under all five schemes at once, most of it bound, some of it with an open window; for bench.reminders."""

from collections.abc import Sequence
from datetime import UTC, datetime

from tortoise import connections

from app.resources import open_runtime
from bot.inbox import person_key
from bot.names import Names
from config.settings import Settings
from models import database
from models.accounts import Account
from models.organisations import Organisation
from models.people import Person, Post
from services.cycles.cycles import create_cycle
from services.notices.rations import granted
from services.people.accounts import CONSENT
from services.runtime import Runtime

NOW = datetime(2021, 11, 23, 1, 0, tzinfo=UTC)
"""A working Tuesday, nine in the morning, a week before everybody's self-rating is due."""
TEMPLATE = "bench-digest"
BOUND, WITH_WINDOW = 8, 6
"""Of ten people so many are bound, and so many wrote to the account within two days."""
_BRANCH = 30
_POSTS = ("书记", "副书记", "委员", "委员")
_SUBJECTS = {
    "star-rating": "{branch: [党支部], member: [正式党员]}",
    "meet-standard": "{branch: [党支部]}",
    "report-review": "{secretary: [党支部]}",
    "solid-branch": "{branch: [党支部]}",
    "soe-assessment": "{branch: [党支部]}",
}
_ACTOR, _ROWS = "command", 1000


async def settle_year(settings: Settings, people: int) -> None:
    """The organisation and its five cycles in an empty database."""
    await database.migrate_schema(settings.database_url.get_secret_value())
    async with open_runtime(settings) as rt:
        members = await _settle_people(people)
        for slug, subjects in _SUBJECTS.items():
            await create_cycle(_cycle(slug, subjects).encode(), now=NOW, actor=_ACTOR)
        await _bind(rt, members)
        # As autovacuum does within a minute; what is imported today is planned for tomorrow morning.
        await connections.get("default").execute_script("ANALYZE")


def openid_of(staff_no: str) -> str:
    """The account that a person of that number has here."""
    return f"o_{staff_no}"


async def _settle_people(people: int) -> list[Person]:
    top = await Organisation.create(code="01", name="党委", kind="党委")
    office = await Organisation.create(code="02", name="组织部", kind="部门", parent=top)
    branches = [
        Organisation(code=f"1{n:05d}", name=f"第{n}党支部", kind="党支部", parent=top)
        for n in range(-(-people // _BRANCH))
    ]
    await Organisation.bulk_create(branches, _ROWS)
    places = await Organisation.filter(kind="党支部").order_by("code")
    members = [
        Person(staff_no=f"v{n:06d}", name=f"党员{n}", status="正式党员", organisation_id=places[n // _BRANCH].id)
        for n in range(people)
    ]
    await Person.bulk_create(members, _ROWS)
    for number, title in (("w1", "组织部"), ("w2", "考核组"), ("w3", "领导")):
        one = await Person.create(staff_no=number, name=title, status="正式党员", organisation=office)
        await Post.create(title=title, person=one, organisation=office)
    found = await Person.filter(staff_no__startswith="v").order_by("staff_no")
    await Post.bulk_create(_posts(found), _ROWS)
    return found


def _posts(people: Sequence[Person]) -> list[Post]:
    return [
        Post(title=title, person=person, organisation_id=person.organisation_id)
        for start in range(0, len(people), _BRANCH)
        for title, person in zip(_POSTS, people[start : start + _BRANCH], strict=False)
    ]


def _cycle(slug: str, subjects: str) -> str:
    return f'{{title: {slug}, scheme: {slug}, year: "2021", organisation: "01", subjects: {subjects}}}'


async def _bind(rt: Runtime, people: Sequence[Person]) -> None:
    """Eight of ten are bound, six of ten have a window that we know of."""
    bound = [person for n, person in enumerate(people) if n % 10 < BOUND]
    accounts = [Account(openid=openid_of(one.staff_no), person=one, bound_at=NOW, consent=CONSENT) for one in bound]
    await Account.bulk_create(accounts, _ROWS)
    names, note = Names(rt.settings.session_key), granted("message", NOW)
    wrote = [person for n, person in enumerate(people) if n % 10 < WITH_WINDOW]
    for start in range(0, len(wrote), _ROWS):
        async with rt.redis.pipeline(transaction=False) as pipe:
            for one in wrote[start : start + _ROWS]:
                pipe.set(person_key(names.person(openid_of(one.staff_no)), note.name), note.value, px=note.ttl_ms)
            await pipe.execute()
