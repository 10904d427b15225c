"""People of the roster and the posts they hold."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from tortoise import connections, fields
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model

from models.organisations import Organisation

STATUSES = ("正式党员", "预备党员", "入党积极分子", "群众", "离退休党员")
MASSES = "群众"
SECRETARY = "书记"


class Person(Model):
    """One person. `staff_no` is the customer's own number (工号). Never deleted: who leaves the roster is only reported."""

    id = fields.IntField(primary_key=True)
    staff_no = fields.CharField(64, unique=True)
    name = fields.CharField(64)
    status = fields.CharField(16)
    joined_on: date | None = fields.DateField(null=True)
    organisation: fields.ForeignKeyRelation[Organisation] = fields.ForeignKeyField(
        "models.Organisation", related_name="people", on_delete=fields.RESTRICT
    )
    organisation_id: int
    posts: fields.ReverseRelation[Post]

    class Meta:
        table = "people"
        indexes = (("organisation_id",),)


class Post(Model):
    """A post (职务) of a person in their organisation. One 书记 an organisation."""

    id = fields.IntField(primary_key=True)
    title = fields.CharField(32)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", related_name="posts")
    person_id: int
    organisation: fields.ForeignKeyRelation[Organisation] = fields.ForeignKeyField(
        "models.Organisation", related_name="posts"
    )
    organisation_id: int

    class Meta:
        table = "posts"
        unique_together = (("person", "title"),)
        constraints = (
            UniqueConstraint(fields=("organisation_id",), name="one_secretary", condition=f"title = '{SECRETARY}'"),
        )


class FormerPost(Model):
    """A post that a person held until `ended_at`; they may hold it again. `told_at`: when both sides of a handover were told."""

    id = fields.IntField(primary_key=True)
    title = fields.CharField(32)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", related_name="former_posts")
    person_id: int
    organisation: fields.ForeignKeyRelation[Organisation] = fields.ForeignKeyField(
        "models.Organisation", related_name="former_posts"
    )
    organisation_id: int
    ended_at: datetime = fields.DatetimeField()
    told_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "former_posts"
        indexes = (("person_id",), ("organisation_id",))


async def fold_names(names: list[str]) -> list[str]:
    """Names as they are compared: no spaces or dots within, one width, one case (function `fold_name`, migration 0003)."""
    rows = await connections.get("default").execute_query_dict(
        "SELECT fold_name(name) AS folded FROM unnest($1::text[]) WITH ORDINALITY AS given(name, n) ORDER BY n", [names]
    )
    return [row["folded"] for row in rows]


async def list_named(folded_name: str) -> list[int]:
    """Ids of all people of that folded name."""
    rows = await connections.get("default").execute_query_dict(
        "SELECT id FROM people WHERE fold_name(name) = $1", [folded_name]
    )
    return [row["id"] for row in rows]


async def list_people(organisation_codes: list[str] | None = None) -> list[Person]:
    """People with their organisation, all or those of the organisations themselves; by organisation, then staff number."""
    people = Person.all() if organisation_codes is None else Person.filter(organisation__code__in=organisation_codes)
    return await people.select_related("organisation").order_by("organisation__code", "staff_no")


async def list_posts() -> list[Post]:
    """All posts, in the order they were given."""
    return await Post.all().order_by("id")


async def upsert_people(people: list[Person]) -> None:
    """Create those whose staff number is new, and set all fields of the others."""
    columns = ["name", "status", "joined_on", "organisation_id"]
    await Person.bulk_create(people, 1000, on_conflict=["staff_no"], update_fields=columns)


async def replace_posts(titles: dict[str, tuple[str, ...]], now: datetime) -> None:
    """Give each of these people (by staff number) just these posts, in their organisation; what they held before becomes former.

    All old ones go first: a 书记 who hands over and one who takes over may come in any order.
    """
    people = await Person.filter(staff_no__in=list(titles))
    held = Post.filter(person_id__in=[person.id for person in people])
    before = {(post.person_id, post.title, post.organisation_id) for post in await held}
    await held.delete()
    wanted = [(person.id, title, person.organisation_id) for person in people for title in titles[person.staff_no]]
    await Post.bulk_create([Post(person_id=who, title=title, organisation_id=at) for who, title, at in wanted], 1000)
    gone = sorted(before - set(wanted))
    former = [FormerPost(person_id=who, title=title, organisation_id=at, ended_at=now) for who, title, at in gone]
    await FormerPost.bulk_create(former, 1000)


async def list_holders_of(titles: Iterable[str]) -> list[int]:
    """Ids of the people who hold one of these posts, wherever it is."""
    rows = await Post.filter(title__in=list(titles)).order_by("person_id").only("id", "person_id")
    return list(dict.fromkeys(row.person_id for row in rows))


async def list_after(person_id: int, limit: int) -> list[Person]:
    """The next people by id, with their organisations: for going through everybody a part at a time."""
    people = Person.filter(id__gt=person_id).order_by("id").limit(limit)
    return await people.select_related("organisation")
