"""Counting at the close: open every ballot, keep counts only, destroy ballots and keys, break the order of the roll."""

import secrets
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from nacl.exceptions import CryptoError

from config.refusals import Refusal
from models.meetings import CLOSED
from models.polls import BallotCount, Poll, RollEntry, SealedBallot
from services.ballots.ballot_forms import is_valid, option_words
from services.ballots.seals import open_ballot, unwrap_secret

Cell = tuple[int, int, int, str]  # subject, class, item, option


async def count_and_destroy(ballot_keys: tuple[bytes, ...], poll_id: UUID, now: datetime) -> None:
    """Within the closing transaction, which holds the poll's lock: all of it happens or nothing.

    Raises `Refusal`: `unreadable_poll` where no BALLOT_KEY opens the poll; `tampered` where the ballots are not those of the roll.
    """
    poll = await Poll.get(id=poll_id)
    assert poll.wrapped_secret is not None
    secret = unwrap_secret(ballot_keys, poll.id, poll.wrapped_secret)
    if secret is None:
        raise Refusal(
            "unreadable_poll",
            "BALLOT_KEY 打不开这次投票，投票保持原样。请补上开始投票时使用的密钥（多个以逗号分隔）再结束。",
        )
    ballots = _open_all(secret, [bytes(one.box) for one in await SealedBallot.filter(poll=poll)])
    await _compare_with_roll(poll, ballots)
    cells = count_ballots(ballots, poll.form)
    await BallotCount.bulk_create(
        [
            BallotCount(
                id=uuid4(), poll=poll, subject_no=subject, class_no=class_no, item_no=item, option=option, count=count
            )
            for (subject, class_no, item, option), count in sorted(cells.items())
        ],
        batch_size=500,
    )
    await SealedBallot.filter(poll=poll).delete()
    await _rewrite_roll(poll)
    poll.state = CLOSED
    poll.closed_at = now
    poll.public_key = poll.wrapped_secret = poll.wrapped_desk = None
    await poll.save(update_fields=["state", "closed_at", "public_key", "wrapped_secret", "wrapped_desk"])


def _open_all(secret: bytes, boxes: list[bytes]) -> list[tuple[int, list[int]]]:
    try:
        return [open_ballot(secret, box) for box in boxes]
    except (CryptoError, IndexError):
        raise _tampered("有选票打不开") from None


async def _compare_with_roll(poll: Poll, ballots: list[tuple[int, list[int]]]) -> None:
    """As many ballots of each class as people of it have voted, each whole: nobody put one in or took one out past the door."""
    voted = Counter(one.class_no for one in await RollEntry.filter(poll=poll, has_voted=True))
    found = Counter(class_no for class_no, _ in ballots)
    if voted != found:
        raise _tampered(f"投过票的有 {voted.total()} 人，封存的选票有 {found.total()} 张，或类别对不上")
    if not all(is_valid(poll.form, choices) for _, choices in ballots):
        raise _tampered("有选票不合表样")


def _tampered(what: str) -> Refusal:
    return Refusal(
        "tampered", f"{what}，可能有人改动过数据库。投票保持原样、没有统计，请不要再操作，马上联系技术人员和纪检部门。"
    )


def count_ballots(ballots: list[tuple[int, list[int]]], form: Mapping[str, Any]) -> Counter[Cell]:
    """How many ballots chose each option, by subject, class and item."""
    items, words = form["items"], option_words(form)
    return Counter(
        (place // len(items), class_no, place % len(items), words[choice])
        for class_no, choices in ballots
        for place, choice in enumerate(choices)
    )


async def _rewrite_roll(poll: Poll) -> None:
    """The same roll in random order under new keys: neither `xmin` nor `ctid` of a row tells any more who voted when."""
    entries = await RollEntry.filter(poll=poll)
    await RollEntry.filter(poll=poll).delete()
    secrets.SystemRandom().shuffle(entries)
    await RollEntry.bulk_create(
        [
            RollEntry(id=uuid4(), poll=poll, person_id=one.person_id, class_no=one.class_no, has_voted=one.has_voted)
            for one in entries
        ],
        batch_size=500,
    )
