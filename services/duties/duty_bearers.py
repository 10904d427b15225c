"""To whom the duties of a cycle fall, and who reports them, as the roster stands now; read from the scheme's `borne_by`."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from models.cycles import Cycle
from models.people import SECRETARY, Person, Post
from scoring.duties import Bearer, Duty
from services.cycles.cycles import scheme_of
from services.trees import Node, Tree

_DEPARTMENT = "部门"


@dataclass(frozen=True, slots=True)
class Burden:
    """A duty of one bearer: a person, an organisation, or a member on their joining day (`joined_on`). `reporters`: person ids."""

    cycle: Cycle
    duty: Duty
    organisation_id: int
    person_id: int | None
    name: str
    reporters: frozenset[int]
    joined_on: date | None = None


async def list_burdens(cycle: Cycle, tree: Tree, only: Collection[int] | None = None) -> list[Burden]:
    """All burdens of a cycle, or those that one of the people `only` reports. Two queries.

    Of all of them an organisation without a secretary has its own, too: nobody reports them, and they are missing.
    """
    duties = scheme_of(cycle).duties
    titles = {title for duty in duties for bearer in duty.borne_by for title in bearer.posts}
    posts = Post.filter(title__in=list(titles)).select_related("person")
    held = await (posts if only is None else posts.filter(person_id__in=list(only))) if titles else []
    seats = [_Seat(post, node) for post in held if (node := _seat(tree, cycle, post)) is not None]
    everywhere = [
        node for node in tree.by_id.values() if only is None and tree.is_within(node.id, cycle.organisation_id)
    ]
    members = await _members(duties, (*(seat.node for seat in seats), *everywhere))
    found: dict[tuple[str, int, int | None], Burden] = {}
    for duty in duties:
        for bearer in duty.borne_by:
            for one in _of(cycle, duty, bearer, seats, everywhere, members):
                key = (duty.key, one.organisation_id, one.person_id)
                # A leader who is also secretary bears a duty once.
                if one.reporters or key not in found:
                    found[key] = one
    return list(found.values())


@dataclass(frozen=True, slots=True)
class _Seat:
    """A post, and the party organisation in which it counts."""

    post: Post
    node: Node


def _seat(tree: Tree, cycle: Cycle, post: Post) -> Node | None:
    """The organisation of a post, a department's being the one that it belongs to; None outside the cycle."""
    node = next((one for one in tree.upwards(post.organisation_id) if one.kind != _DEPARTMENT), None)
    if node is None:
        return None
    root = cycle.organisation_id
    return node if tree.is_within(node.id, root) or tree.is_within(root, node.id) else None


async def _members(duties: tuple[Duty, ...], nodes: Iterable[Node]) -> dict[int, list[Person]]:
    """Organisation → its people with a joining day, of the organisations where members bear a duty."""
    kinds = {kind for duty in duties for bearer in duty.borne_by if bearer.each == "member" for kind in bearer.at}
    places = {node.id for node in nodes if node.kind in kinds}
    found: dict[int, list[Person]] = {}
    for person in await Person.filter(organisation_id__in=places, joined_on__isnull=False) if places else []:
        found.setdefault(person.organisation_id, []).append(person)
    return found


def _of(
    cycle: Cycle,
    duty: Duty,
    bearer: Bearer,
    seats: list[_Seat],
    everywhere: list[Node],
    members: dict[int, list[Person]],
) -> Iterator[Burden]:
    fitting = [
        seat for seat in seats if seat.post.title in bearer.posts and (not bearer.at or seat.node.kind in bearer.at)
    ]
    if bearer.each == "person":
        for seat in fitting:
            person = seat.post.person
            yield Burden(cycle, duty, seat.node.id, person.id, person.name, frozenset((person.id,)))
        return
    # Where the 组织部 alone reports, an organisation without one does not bear it; every organisation has a secretary.
    is_everywhere = SECRETARY in bearer.posts
    reporters: dict[Node, set[int]] = {node: set() for node in everywhere if is_everywhere and node.kind in bearer.at}
    for seat in fitting:
        reporters.setdefault(seat.node, set()).add(seat.post.person_id)
    for node, people in reporters.items():
        if bearer.each == "organisation":
            yield Burden(cycle, duty, node.id, None, node.name, frozenset(people))
        else:
            for one in members.get(node.id, ()):
                yield Burden(cycle, duty, node.id, one.id, one.name, frozenset(people), one.joined_on)
