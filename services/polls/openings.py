"""Opening a poll, whoever it is of: sizes of classes, keys, roll, and everything that is frozen with it (design §5)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from config.refusals import Refusal
from models.evaluations import Evaluation
from models.meetings import OPEN, Meeting
from models.polls import Poll, RollEntry
from services.ballots.disclosure import hidden_classes
from services.ballots.seals import make_poll_keys
from services.meetings.electorates import Electorate
from services.runtime import Runtime

SAFE_CLASS = 5
"""Below this many voters of a class its counts may show what single people chose, and they are told so (A35)."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is frozen at an opening. `form`: see `models.polls.Poll`; `closes_at`: the end that is to be kept."""

    title: str
    form: dict[str, Any]
    electorate: Electorate
    min_class: int
    scheme_sha256: str
    closes_at: datetime

    @property
    def is_small(self) -> bool:
        """Whether the result may show what single people of some class chose, whatever the file says of `min_class`."""
        return self.min_class < SAFE_CLASS or any(size < SAFE_CLASS for size in self.electorate.sizes().values())


def check_electorate(electorate: Electorate, min_class: int, *, file: str, accept: str) -> None:
    """Refuse an electorate that cannot vote: `double_voter`, `empty_class`, and `small_class` where classes cannot be hidden.

    `file`: what the office would have to correct; `accept`: how a small class is accepted, empty where it has been.
    """
    if electorate.doubles:
        people = "、".join(electorate.doubles[:5])
        raise Refusal("double_voter", f"{people} 同时在两个投票类别里，请更正名册或{file}后重新导入。")
    sizes = electorate.sizes()
    empty = [name for name, size in sizes.items() if size == 0]
    if empty:
        raise Refusal("empty_class", f"类别「{'、'.join(empty)}」没有投票人，请更正名册或{file}后重新导入。")
    if accept and hidden_classes(sizes, min_class) is None:
        raise Refusal(
            "small_class",
            f"投票人太少（少于 {min_class} 人的类别无法隐去），结果可能看出个人的选择。请合并类别；{accept}",
        )


async def create_poll(
    rt: Runtime, terms: Terms, now: datetime, *, meeting: Meeting | None = None, evaluation: Evaluation | None = None
) -> Poll:
    """The poll with its keys and its roll, within the caller's transaction."""
    poll_id = uuid4()
    keys = make_poll_keys(rt.settings.ballot_key, poll_id)
    poll = await Poll.create(
        id=poll_id,
        meeting=meeting,
        evaluation=evaluation,
        title=terms.title,
        state=OPEN,
        opened_at=now,
        closes_at=terms.closes_at if now < terms.closes_at else None,
        form=terms.form,
        classes=[{"name": one.name, "weight": one.weight} for one in terms.electorate.classes],
        min_class=terms.min_class,
        is_small=terms.is_small,
        scheme_sha256=terms.scheme_sha256,
        public_key=keys.public,
        wrapped_secret=keys.wrapped_secret,
        wrapped_desk=keys.wrapped_desk,
    )
    roll = terms.electorate.people.items()
    await RollEntry.bulk_create(
        [RollEntry(id=uuid4(), poll=poll, person_id=person, class_no=number) for person, number in roll],
        batch_size=500,
    )
    return poll
