"""Who goes on with what an organisation has not finished: its work belongs to the post, not to the person who began it."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from models.people import FormerPost, Post
from services.entitlements import own_posts
from services.trees import Tree, load_tree


class Stranded(NamedTuple):
    """Something that nobody can go on with, or whose person, named by name, holds the post no more: for the office."""

    organisation_id: int
    what: str


StrandedSource = Callable[[datetime], Awaitable[list[Stranded]]]
"""`async (now)`: what of a noun is stranded now; a few queries."""


@dataclass(frozen=True, slots=True)
class Successors:
    """By party organisation those who hold one of its posts, as (person, title), the first post first."""

    tree: Tree
    seated: Mapping[int, Sequence[tuple[int, str]]]

    def who(
        self, organisation_id: int, began: int | None = None, *, titles: Collection[str] | None = None
    ) -> int | None:
        """Whoever `began` it as long as they sit there, else the first by post (one of `titles`); None: nobody can."""
        seated = self.seated.get(self.tree.committees[organisation_id], ())
        if any(person == began for person, _ in seated):
            return began
        return next((person for person, title in seated if titles is None or title in titles), None)

    def all_of(self, organisation_id: int) -> list[int]:
        """Everybody who can, the first post first."""
        return [person for person, _ in self.seated.get(self.tree.committees[organisation_id], ())]


async def find_successors(act: str, organisation_ids: Collection[int]) -> Successors:
    """Of these organisations, by the posts that the table names for the act: one query, whatever their number."""
    tree, titles = await load_tree(), own_posts(act)
    committees = {tree.committees[one] for one in organisation_ids}
    places = [one for committee in committees for one in tree.of_committee[committee]]
    posts = await Post.filter(organisation_id__in=places, title__in=titles) if places and titles else []
    seated: dict[int, list[tuple[int, str]]] = {}
    for post in sorted(posts, key=lambda post: (titles.index(post.title), post.id)):
        seated.setdefault(tree.committees[post.organisation_id], []).append((post.person_id, post.title))
    return Successors(tree, seated)


async def list_places(act: str, person_ids: Sequence[int]) -> list[int]:
    """The organisations for which any of these people do this by a post of theirs in them, their departments included."""
    posts = Post.filter(person_id__in=list(person_ids), title__in=own_posts(act)).distinct()
    held = await posts.values_list("organisation_id", flat=True)
    tree = await load_tree() if held else None
    return sorted({one for at in held if tree for one in tree.of_committee[tree.committees[int(str(at))]]})


async def list_led(act: str, person_ids: Sequence[int]) -> dict[int, int]:
    """Organisation → the one of these people who answers for it: its secretary, where it has none the next by post. Two queries."""
    places, people = await list_places(act, person_ids), set(person_ids)
    successors = await find_successors(act, places)
    heads = {one: successors.who(one) for one in places}
    return {place: person for place, person in heads.items() if person is not None and person in people}


async def list_left() -> set[tuple[int, int]]:
    """(person, party organisation) of all who have given up a post there and hold none there now."""
    tree = await load_tree()
    former = await FormerPost.all().distinct().values_list("person_id", "organisation_id")
    held = Post.filter(person_id__in=[person for person, _ in former]).values_list("person_id", "organisation_id")
    gone, there = (
        {(int(who), tree.committees[int(at)]) for who, at in rows} for rows in (former, await held if former else ())
    )
    return gone - there


async def has_left(person_id: int, organisation_id: int) -> bool:
    """Whether the person has given up a post in the organisation and holds none there now."""
    return (person_id, (await load_tree()).committees[organisation_id]) in await list_left()


async def list_departed() -> set[int]:
    """Those who have given up a post and hold none now, wherever."""
    gone = {person for person, _ in await list_left()}
    held = await Post.filter(person_id__in=list(gone)).distinct().values_list("person_id", flat=True) if gone else ()
    return gone - {int(str(one)) for one in held}
