"""Who may do what: one table for the whole year. Who keeps records, who rates, who enters a score, who confirms, decides, publishes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Literal, Protocol

from config.refusals import Refusal
from models.cycles import Cycle
from models.people import FormerPost, Person, Post
from services.audit import COMMAND
from services.trees import Tree, load_tree

# Acts of the year in a branch, in the order of the year.
KEEP_RECORD, READ_RECORD, REVIEW_RECORD = "record.keep", "record.read", "record.review"
READ_CONFIDENTIAL = "record.read_confidential"
SELF_RATE, ASSIGN = "self_rate", "assign"
WRITE_REPORT, PRE_REVIEW, READ_REPORT, PASS_REPORT = "report.write", "report.pre_review", "report.read", "report.pass"
# Every other paper of a scheme: written under `paper.<key>`, received under `filing.receive`.
WRITE_PAPER, RECEIVE = "paper.", "filing.receive"
COMMENT, WRITE_OPINION, DECIDE_OPINION = "comment", "opinion.write", "opinion.decide"
OPEN_ITEM, WORK_OFF, VERIFY = "rectification.open", "rectification.work_off", "rectification.verify"
DO_DUTY, OBJECT, ANSWER, FOLLOW_UP = "duty.do", "object", "answer", "follow_up"
# Acts on a cycle as a whole or on a claim; every other act is a slot of `models.inputs.Input`.
SET_UP, CLAIM, CONFIRM, EXEMPT, APPLY, PUBLISH, READ_ALL = (
    "set_up",
    "claim",
    "confirm",
    "exempt",
    "apply",
    "publish",
    "read_all",
)
GRADE = "facts.decided_grade"

# cycle: the post is held within the cycle's organisation or above it; superior: in the committee next above the subject;
# own: in the subject's own branch; self: the subject is the person, whatever posts they hold; roster: anybody within the
# cycle's organisation.
Reach = Literal["cycle", "superior", "own", "self", "roster"]
OFFICE, TEAM, LEADERS, COMMITTEE = ("组织部",), ("考核组",), ("领导",), ("书记", "副书记", "委员")
HEADS = ("书记", "副书记")
ANYBODY: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entitlement:
    """Holders of one of the `posts` may do `act` within `reach`. An act ending in a dot stands for all that begin with it.

    Within `self` and `roster` no post is needed.
    """

    act: str
    posts: tuple[str, ...]
    reach: Reach = "cycle"

    def covers(self, act: str) -> bool:
        """Whether this line is about that act."""
        return act == self.act or (self.act.endswith(".") and act.startswith(self.act))

    @property
    def judges(self) -> bool:
        """Whether it lets people judge what others do."""
        is_scoring = self.posts != OFFICE and self.act.startswith(("scores.", "indicators."))
        return self.reach == "cycle" and (is_scoring or self.act in _JUDGED)


ENTITLED: tuple[Entitlement, ...] = (
    # S1-16, S1-18: the branch keeps its records; the committee above, the team and the office look into them.
    Entitlement(KEEP_RECORD, COMMITTEE, "own"),
    Entitlement(READ_RECORD, COMMITTEE, "own"),
    *(Entitlement(act, COMMITTEE, "superior") for act in (READ_RECORD, REVIEW_RECORD)),
    *(Entitlement(act, TEAM) for act in (READ_RECORD, REVIEW_RECORD)),
    Entitlement(READ_RECORD, LEADERS),
    # S1-13: of a reminder talk only those know who answer for the branch; whoever kept it always does.
    *(Entitlement(READ_CONFIDENTIAL, HEADS, reach) for reach in ("own", "superior")),
    # S0-07, S2-13, S2-37: the branch rates itself, and each member themselves.
    Entitlement(SELF_RATE, HEADS, "own"),
    Entitlement(SELF_RATE, ANYBODY, "self"),
    # S4-04, S4-16: the secretary reports, the office reviews beforehand, the leader reads.
    Entitlement(WRITE_REPORT, HEADS, "own"),
    Entitlement(WRITE_REPORT, ANYBODY, "self"),
    *(Entitlement(act, LEADERS) for act in (READ_REPORT, PASS_REPORT)),
    # S0-33, S0-37, S0-39e, S2-36 to S2-38, S4-29: who writes which paper; the office whatever is missing.
    *(
        Entitlement(f"{WRITE_PAPER}{key}", COMMITTEE, "own")
        for key in (
            *("self_report", "step_summary", "problem_list", "duty_list"),
            *("branch_register", "member_register", "member_summary"),
        )
    ),
    Entitlement("paper.member_register", ANYBODY, "self"),
    Entitlement("paper.cross_report", TEAM),
    # S4-18, S4-25: leaders comment on everybody who reported, and decide the opinion that the office has drafted.
    Entitlement(COMMENT, LEADERS),
    Entitlement(DECIDE_OPINION, LEADERS),
    # S0-25, S4-29: who finds a problem opens the item, the branch works it off, another verifies.
    *(Entitlement(act, COMMITTEE, "own") for act in (OPEN_ITEM, WORK_OFF)),
    Entitlement(WORK_OFF, ANYBODY, "self"),
    *(Entitlement(act, COMMITTEE, "superior") for act in (OPEN_ITEM, VERIFY)),
    *(Entitlement(act, TEAM) for act in (OPEN_ITEM, VERIFY)),
    Entitlement(OPEN_ITEM, LEADERS),
    # S0-40 to S0-44, S1-11.
    Entitlement(DO_DUTY, COMMITTEE, "own"),
    Entitlement(DO_DUTY, LEADERS),
    # S2-35: results are objected to by whom they are made known to.
    Entitlement(OBJECT, ANYBODY, "roster"),
    Entitlement(OBJECT, ANYBODY, "self"),
    # S0-31, S2-30, S4-28: interviews and other consequences.
    Entitlement(FOLLOW_UP, LEADERS),
    *(
        Entitlement(act, OFFICE)
        for act in (
            *(READ_RECORD, REVIEW_RECORD, ASSIGN, PRE_REVIEW, READ_REPORT, WRITE_OPINION, OPEN_ITEM, VERIFY),
            *(WRITE_PAPER, RECEIVE),
            *(DO_DUTY, ANSWER, FOLLOW_UP),
        )
    ),
    # S2-41: the team scores 50 %, the superior body 20 %, the branch committee 40 % of a member's score.
    Entitlement("scores.team", TEAM),
    Entitlement("scores.superior", COMMITTEE, "superior"),
    Entitlement("scores.committee", COMMITTEE, "own"),
    # S0-08 and S3-07: the committee's own team scores the indicators.
    Entitlement("indicators.", TEAM),
    Entitlement("scores.party_work", TEAM),
    # S4-20: what goes beside the vote in the hall.
    Entitlement("scores.routine", TEAM),
    Entitlement("scores.inspection", TEAM),
    Entitlement("scores.leader_comment", LEADERS),
    # S4-22: a person decides the grade.
    Entitlement(GRADE, LEADERS),
    # S0-21, S3-10, S3-11, S2-34: whoever reports is not who decides.
    Entitlement(CLAIM, TEAM),
    Entitlement(CLAIM, COMMITTEE, "own"),
    # S2-28: who rates themselves declares what speaks against them.
    Entitlement(CLAIM, ANYBODY, "self"),
    Entitlement(CONFIRM, LEADERS),
    Entitlement(APPLY, COMMITTEE, "own"),
    Entitlement(APPLY, ANYBODY, "self"),
    Entitlement(PUBLISH, LEADERS),
    Entitlement(READ_ALL, LEADERS),
    # The office sets up, transcribes what came on paper, and does in its own name what falls to nobody else.
    *(Entitlement(act, OFFICE) for act in ("scores.", "indicators.", "ballots.", "facts.", "history.")),
    *(Entitlement(act, OFFICE) for act in (SET_UP, CLAIM, CONFIRM, EXEMPT, APPLY, PUBLISH, READ_ALL)),
)
# S0-21: whoever heads a branch does not judge it in another post that they hold; the office goes on transcribing.
_JUDGED = frozenset((REVIEW_RECORD, RECEIVE, PRE_REVIEW, PASS_REPORT, GRADE, CONFIRM, EXEMPT))
# What is answered for by name cannot be done by a command without one.
_IN_PERSON = frozenset(
    (
        *(GRADE, CONFIRM, EXEMPT, PUBLISH, COMMENT, DECIDE_OPINION, READ_REPORT, PASS_REPORT, VERIFY, SELF_RATE),
        *(READ_CONFIDENTIAL, WRITE_REPORT, OBJECT),
    )
)


class Subject(Protocol):
    """What an act is about: a subject of a cycle, or a `Place`. `person_id`: the person assessed, None for an organisation."""

    @property
    def organisation_id(self) -> int: ...

    @property
    def person_id(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Place:
    """An organisation (or a person in it) outside any cycle, such as one that keeps a record."""

    organisation_id: int
    person_id: int | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a staff number, or the command line. `posts`: (职务, organisation id); `organisation_id`: where they belong."""

    name: str
    person_id: int | None
    posts: tuple[tuple[str, int], ...]
    organisation_id: int | None = None

    @property
    def is_command(self) -> bool:
        """Whether the command line acts, for nobody in particular."""
        return self.name == COMMAND


