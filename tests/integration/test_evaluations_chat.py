"""民主测评 through phones: one pass over a branch, rules kept while filling, long ballots, two phones, a flush, the close."""

import asyncio
import random
import re
from collections import Counter
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from bot.replies import MAX_BYTES
from models.polls import SealedBallot
from services.ballots.seals import open_ballot, unwrap_secret
from services.cycles.cycles import create_cycle
from services.evaluations.evaluation_imports import import_evaluations
from services.evaluations.evaluations import close_evaluation, open_evaluation
from services.people.roster import import_roster
from services.polls.gathering import read_ballots
from services.runtime import Runtime
from tests.e2e.test_secrecy import dump_database, dump_redis, in_redis
from tests.integration.chatting import Phone
from tests.integration.cycles import FILE, roster
from tests.integration.electing import (
    CLOSES,
    FORM,
    MASSES,
    MEMBERS,
    NOW,
    OPENS,
    PEOPLE,
    file_of,
    make_cycle,
    opened,
    phone_of,
)
from tests.integration.world import name_of

WORDS = ("优秀", "称职", "基本称职", "不称职", "弃权")
TWO_BEST = FORM.replace("abstain: true", "abstain: true, rules: [{op: at_most, count: 2, answers: {options: [优秀]}}]")
LINK = re.compile(r'<a href="[^"]*">(.*?)</a>')
CONFIRMING = "回复 确认 提交"


def shown(said: str) -> str:
    """What stands on the screen; never more than the platform shows."""
    assert len(said.encode()) <= MAX_BYTES
    return LINK.sub(r"[\1]", said)


async def fill(phone: Phone, words: list[str], dice: random.Random) -> str:
    """Fill one by one, by tap, number or word alike; the last answer."""
    said = await phone.say("投票")
    for word in words:
        offered = [label.partition(" ") for label in LINK.findall(said)]
        number = next(number for number, _, label in offered if label == word)
        said = await phone.say(dice.choice([word, number]))
    return said


async def test_twelve_members_and_six_representatives_vote_by_phone_and_the_counts_equal_a_plain_recount(
    rt: Runtime, sql: asyncpg.Connection
) -> None:
    evaluation = await opened(rt)
    dice = random.Random(5)
    phones = {number: await phone_of(rt, number) for number in (*MEMBERS, *MASSES)}
    sent = {
        number: {other: dice.choice(WORDS) for other in MEMBERS if other != number} for number in (*MEMBERS, *MASSES)
    }

    async def vote(number: str) -> None:
        ballot = shown(await fill(phones[number], list(sent[number].values()), random.Random(number)))
        for other, word in sent[number].items():
            assert f"{name_of(other)}：{word}\n" in ballot
        assert name_of(number) not in ballot
        assert "已计入" in await phones[number].say("确认")
        assert "已计入" in await phones[number].repeat()
        assert "已投过票" in await phones[number].say("投票")

    await asyncio.gather(*(vote(number) for number in phones))
    assert await sql.fetchval("SELECT count(*) FROM drafts") == 0
    await close_evaluation(rt, evaluation.id, now=CLOSES, actor="command")
    counts = await read_ballots(evaluation.id)
    for number in MEMBERS:
        for name, voters in (("党员", MEMBERS), ("群众代表", MASSES)):
            plain = Counter(sent[voter].get(number, "弃权") for voter in voters)
            assert counts[f"member:{number}"][name]["总体评价"] == plain


async def test_the_statement_comes_before_the_first_question_and_says_what_holds_here(rt: Runtime) -> None:
    await opened(rt)
    member, mass = await phone_of(rt, MEMBERS[0]), await phone_of(rt, MASSES[0])
    said = shown(await member.say("投票"))
    assert said.index("投票前请先看") < said.index("请评 1 ")
    assert "您自己" in said
    assert "谁没有投票" in said
    assert "30 分钟" in said
    assert "12月4日 18:00 截止" in said
    assert "共 11 项" in said
    other = shown(await mass.say("投票"))
    assert "您自己" not in other
    assert "共 12 项" in other
    for text in ("看不懂", "帮助"):
        repeated = shown(await member.say(text))
        assert "投票前请先看" not in repeated, "who has just read it is asked only the question"
        assert "请评 1 " in repeated
    assert "投票前请先看" in shown(await member.say("投票")), "who comes back to it may read it again"
    assert "投票前请先看" not in shown(await member.say("称职"))


async def test_several_places_at_once_the_rest_at_once_and_changes(rt: Runtime) -> None:
    await opened(rt)
    phone = await phone_of(rt, MASSES[0])
    await phone.say("投票")
    assert "[6 其余都“优秀”]" in shown(await phone.say("称职"))
    said = shown(await phone.say("2、4 优秀 6-8基本称职；12 弃权"))
    assert "已填 7/12" in said
    assert "请评 3 " in said
    said = shown(await phone.say("其余都“称职”"))
    assert CONFIRMING in said
    assert [line.rpartition("：")[2] for line in said.split("\n")[1:13]] == [
        *("称职", "优秀", "称职", "优秀", "称职", "基本称职"),
        *("基本称职", "基本称职", "称职", "称职", "称职", "弃权"),
    ]
    assert "请评 3 " in shown(await phone.say("改3"))
    assert "其余都" not in shown(await phone.say("帮助"))
    assert f"3 {name_of(MEMBERS[2])}：不称职" in shown(await phone.say("不称职"))
    assert f"1 {name_of(MEMBERS[0])}：优秀" in shown(await phone.say("1 优秀"))
    for nonsense, told in (("13 优秀", "1—12"), ("1 很好", "没有「很好」"), ("提交", "没有看懂"), ("改99", "1—12")):
        assert told in shown(await phone.say(nonsense))
    assert "已计入" in await phone.say("确认")


