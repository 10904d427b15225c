"""What somebody still has to do, and by when: the one thing that 任务, the planner and the digests read. Pure."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Due:
    """Something that a person is to do; what is done already is no due.

    `key` names it for good, whoever asks and whenever (`stage:3:self_report:branch:0102`); several people who have the same key have
    one thing between them, which any of them may do. `text`: what, one Chinese phrase that
    says about whom. `word`: the chat word to reply with. `by`: the last day, `soft_by`: the earlier day that only reminds, each
    None where there is none. `from_day`: before it nobody is reminded. `is_poll`: a vote; then it stands for everybody on the
    roll, voted or not, for who is reminded must not show who has voted (design §5), and only 任务 leaves out what is done.
    `scheme`: the slug where a scheme demands it; `cycle_id`: the cycle in which it does, where it is one's alone.
    """

    person_id: int
    key: str
    text: str
    word: str
    by: date | None = None
    soft_by: date | None = None
    from_day: date | None = None
    is_poll: bool = False
    scheme: str = ""
    cycle_id: int | None = None


DueSource = Callable[[datetime, Sequence[int]], Awaitable[list[Due]]]
"""`async (now, person_ids)`: the dues of these people, a thousand or so at a time; a few queries whatever their number."""
