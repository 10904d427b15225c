"""A process was killed between keeping a record and answering, and no repeat came; 确认, typed once more, made a second record."""

import asyncio
from pathlib import Path

import asyncpg
import pytest
import redis.asyncio

from sandbox.phones import Phone
from tests.e2e.stage import Stage, open_stage
from tests.integration.cycles import SECRETARY, roster
from tests.integration.world import name_of

WORDS = ("主题党日", "今天在党员活动室学习党章，没有人请假")


async def secretary(stage: Stage, directory: Path) -> Phone:
    """The phone of a bound secretary."""
    file = directory / "roster.xlsx"
    file.write_bytes(roster())
    await stage.run("roster", "import", str(file))
    codes = {row["staff_no"]: row["code"] for row in await stage.json("roster", "codes", "--json")}
    phone = await stage.sandbox.phone(name_of(SECRETARY), following=True)
    for words in ("绑定", name_of(SECRETARY), codes[SECRETARY]):
        saw = await phone.text(words)
    assert "绑定成功" in saw.text
    return phone


@pytest.mark.parametrize("is_flushed", [False, True], ids=["desk kept", "desk lost too"])
async def test_one_record(
    settings_values: dict[str, str], sql: asyncpg.Connection, tmp_path: Path, is_flushed: bool
) -> None:
    async def kept() -> int:
        return int(await sql.fetchval("SELECT count(*) FROM records"))

    # The platform delivers once only: nobody repeats what got no answer.
    async with open_stage(settings_values, tmp_path, deliveries=1) as stage:
        phone = await secretary(stage, tmp_path)
        for words in WORDS:
            saw = await phone.text(words)
        assert "确认" in saw.text, saw
        # The draft goes after the record is committed. Whoever holds it stops the process exactly there.
        other = await asyncpg.connect(settings_values["DATABASE_URL"])
        try:
            async with other.transaction():
                await other.execute("SELECT * FROM drafts FOR UPDATE")
                unanswered = asyncio.create_task(phone.text("确认"))
                async with asyncio.timeout(30):
                    while await kept() == 0:
                        await asyncio.sleep(0.02)
                stage.kill("serve")
                # What the process had still asked of the database would be done once the draft is free again.
                waiting = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                await other.execute(waiting)
        finally:
            await other.close()
        assert "出现故障" in (await unanswered).text
        if is_flushed:
            async with redis.asyncio.from_url(stage.environment["REDIS_URL"]) as client:
                await client.flushall()
        stage.start("serve", "serve")
        await stage.ready()
        for words in ("继续", "确认"):
            saw = await phone.text(words)
        assert "已记下" in saw.text, saw
        assert await kept() == 1