async def find_actor(name: str) -> Actor:
    """The actor of a staff number or `command`. Raises `Refusal` for an unknown number."""
    if name == COMMAND:
        return Actor(name, None, ())
    person = await Person.get_or_none(staff_no=name)
    if person is None:
        raise Refusal("no_such_person", f"名册中没有工号为「{name}」的人，请核对工号。", 404)
    posts = await Post.filter(person_id=person.id).order_by("id")
    return Actor(name, person.id, _seats(posts), person.organisation_id)


async def list_holders(act: str, person_ids: Sequence[int]) -> list[Actor]:
    """Those of these people who hold a post for which the table names the act, wherever it is: one query, whatever their number.

    Of their other posts only those are told that keep them from it (`Scope.is_headed_by`). For those who then ask `Scope.may` about
    many people at once.
    """
    titles = set(_posts(line for line in ENTITLED if line.covers(act)))
    posts = Post.filter(person_id__in=list(person_ids), title__in=[*titles, *HEADS]).order_by("person_id", "id")
    held = groupby(await posts.select_related("person"), key=lambda post: post.person)
    found = [Actor(one.staff_no, one.id, _seats(seats), one.organisation_id) for one, seats in held]
    return [one for one in found if any(title in titles for title, _ in one.posts)]


def _seats(posts: Iterable[Post]) -> tuple[tuple[str, int], ...]:
    return tuple((post.title, post.organisation_id) for post in posts)


