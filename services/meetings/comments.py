"""点评: what leaders say to each who reported at a meeting, and who has been left out so far (S4-18, S4-19)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.transactions import in_transaction

from config.clock import SHANGHAI
from config.refusals import BadInput, Refusal
from models.comments import Comment
from models.meetings import Meeting, MeetingRole, Reporter
from models.people import SECRETARY, Post
from services.dues import Due
from services.meetings.meetings import LEADER, nearest
from services.trees import Tree, load_tree

MAX_TEXT = 1000


@dataclass(frozen=True, slots=True)
class Commented:
    """A reporter of a meeting and what was said to them, by the leaders in the order of the meeting file."""

    reporter: Reporter
    name: str
    comments: tuple[Comment, ...]


async def find_commented(meeting_id: int) -> list[Commented]:
    """The reporters of a meeting in file order, with all comments and their authors."""
    rows = await Reporter.filter(meeting_id=meeting_id).order_by("position").select_related("person")
    comments = await Comment.filter(reporter__meeting_id=meeting_id).order_by("id").select_related("person")
    return [
        Commented(one, one.person.name, tuple(comment for comment in comments if comment.reporter_id == one.id))
        for one in rows
    ]


async def find_commenting(person_id: int, now: datetime) -> list[Meeting]:
    """Meetings whose leader the person is and that are not wound up, the nearest in time first."""
    led = Meeting.filter(roles__role=LEADER, roles__person_id=person_id, concluded_at=None)
    return nearest(await led.order_by("-id"), now)


async def say_comment(
    reporter_id: int, person_id: int, *, problem: str, direction: str, now: datetime
) -> tuple[Reporter, int]:
    """What the leader says to one reporter; said again it is replaced, until the meeting is wound up.

    Gives the reporter and how many the leader has not commented on yet. Raises `Refusal`: `not_leader`, `own_report`,
    `concluded`; `BadInput` where one of the two parts is missing.
    """
    async with in_transaction():
        reporter = await Reporter.get(id=reporter_id).select_related("person")
        meeting = await Meeting.filter(id=reporter.meeting_id).select_for_update().get()
        await require_leader(meeting.id, person_id)
        if reporter.person_id == person_id:
            raise Refusal("own_report", "您不能点评自己的述职，由别的领导点评。", 403)
        if meeting.concluded_at is not None:
            raise Refusal("concluded", f"「{meeting.title}」已经办结，点评不能再改。")
        faults = [*_fault("突出问题", problem), *_fault("努力方向", direction)]
        if faults:
            raise BadInput(faults)
        said = {"problem": problem.strip(), "direction": direction.strip(), "said_at": now}
        await Comment.update_or_create(defaults=said, reporter_id=reporter.id, person_id=person_id)
        left = await count_uncommented(meeting.id, person_id)
    return reporter, left


def _fault(part: str, text: str) -> Iterable[str]:
    if not text.strip():
        yield f"点评要指出{part}"
    elif len(text.strip()) > MAX_TEXT:
        yield f"{part}有 {len(text.strip())} 字，最多 {MAX_TEXT} 字"


async def require_leader(meeting_id: int, person_id: int) -> None:
    """Raise `Refusal` `not_leader` unless the person is a leader of the meeting; whether it exists is told to nobody else."""
    if not await MeetingRole.filter(meeting_id=meeting_id, role=LEADER, person_id=person_id).exists():
        raise Refusal("not_leader", "您不是这个会议的领导，不能点评。如果应该是，请联系组织部门核对会议文件。", 403)


async def count_uncommented(meeting_id: int, person_id: int) -> int:
    """How many reporters, other than themselves, this leader has said nothing to yet."""
    everybody = Reporter.filter(meeting_id=meeting_id).exclude(person_id=person_id)
    said = await Comment.filter(reporter__meeting_id=meeting_id, person_id=person_id).values_list(
        "reporter_id", flat=True
    )
    return await everybody.exclude(id__in=list(said)).count()


async def find_uncommented(meeting_id: int) -> list[str]:
    """Names of the reporters whom nobody who must has commented on, in file order; none where the meeting has no leaders."""
    leaders = await _leaders(meeting_id)
    if not leaders:
        return []
    chiefs = await _find_chiefs(leaders)
    return [one.name for one in await find_commented(meeting_id) if not _is_commented(one, chiefs)]


async def has_leaders(meeting_id: int) -> bool:
    """Whether anybody is to comment at this meeting."""
    return await MeetingRole.exists(meeting_id=meeting_id, role=LEADER)


async def _leaders(meeting_id: int) -> list[int]:
    return [one.person_id for one in await MeetingRole.filter(meeting_id=meeting_id, role=LEADER).order_by("id")]


def _is_commented(one: Commented, chiefs: Collection[int]) -> bool:
    """By a chief; who is the only chief has their own report commented on by any leader."""
    others = [chief for chief in chiefs if chief != one.reporter.person_id]
    return any(comment.person_id in others or not others for comment in one.comments)


async def _find_chiefs(leaders: Sequence[int]) -> list[int]:
    """Whose comment every reporter needs: the 书记 nearest to the top among the leaders (S4-18); where none of them is one, any leader."""
    posts = await Post.filter(title=SECRETARY, person_id__in=list(leaders))
    if not posts:
        return list(leaders)
    tree = await load_tree()
    top = min(_depth(tree, post.organisation_id) for post in posts)
    return [post.person_id for post in posts if _depth(tree, post.organisation_id) == top]


def _depth(tree: Tree, organisation_id: int) -> int:
    return sum(1 for _ in tree.upwards(organisation_id))


async def list_dues(now: datetime, person_ids: Sequence[int]) -> list[Due]:
    """Comments that these people owe at meetings that have begun and are not wound up."""
    roles = MeetingRole.filter(role=LEADER, person_id__in=list(person_ids), meeting__concluded_at=None)
    found = await roles.filter(meeting__starts_at__lte=now).select_related("meeting")
    chiefs: dict[int, list[int]] = {}
    dues = []
    for role in found:
        if role.meeting_id not in chiefs:
            chiefs[role.meeting_id] = await _find_chiefs(await _leaders(role.meeting_id))
        if role.person_id in chiefs[role.meeting_id]:
            left = await count_uncommented(role.meeting_id, role.person_id)
            dues += [_due(role, left)] if left else []
    return dues


def _due(role: MeetingRole, left: int) -> Due:
    meeting = role.meeting
    text = f"「{meeting.title}」还有 {left} 位没有点评"
    by = meeting.starts_at.astimezone(SHANGHAI).date()
    return Due(role.person_id, f"comment:{meeting.id}:{role.person_id}", text, "点评", by=by, scheme=meeting.scheme)
