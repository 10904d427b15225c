"""What is away for a moment is tried again; what fails for good is not."""

import pytest

from bot.patience import patiently


class Passing(Exception):
    """The server is being restarted."""


def is_passing(error: BaseException) -> bool:
    return isinstance(error, Passing)


async def test_it_is_tried_until_it_is_there_again() -> None:
    answers = iter([Passing(), Passing(), "found"])

    async def act() -> str:
        answer = next(answers)
        if isinstance(answer, Passing):
            raise answer
        return str(answer)

    assert await patiently(act, is_passing) == "found"


async def test_another_error_is_raised_at_once() -> None:
    tries = []

    async def act() -> None:
        tries.append(1)
        raise LookupError("a bug")

    with pytest.raises(LookupError):
        await patiently(act, is_passing)
    assert tries == [1]