# Asked for every person of the roster each morning, about the same few acts.
@lru_cache(maxsize=1024)
def _lines_of(acts: tuple[str, ...]) -> tuple[Entitlement, ...]:
    """The lines of the table about any of these acts."""
    return tuple(line for line in ENTITLED if any(map(line.covers, acts)))


@dataclass(frozen=True, slots=True)
class Scope:
    """Where somebody acts: the cycle's organisation within the tree."""

    tree: Tree
    root_id: int

    def may(self, actor: Actor, act: str, subject: Subject | None = None) -> bool:
        """Whether the table lets the actor do this. About themselves people may do only what a line of reach `self` names, and whoever
        heads an organisation does not judge it in another post.
        """
        if actor.is_command:
            return act not in _IN_PERSON
        lines = _lines_of((act,))
        if subject is not None and subject.person_id is not None and subject.person_id == actor.person_id:
            return any(line.reach == "self" for line in lines)
        if any(line.reach == "roster" for line in lines) and self._is_on_roster(actor):
            return True
        is_head = len(actor.posts) > 1 and self.is_headed_by(actor, subject)
        return any(
            title in line.posts and self._reaches(line.reach, post_at, subject)
            for line in lines
            if not (is_head and line.judges)
            for title, post_at in actor.posts
        )

    def reach_of(self, actor: Actor, acts: Iterable[str]) -> frozenset[int] | None:
        """The organisations on whose subjects the table lets the actor do any of these acts; None for all of the cycle's."""
        lines = _lines_of(tuple(acts))
        seats = [(line.reach, at) for line in lines for title, at in actor.posts if title in line.posts]
        if any(reach == "cycle" and self._reaches(reach, at, None) for reach, at in seats):
            return None
        own = {self._committee(at) for reach, at in seats if reach == "own"}
        superior = {self._committee(at) for reach, at in seats if reach == "superior"}
        seats_reached = [*own, *(one for seat in superior for one in self.tree.below.get(seat, ()))]
        return frozenset().union(*(self.tree.of_committee.get(one, ()) for one in seats_reached))

    def is_headed_by(self, actor: Actor, subject: Subject | None) -> bool:
        """Whether the subject is an organisation that the actor answers for."""
        if subject is None or subject.person_id is not None:
            return False
        own = self._committee(subject.organisation_id)
        return any(title in HEADS and self._committee(at) == own for title, at in actor.posts)

    def _is_on_roster(self, actor: Actor) -> bool:
        return actor.organisation_id is not None and self.tree.is_within(actor.organisation_id, self.root_id)

    def _reaches(self, reach: Reach, post_at: int, subject: Subject | None) -> bool:
        seat = self._committee(post_at)
        if reach == "cycle":
            return self.tree.is_within(seat, self.root_id) or self.tree.is_within(self.root_id, seat)
        if subject is None:
            return False
        own = self._committee(subject.organisation_id)
        return seat == own if reach == "own" else seat == self._above(own)

    def _committee(self, organisation_id: int) -> int:
        """A department acts for the party organisation that it belongs to."""
        return self.tree.committees[organisation_id]

    def _above(self, organisation_id: int) -> int | None:
        return self.tree.above[organisation_id]


