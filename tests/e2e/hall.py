"""A hall of phones in a meeting: who they are, what they send, and the plain recount of it."""

import asyncio
import random
import re
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import asyncpg

from sandbox.phones import Phone, Saw
from tests.e2e.stage import Stage, bind
from tests.integration.world import Hall, meeting_of, name_of, roster_of

OPTIONS = {"好": 95, "较好": 85, "一般": 70, "差": 50}
WORDS = [*OPTIONS, "弃权"]
WEIGHTS = {"领导班子": Fraction(2, 5), "党员代表": Fraction(2, 5), "群众代表": Fraction(1, 5)}


@dataclass
class LiveMeeting:
    """A meeting on a stage. `sent`: what each voter chooses; `counted`: of those who were told 已计入; by staff number."""

    stage: Stage
    hall: Hall
    id: int
    scene: str
    phones: dict[str, Phone]
    host: Phone
    counted: dict[str, list[str]] = field(default_factory=dict)
    sent: dict[str, list[str]] = field(default_factory=dict)

    def class_of(self, number: str) -> str:
        """The class in which a staff number votes."""
        return next(name for name, numbers in self.hall.classes.items() if number in numbers)

    async def vote(self, number: str, dice: random.Random) -> list[str]:
        """One person votes from the first question to 已计入, by words, numbers and taps; what they chose."""
        phone = self.phones[number]
        choices = [dice.choice([*WORDS, "好", "好"]) for _ in self.hall.reporters]
        saw = await phone.text("投票")
        assert "聊天票" in saw.text, saw
        for place, word in enumerate(choices):
            assert f"第 {place + 1}/{len(choices)} 题" in saw.text, (place, saw)
            saw = await answer(phone, word, dice.choice(["word", "number", "tap"]))
        assert "您的选票" in saw.text, saw
        for place, word in enumerate(choices):
            assert f"{place + 1}. {name_of(self.hall.reporters[place])}：{word}" in saw.text
        saw = await phone.text("确认")
        assert "已计入" in saw.text, saw
        self.counted[number] = choices
        return choices

    async def say_as_host(self, *words: str) -> Saw:
        """The host says these words, one after the other; the last answer."""
        saw: Saw | None = None
        for word in words:
            saw = await self.host.text(word)
        assert saw is not None
        return saw

    async def result(self) -> Any:
        """`zhiping meeting result --json`."""
        return await self.stage.json("meeting", "result", str(self.id), "--json")

    def recount(self) -> list[Fraction | None]:
        """The exact weighted score of each reporter, from what the phones sent."""
        return [self._score(place) for place in range(len(self.hall.reporters))]

    def _score(self, place: int) -> Fraction | None:
        total = Fraction(0)
        for name, weight in WEIGHTS.items():
            words = [choices[place] for number, choices in self.counted.items() if self.class_of(number) == name]
            points = [OPTIONS[word] for word in words if word in OPTIONS]
            if not points:
                return None
            total += weight * Fraction(sum(points), len(points))
        return total

    async def assert_recount(self, voted: set[str] | None = None) -> None:
        """The result says exactly what those phones sent that were told 已计入 (or that are in `voted`)."""
        if voted is not None:
            assert set(self.counted) <= voted
            self.counted = {number: self.sent[number] for number in voted}
        result = await self.result()
        assert result["state"] == "closed"
        assert result["turnout"]["voted"] == len(self.counted)
        expected = self.recount()
        assert [row["staff_no"] for row in result["reporters"]] == self.hall.reporters
        for row, exact in zip(result["reporters"], expected, strict=True):
            assert (None if row["exact"] is None else Fraction(row["exact"])) == exact, row


async def answer(phone: Phone, word: str, way: str) -> Saw:
    """Answer a question with an option's word, its number or its link."""
    if way == "tap":
        return await phone.tap(content=word)
    return await phone.text(word if way == "word" else str(WORDS.index(word) + 1))


async def set_up(stage: Stage, hall: Hall, directory: Path) -> LiveMeeting:
    """Import roster and meeting by the command, and have the host bound and checked in; the others have phones."""
    roster, file = directory / "roster.xlsx", directory / "meeting.yaml"
    roster.write_bytes(roster_of(hall))
    file.write_text(meeting_of(hall))
    await stage.run("roster", "import", str(roster))
    made = await stage.json("meeting", "import", str(file))
    codes = {row["staff_no"]: row["code"] for row in await stage.json("roster", "codes", "--json")}
    voters = [number for numbers in hall.classes.values() for number in numbers]
    phones = {number: await stage.sandbox.phone(name_of(number), codes[number]) for number in [hall.host, *voters]}
    host = phones.pop(hall.host)
    await bind(host, name_of(hall.host), codes[hall.host], made["scene"])
    return LiveMeeting(stage, hall, made["id"], made["scene"], phones, host)


async def enter(meeting: LiveMeeting, number: str) -> None:
    """One voter comes in: scans, is bound and checked in."""
    phone = meeting.phones[number]
    await bind(phone, phone.name, phone.note, meeting.scene)


QUESTION = re.compile(r"第 (\d+)/\d+ 题")


def is_counted(text: str) -> bool:
    """Whether a text acknowledges a ballot of the voting under way; receipts of meetings closed before do not."""
    return any("已计入" in line and "已结束，您的票" not in line for line in text.splitlines())


async def vote_stubbornly(meeting: LiveMeeting, number: str, dice: random.Random, stop: asyncio.Event) -> str:
    """Vote as a person does on a bad day: whatever comes back, go on from there, until 已计入 or the end of voting.

    The choices stay the same however often the voter has to begin again. Returns counted | voted | closed; `voted` where the
    acknowledgement was lost on the way and 您已投过票 told it later.
    """
    phone, choices = meeting.phones[number], [dice.choice([*WORDS, "好"]) for _ in meeting.hall.reporters]
    meeting.sent[number] = choices
    say = "投票"
    for _ in range(400):
        saw = await phone.text(say)
        found = QUESTION.search(saw.text)
        if is_counted(saw.text):
            meeting.counted[number] = choices
            return "counted"
        if "您已投过票" in saw.text:
            return "voted"
        if "投票已经结束" in saw.text or (stop.is_set() and "现在没有需要您投票" in saw.text):
            return "closed"
        if "您的选票" in saw.text:
            say = "确认"
        elif found:
            say = choices[int(found[1]) - 1]
        else:
            say = "投票"
            await asyncio.sleep(0.05)
    raise AssertionError(f"{number} never came through: {saw}")


async def voted_people(database_url: str) -> set[str]:
    """Staff numbers of those whose roll entry says that they have voted."""
    connection = await asyncpg.connect(database_url)
    try:
        rows = await connection.fetch(
            "SELECT staff_no FROM roll_entries JOIN people ON people.id = person_id WHERE has_voted"
        )
        return {row["staff_no"] for row in rows}
    finally:
        await connection.close()
