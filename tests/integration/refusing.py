"""What an attempt is told that comes to nothing."""

from collections.abc import Awaitable

import pytest

from config.refusals import BadInput, Refusal


async def refused(code: str, attempt: Awaitable[object]) -> str:
    """The attempt is refused with this code; what is said then."""
    with pytest.raises(Refusal) as caught:
        await attempt
    assert caught.value.code == code
    return caught.value.say


async def faults_of(attempt: Awaitable[object]) -> list[str]:
    """Every fault for which the attempt's input cannot be used."""
    with pytest.raises(BadInput) as caught:
        await attempt
    return list(caught.value.faults)
