"""Those of many people who hold certain posts, as actors, in one query."""

from collections.abc import Collection, Sequence

from models.people import Person, Post
from services.entitlements import Actor


async def find_actors(person_ids: Sequence[int], titles: Collection[str]) -> list[Actor]:
    """The actors among these people who hold one of these posts, with all their posts of those titles."""
    posts = await Post.filter(person_id__in=person_ids, title__in=list(titles)).select_related("person").order_by("id")
    held: dict[int, list[tuple[str, int]]] = {}
    people: dict[int, Person] = {}
    for post in posts:
        people[post.person_id] = post.person
        held.setdefault(post.person_id, []).append((post.title, post.organisation_id))
    return [Actor(one.staff_no, key, tuple(held[key]), one.organisation_id) for key, one in people.items()]
