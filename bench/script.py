"""What everybody in the hall will choose and send, and when: the same for the same seed."""

import random
from dataclasses import dataclass

from bench.crowd import AFTER, BESIDE, Message
from bench.electorate import ABSTAIN, OPTIONS
from bench.wire import Account

_REPEATED_EVERY = 3
WORDS = [*OPTIONS, ABSTAIN]


@dataclass(frozen=True)
class Voter:
    """What one person chooses for each reporter, and the messages that say so."""

    choices: list[str]
    messages: list[Message]


def write_script(account: Account, voters: list[str], reporters: int, seconds: float, seed: int) -> list[Voter]:
    """One for each openid, all of it within so many seconds if answers come at once; 0: everybody as fast as they can.

    Every third message of the hall is delivered twice, in turn both at once and the second after the answer to the first.
    """
    dice = random.Random(seed)
    return [_voter(account, openid, number, reporters, seconds, dice) for number, openid in enumerate(voters)]


def expected_of(reporters: int) -> list[str]:
    """What the answer to each message of a voter must hold."""
    questions = [f"第 {number + 1}/{reporters} 题" for number in range(reporters)]
    return [*questions, "您的选票", "已计入"]


def _voter(account: Account, openid: str, number: int, reporters: int, seconds: float, dice: random.Random) -> Voter:
    choices = [dice.choice([*WORDS, OPTIONS[0], OPTIONS[0]]) for _ in range(reporters)]
    # Some type the word, others its number.
    said = [dice.choice([word, str(WORDS.index(word) + 1)]) for word in choices]
    texts = ["投票", *said, "确认"]
    times = _times(len(texts), seconds, dice)
    first = number * len(texts)
    messages = [
        Message(at, account.request(openid, text), _repeat(first + place))
        for place, (text, at) in enumerate(zip(texts, times, strict=True))
    ]
    return Voter(choices, messages)


def _times(count: int, seconds: float, dice: random.Random) -> list[float]:
    """A burst after 「请投票」, most of the hall within a tenth of the time; then reading and tapping, twice as long at most as at least.

    For the 57 s of a hall: half of it within 4 s, the last after 14 s, then 3 to 6 s a question, scaled where that gets too long.
    """
    start = min(dice.expovariate(10 / seconds), seconds / 4) if seconds else 0.0
    pauses = [dice.uniform(seconds / 19, seconds / 9.5) for _ in range(count - 1)]
    scale = min(1.0, (seconds - start) / sum(pauses)) if seconds else 0.0
    return [start + scale * sum(pauses[:place]) for place in range(count)]


def _repeat(number: int) -> str:
    if number % _REPEATED_EVERY:
        return ""
    return BESIDE if number // _REPEATED_EVERY % 2 else AFTER