async def test_the_rules_are_kept_while_filling(rt: Runtime) -> None:
    await opened(rt, form=TWO_BEST)
    phone = await phone_of(rt, MEMBERS[0])
    assert "还可给 2 个“优秀”" in shown(await phone.say("投票"))
    said = shown(await phone.say("优秀"))
    assert "还可给 1 个“优秀”" in said
    assert "其余都“优秀”" not in said
    assert "其余都“称职”" in said
    said = shown(await phone.say("优秀"))
    assert "不能再给“优秀”" in said
    assert "[1 优秀（不能给）]" in said
    assert "[2 称职]" in said
    assert "给不了“优秀”" in shown(await phone.say("5 6 优秀"))
    assert "已填 2/11" in shown(await phone.say("1"))
    assert CONFIRMING in shown(await phone.say("其余称职"))
    assert "给不了“优秀”" in shown(await phone.say("3 优秀"))
    # Two may change places at once.
    said = shown(await phone.say("3 优秀 1 称职"))
    assert f"3 {name_of(MEMBERS[3])}：优秀" in said
    assert f"1 {name_of(MEMBERS[1])}：称职" in said
    assert "已计入" in await phone.say("确认")


MANY = [f"{1101 + n}" for n in range(30)]


async def _long(rt: Runtime, items: str) -> Phone:
    people = (*(one for one in PEOPLE if one[1] != "0102"), *((number, "0102", "正式党员", "") for number in MANY))
    await import_roster(roster(people), now=OPENS, actor="test")
    cycle = (await create_cycle(FILE.encode(), now=OPENS, actor="command")).cycle
    file = file_of(cycle.id, form=FORM.replace("总体评价", items), organisations='["0102"]')
    own = "\n".join(line for line in file.replace('weight: "0.7", ', "").splitlines() if "群众代表" not in line)
    (evaluation,) = await import_evaluations(own.encode(), now=OPENS, actor="command")
    await open_evaluation(rt, evaluation.id, now=OPENS, actor="command")
    return await phone_of(rt, MANY[0])


async def test_a_ballot_over_thirty_people_fits_the_screen_at_every_step(rt: Runtime) -> None:
    phone = await _long(rt, "总体评价")
    said = await phone.say("投票")
    for _ in range(29):
        assert "继续看下文" not in said
        assert len(said.encode()) <= MAX_BYTES
        said = await phone.say("基本称职")
    assert "继续看下文" not in said
    assert CONFIRMING in said
    assert "已计入" in await phone.say("确认")


async def test_a_ballot_of_thirty_people_and_three_items_is_filled_in_few_answers(rt: Runtime) -> None:
    phone = await _long(rt, "信念坚定, 爱岗敬业, 遵纪守法")
    sizes = set()
    await phone.say("投票")
    for answer in ("基本称职", "2-20 称职", "21 30 45 优秀", "改1"):
        shown(await phone.say(answer))
        (key,) = [key async for key in rt.redis.scan_iter("zp:*:seal:*")]
        sizes.add(len(await rt.redis.hget(key, "session")))
    shown(await phone.say("优秀"))
    said = shown(await phone.say("其余基本称职"))
    assert "（依次为 信念坚定、爱岗敬业、遵纪守法）" in said
    assert f"{name_of(MANY[1])}：1 优秀、2 称职、3 称职" in said
    assert "87 基本称职" in said + shown(await phone.say("继续"))
    assert len(sizes) == 1
    assert "已计入" in await phone.say("确认")
    assert await SealedBallot.all().count() == 1


async def test_the_size_of_what_is_kept_tells_nothing_of_the_answers(rt: Runtime) -> None:
    phone, other = await _long(rt, "总体评价"), await phone_of(rt, MANY[1])
    sizes = []
    for one, word in ((phone, "优秀"), (other, "基本称职")):
        await one.say("投票")
        await one.say(f"1-20 {word}")
        sizes.append([])
        for _ in range(3):
            await one.say(word)
            kept = [await rt.redis.hget(key, "session") async for key in rt.redis.scan_iter("zp:*:seal:*")]
            sizes[-1].append(max(map(len, kept)))
    assert sizes[0] == sizes[1]


