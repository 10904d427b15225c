"""Desk keys of open polls: what voters have typed so far is encrypted under them (design §5)."""

import time

from models.meetings import OPEN
from models.polls import Poll
from services.ballots.seals import Keys, unwrap_desk


class Desks:
    """Kept in memory for half a minute at most, so that a step of a ballot needs no query."""

    _KEPT_SECONDS = 30.0

    def __init__(self, ballot_keys: Keys) -> None:
        self._ballot_keys = ballot_keys
        self._known: dict[str, tuple[float, bytes]] = {}

    async def key(self, realm: str) -> bytes | None:
        """The desk key of the poll with that id; None once it is closed, or where no BALLOT_KEY opens it."""
        kept = self._known.get(realm)
        if kept and kept[0] > time.monotonic():
            return kept[1]
        self._known.pop(realm, None)
        poll = await Poll.get_or_none(id=realm, state=OPEN)
        if poll is None or poll.wrapped_desk is None:
            return None
        key = unwrap_desk(self._ballot_keys, poll.id, poll.wrapped_desk)
        if key is not None:
            self._known[realm] = (time.monotonic() + self._KEPT_SECONDS, key)
        return key


async def find_unreadable_polls(ballot_keys: Keys) -> list[str]:
    """Titles of open polls that no key of `ballot_keys` opens: with such keys no process may start."""
    polls = await Poll.filter(state=OPEN)
    return [
        poll.title
        for poll in polls
        if poll.wrapped_desk is None or unwrap_desk(ballot_keys, poll.id, poll.wrapped_desk) is None
    ]