async def scope_of(cycle: Cycle) -> Scope:
    """The scope of a cycle as the organisations stand now."""
    return Scope(await load_tree(), cycle.organisation_id)


async def scope_at(organisation_id: int) -> Scope:
    """The scope of what belongs to an organisation and to no cycle: posts count there and above it."""
    return Scope(await load_tree(), organisation_id)


def holds_post_for(actor: Actor, act: str) -> bool:
    """Whether some post of the actor is named for the act, wherever it reaches."""
    return bool({title for title, _ in actor.posts} & set(_posts(line for line in ENTITLED if line.covers(act))))


def posts_for(act: str) -> str:
    """The posts that may do this, for a sentence: 「考核组、组织部」."""
    return "、".join(dict.fromkeys(_posts(line for line in ENTITLED if line.covers(act))))


def own_posts(act: str) -> tuple[str, ...]:
    """The posts in an organisation itself that may do this for it, the first one first; empty where none may."""
    return tuple(dict.fromkeys(_posts(line for line in ENTITLED if line.covers(act) and line.reach == "own")))


def _posts(lines: Iterable[Entitlement]) -> Iterable[str]:
    for line in lines:
        yield from line.posts


async def require(actor: str, cycle: Cycle, act: str, subject: Subject | None = None) -> Actor:
    """The actor, where the table lets them do this in the cycle. Raises `Refusal`: `not_entitled`, `name_needed`."""
    return await require_in(await scope_of(cycle), actor, act, subject)


async def require_in(scope: Scope, actor: str, act: str, subject: Subject | None = None) -> Actor:
    """The same in any scope, such as that of a branch (`scope_at`)."""
    found = await find_actor(actor)
    if scope.may(found, act, subject):
        return found
    raise await _refusal(scope, found, act, subject)


async def _refusal(scope: Scope, found: Actor, act: str, subject: Subject | None) -> Refusal:
    if found.is_command:
        return Refusal("name_needed", "这一步要由具体的人负责，请用 --by 写明工号。", 403)
    if subject is not None and subject.person_id is not None and subject.person_id == found.person_id:
        return Refusal("not_entitled", "这是您本人的考核，不能由您自己来办。", 403)
    if holds_post_for(found, act) and scope.is_headed_by(found, subject):
        return Refusal("not_entitled", "这是您负责的组织，这一步要由另一位同志来办。", 403)
    if handed_over := await find_handed_over(scope, found, act, subject):
        return handed_over
    return Refusal("not_entitled", f"您没有这项权限，可以办的职务：{posts_for(act)}（在本范围内）。", 403)


async def find_handed_over(scope: Scope, actor: Actor, act: str, subject: Subject | None) -> Refusal | None:
    """What is said to who could do this in a post that they have handed over; None to everybody else."""
    held = FormerPost.filter(person_id=actor.person_id).order_by("-ended_at", "-id")
    for one in await held.select_related("organisation") if actor.person_id is not None else ():
        before = Actor(actor.name, actor.person_id, ((one.title, one.organisation_id),), actor.organisation_id)
        if scope.may(before, act, subject):
            now = Post.filter(title=one.title, organisation_id=one.organisation_id).select_related("person")
            names = "、".join(post.person.name for post in await now) or "接任的"
            post = f"{one.organisation.name}{one.title}"
            say = f"您已不再担任{post}，这件事现在由{names}同志办理；您办过的都留着您的名字。"
            return Refusal("not_entitled", say, 403, is_final=True)
    return None
