"""Many people at once: those who hold certain posts, as actors; and how a history names those who acted."""

from collections import Counter
from collections.abc import Collection, Sequence

from models.people import Person, Post
from services.audit import CLOCK, COMMAND
from services.entitlements import Actor

_NOBODY = {COMMAND: "命令行", CLOCK: "系统"}


async def find_actors(person_ids: Sequence[int], titles: Collection[str]) -> list[Actor]:
    """The actors among these people who hold one of these posts, with all their posts of those titles."""
    posts = await Post.filter(person_id__in=person_ids, title__in=list(titles)).select_related("person").order_by("id")
    held: dict[int, list[tuple[str, int]]] = {}
    people: dict[int, Person] = {}
    for post in posts:
        people[post.person_id] = post.person
        held.setdefault(post.person_id, []).append((post.title, post.organisation_id))
    return [Actor(one.staff_no, key, tuple(held[key]), one.organisation_id) for key, one in people.items()]


async def name_actors(actors: Collection[str]) -> dict[str, str]:
    """What to call each of those who acted, by what was kept of them (a staff number, `COMMAND`, `CLOCK`): their name, with the staff
    number behind it where somebody else of their organisation bears the same; who is on no roster stays as kept. Two queries.
    """
    people = await Person.filter(staff_no__in=list(actors)) if actors else []
    alike = Person.filter(
        name__in={one.name for one in people}, organisation_id__in={one.organisation_id for one in people}
    )
    borne = Counter(await alike.values_list("name", "organisation_id")) if people else Counter()
    names = {
        one.staff_no: f"{one.name}（{one.staff_no}）" if borne[one.name, one.organisation_id] > 1 else one.name
        for one in people
    }
    return {one: names.get(one) or _NOBODY.get(one, one) for one in actors}
