"""What waits for somebody's decision or answer, and who may give it: once for all nouns that ask for one."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from services.dues import Due
from services.entitlements import Actor, list_holders
from services.trees import Tree, load_tree

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pending(Generic[T]):
    """`waiting()`: all that waits, the oldest first. `may(tree, actor, one)`: whether the actor decides this one, by the table of
    entitlements, where a post for `act` is needed. `due(person_id, one)`: how it stands among what they have to do."""

    act: str
    waiting: Callable[[], Awaitable[Sequence[T]]]
    may: Callable[[Tree, Actor, T], bool]
    due: Callable[[int, T], Due]

    async def list_for(self, actor: Actor) -> list[T]:
        """What waits for this actor."""
        waiting, tree = await self.waiting(), await load_tree()
        return [one for one in waiting if self.may(tree, actor, one)]

    async def list_dues(self, now: datetime, person_ids: Sequence[int]) -> list[Due]:
        """What waits for these people (`services.dues.DueSource`)."""
        waiting = await self.waiting()
        if not waiting:
            return []
        tree, holders = await load_tree(), await list_holders(self.act, person_ids)
        return [
            self.due(actor.person_id, one)
            for actor in holders
            for one in waiting
            if actor.person_id is not None and self.may(tree, actor, one)
        ]
