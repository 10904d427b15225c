"""Trying again while something is away for a moment."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

Result = TypeVar("Result")

IsPassing = Callable[[BaseException], bool]
"""`(error)`: whether what failed was only away for a moment, so that a repeat may succeed."""

_PAUSES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.5, 0.5, 0.5)
"""Seconds between tries; together within the platform's patience."""


async def patiently(act: Callable[[], Awaitable[Result]], is_passing: IsPassing) -> Result:
    """The result of `act`, which must bear a repeat. Raises what its last try raised, or the first that is not passing."""
    for pause in _PAUSES:
        try:
            return await act()
        except Exception as error:
            if not is_passing(error):
                raise
        await asyncio.sleep(pause)
    return await act()
