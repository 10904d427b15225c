"""Photos and voice of a record by phone: in any order, at once, late, for another flow; never demanded, and no place."""

import asyncio
from datetime import timedelta

import asyncpg

from services.runtime import Runtime
from tests.integration.chatting import Phone
from tests.integration.cycles import MEMBER, NOW
from tests.integration.recorded import row_of
from tests.integration.world import name_of

TODAY = NOW.date()
ABSENT = name_of(MEMBER)


async def test_parallel_photos_and_words_in_any_order_lose_nothing(
    rt: Runtime, secretary: Phone, sql: asyncpg.Connection
) -> None:
    await secretary.say("主题党日")
    await asyncio.gather(
        *(secretary.show(f"m{number}") for number in range(9)),
        secretary.say(f"在党员活动室学习党章，{ABSENT}出差"),
    )
    shown = await secretary.say("继续")
    assert "照片：9 张" in shown
    done = await secretary.say("确认")
    assert "照片 9 张" in done
    kept = await sql.fetch("SELECT media_id, position FROM media_items WHERE record_id IS NOT NULL ORDER BY position")
    assert {one["media_id"] for one in kept} == {f"m{number}" for number in range(9)}
    assert [one["position"] for one in kept] == list(range(9))
    assert (await row_of(sql))["topic"] == "学习党章"


async def test_photos_alone_are_asked_one_sentence(rt: Runtime, secretary: Phone, sql: asyncpg.Connection) -> None:
    await secretary.say("主题党日")
    asked = await secretary.show("m1")
    assert "收到 1 张照片" in asked
    assert "一句话" in asked
    assert "收到 2 张照片" in await secretary.show("m2")
    assert "照片：2 张" in await secretary.say("学习党章")
    await secretary.say("确认")
    assert await sql.fetchval("SELECT count(*) FROM media_items WHERE record_id IS NOT NULL") == 2


async def test_photos_before_the_first_word_are_taken_in(
    rt: Runtime, secretary: Phone, sql: asyncpg.Connection
) -> None:
    answers = await asyncio.gather(secretary.show("m1"), secretary.show("m2"))
    assert any("收到 2 张照片" in one for one in answers)
    assert "2 张照片会放进来" in await secretary.say("主题党日")
    assert "照片：2 张" in await secretary.say("学习党章")
    await secretary.say("确认")
    assert await sql.fetchval("SELECT count(*) FROM media_items WHERE record_id IS NOT NULL") == 2


async def test_late_photos_go_to_what_was_confirmed(rt: Runtime, secretary: Phone, sql: asyncpg.Connection) -> None:
    await secretary.say("主题党日")
    await secretary.say("学习党章")
    await secretary.say("确认")
    answers = await asyncio.gather(*(secretary.show(f"m{number}") for number in range(4)))
    assert all("已归到刚才的主题党日" in one for one in answers)
    await secretary.repeat()
    assert await sql.fetchval("SELECT count(*) FROM media_items WHERE record_id IS NOT NULL") == 4
    secretary.now += timedelta(minutes=16)
    assert "先放着" in await secretary.show("m9")
    assert await sql.fetchval("SELECT count(*) FROM media_items WHERE record_id IS NOT NULL") == 4


async def test_a_photo_for_another_flow_is_still_its_own(rt: Runtime, secretary: Phone) -> None:
    stranger = Phone(rt, "o-stranger")
    await stranger.say("投诉建议")
    assert "照片可以在下一步附上" in await stranger.show("m1")
    await stranger.say("会议室太冷")
    await stranger.say("附一张照片")
    assert "已附一张照片" in await stranger.show("m1")


async def test_location_is_declined_and_photos_are_never_demanded(
    rt: Runtime, secretary: Phone, sql: asyncpg.Connection
) -> None:
    await secretary.say("主题党日")
    assert "不需要位置，没有保存" in await secretary.locate("某地")
    shown = await secretary.say("学习党章")
    assert "照片：没有（可以不附）" in shown
    assert "不需要位置" in await secretary.locate("某地")
    assert "已记下" in await secretary.say("确认")
    assert await sql.fetchval("SELECT count(*) FROM media_items") == 0
    assert "某地" not in str([tuple(row) for row in await sql.fetch("SELECT * FROM records")])


async def test_voice_becomes_the_draft_or_is_kept_and_one_sentence_asked(
    rt: Runtime, secretary: Phone, sql: asyncpg.Connection
) -> None:
    await secretary.say("主题党日")
    assert "语音已保存" in await secretary.speak("")
    shown = await secretary.speak("学习党章。")
    assert "主题：学习党章" in shown
    assert "语音 1 段" in shown
    await secretary.say("确认")
    kept = await sql.fetch("SELECT kind FROM media_items WHERE record_id IS NOT NULL")
    assert [one["kind"] for one in kept] == ["voice"]


async def test_a_draft_outlives_redis_with_its_photos(rt: Runtime, secretary: Phone, sql: asyncpg.Connection) -> None:
    await secretary.say("主题党日")
    await secretary.say("学习党章")
    await secretary.show("m1")
    await rt.redis.flushall()
    secretary.now += timedelta(days=3)
    assert "照片：1 张" in await secretary.say("继续")
    await secretary.say("确认")
    assert await sql.fetchval("SELECT count(*) FROM media_items WHERE record_id IS NOT NULL") == 1