async def test_an_interruption_keeps_the_place_and_half_an_hour_ends_it(rt: Runtime, sql: asyncpg.Connection) -> None:
    await opened(rt)
    phone = await phone_of(rt, MEMBERS[0])
    await phone.say("投票")
    await phone.say("优秀")
    tasks = await phone.say("任务")
    assert "正在投票" in tasks
    assert "msgmenucontent=投票" in tasks
    assert "已填 1/11" in shown(await phone.say("继续"))
    phone.now = NOW + timedelta(minutes=31)
    assert "进度已经清除" in await phone.say("称职")
    assert "投票前请先看" in await phone.say("投票")
    await rt.redis.flushall()
    assert "投票前请先看" in await phone.say("投票")
    assert await sql.fetchval("SELECT count(*) FROM drafts") == 0


async def test_two_phones_of_one_person_at_once_cast_once(rt: Runtime) -> None:
    await opened(rt)
    phone = await phone_of(rt, MEMBERS[0])
    twin = Phone(rt, phone.openid, NOW)
    await phone.say("投票")
    await phone.say("优秀")
    await phone.say("其余称职")
    answers = await asyncio.gather(phone.say("确认"), twin.say("确认"), phone.repeat())
    assert any("已计入" in one for one in answers)
    assert await SealedBallot.all().count() == 1


async def test_the_close_in_the_middle_is_told(rt: Runtime) -> None:
    evaluation = await opened(rt)
    phone = await phone_of(rt, MEMBERS[0])
    await phone.say("投票")
    await phone.say("优秀")
    await phone.say("其余称职")
    phone.now = CLOSES
    # No worker has closed yet: the end in the file counts.
    late = await phone.say("确认")
    assert "进度已经清除" in late or "没有计入" in late
    await close_evaluation(rt, evaluation.id, now=CLOSES, actor="command")
    assert [key async for key in rt.redis.scan_iter("zp:*:seal:*")] == []
    assert await SealedBallot.all().count() == 0


@pytest.mark.fact("S2-18", "S2-19")
async def test_a_member_has_two_ballots_on_the_branch_and_on_its_members(rt: Runtime) -> None:
    cycle = await make_cycle()
    made = await import_evaluations(file_of(cycle.id, "[branch, members]").encode(), now=OPENS, actor="command")
    for one in made:
        await open_evaluation(rt, one.id, now=OPENS, actor="command")
    phone = await phone_of(rt, MEMBERS[0])
    said = shown(await phone.say("投票"))
    assert "有 2 项测评等您投票" in said
    assert "评支部" in said
    assert "评党员" in said
    assert "共 1 项" in shown(await phone.say("1"))
    assert CONFIRMING in shown(await phone.say("优秀"))
    assert "还有 1 项等您投票" in shown(await phone.say("确认"))
    assert "共 11 项" in shown(await phone.say("投票"))
    await phone.say("称职")
    await phone.say("其余都称职")
    assert "已计入" in await phone.say("确认")
    assert "已投过票" in await phone.say("投票")


async def test_whoever_takes_everything_during_and_after_the_vote(
    rt: Runtime, database_url: str, redis_url: str
) -> None:
    """Without BALLOT_KEY nothing is told; with it and the database of that time every ballot is (ADR 0006); afterwards nothing."""
    evaluation = await opened(rt)
    sent = {number: WORDS[place % 4] for place, number in enumerate(MEMBERS[:4])}
    for number, word in sent.items():
        phone = await phone_of(rt, number)
        for text in ("投票", "弃权", f"其余{word}", "确认"):
            await phone.say(text)
    waverer = await phone_of(rt, MEMBERS[4])
    for text in ("投票", "不称职"):
        await waverer.say(text)
    during, kept = await dump_database(database_url), await dump_redis(redis_url)
    # The scheme's own text speaks of 不称职, too.
    assert_silent(during, kept, {"evaluations", "polls", "cycles"})
    (poll,) = during["polls"]
    assert unwrap_secret((b"x" * 32,), poll["id"], poll["wrapped_secret"]) is None
    secret = unwrap_secret(rt.settings.ballot_key, poll["id"], poll["wrapped_secret"])
    assert secret is not None
    staff_no = {row["id"]: row["staff_no"] for row in during["people"]}
    voter = {row["xmin"]: staff_no[row["person_id"]] for row in during["roll_entries"] if row["has_voted"]}
    for row in during["sealed_ballots"]:
        number, choices = voter[row["xmin"]], open_ballot(secret, row["box"])[1]
        assert choices[MEMBERS.index(number)] == 4
        assert Counter(choices)[WORDS.index(sent[number])] == 10
    await close_evaluation(rt, evaluation.id, now=CLOSES, actor="command")
    after, kept = await dump_database(database_url), await dump_redis(redis_url)
    assert_silent(after, kept, {"evaluations", "polls", "cycles", "ballot_counts", "inputs", "audit_entries"})
    assert after["sealed_ballots"] == []
    assert b":seal:" not in kept
    assert len({row["xmin"] for row in after["roll_entries"]}) == 1


def assert_silent(tables: dict[str, list[dict[str, Any]]], kept: bytes, but: set[str]) -> None:
    """No option stands in any other table, or in Redis."""
    found = {name for name, rows in tables.items() if any(word in str(row) for row in rows for word in WORDS[1:])}
    assert found - but == set()
    assert tables["drafts"] == []
    assert not any(in_redis(kept, word) for word in WORDS[1:])
