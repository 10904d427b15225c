"""`zhiping public-notice`, `objection` and `complaint answer`, through the arguments that people type."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from app.commands.complaints import COMPLAINT_COMMANDS
from app.commands.public_notices import OBJECTION_COMMANDS, PUBLIC_NOTICE_COMMANDS
from app.commands.tables import Line
from config import clock
from config.refusals import BadInput, Refusal
from models import database
from models.objections import Objection
from models.people import Person
from models.public_notices import PublicNotice
from services.public_notices.objections import submit_objection
from services.requests.complaints import submit_complaint
from services.runs.publications import publish_run
from services.runs.runs import compute_run
from services.runtime import Runtime
from tests.integration.commanding import run_line
from tests.integration.cycles import FILE, LEADER, MEMBER, NOW, OFFICE, fill, make_cycle
from tests.integration.world import name_of

BY = ("--by", OFFICE)


class Office:
    """Types commands; each has a connection of its own, as a process has it."""

    def __init__(self, values: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
        self._values = values
        self._capsys = capsys

    async def notice(self, name: str, *words: str) -> str:
        return await self._run(PUBLIC_NOTICE_COMMANDS, name, words)

    async def objection(self, name: str, *words: str) -> str:
        return await self._run(OBJECTION_COMMANDS, name, words)

    async def complaint(self, name: str, *words: str) -> str:
        return await self._run(COMPLAINT_COMMANDS, name, words)

    async def _run(self, lines: Sequence[Line], name: str, words: Sequence[str]) -> str:
        line = next(one for one in lines if one.name == name)
        try:
            assert await run_line(line, self._values, *words) == 0
        finally:
            await database.connect(self._values["DATABASE_URL"])
        return self._capsys.readouterr().out


@pytest.fixture
def office(settings_values: dict[str, str], capsys: pytest.CaptureFixture[str]) -> Office:
    return Office(settings_values, capsys)


def today() -> date:
    """The day in China."""
    return clock.now().astimezone(clock.SHANGHAI).date()


async def published() -> int:
    cycle = await make_cycle(FILE + 'settings: {notice_days: "8"}\n')
    await fill(cycle)
    run = await compute_run(cycle.id, now=NOW, actor="command")
    await publish_run(run.id, now=NOW, actor=LEADER, accept_open=True)
    return run.id


@pytest.mark.fact("S2-35")
async def test_a_notice_from_the_command_line_to_its_end(rt: Runtime, office: Office) -> None:
    run = await published()
    before = today()
    made = json.loads(await office.notice("open", str(run), *BY, "--json"))
    first = date.fromisoformat(made["from"])
    assert before <= first <= today()  # midnight may have passed in between
    assert date.fromisoformat(made["to"]) == first + timedelta(days=7)
    assert made["address"].startswith(f"{rt.settings.site}/notice/")
    again = await office.notice("open", str(run), *BY)
    assert "公示编号 1" in again
    assert "文件规定的渠道：报告栏、校园网、微信公众平台" in again
    listed = await office.notice("list")
    assert "公示中  2020年度评星定级结果公示" in listed
    text = await office.notice("text", "1")
    assert (
        f"四星级（3 人）：\n  第一党支部：{name_of('1002')}、{name_of(MEMBER)}\n  第二党支部：{name_of('2001')}" in text
    )
    assert "公示期内有异议的" in text

    person = await Person.get(staff_no=MEMBER)
    await submit_objection(rt.settings, "k", 1, "分数\u009b2J不对", person_id=person.id, now=clock.now())
    waiting = await office.objection("list", "--open")
    assert "分数 2J不对" in waiting
    with pytest.raises(Refusal, match="open_objections"):
        await office.notice("close", "1", "--reason", "撤回", *BY)
    said = await office.objection("answer", "1", "upheld", "--text", "核对无误", *BY)
    assert said.strip() == "已答复（维持）。提出人还没有绑定手机，请您另行告知。"
    assert "没有异议" in await office.objection("list", "--open")
    assert json.loads(await office.objection("list", "--json"))[0]["answer"] == "核对无误"
    assert (await Objection.get(id=1)).answered_by == OFFICE
    with pytest.raises(Refusal, match="notice_running"):
        await office.notice("close", "1", *BY)
    assert "已撤回" in await office.notice("close", "1", "--reason", "名单有误", *BY)


@pytest.mark.fact("S4-17", "S4-30")
async def test_a_text_is_put_up_from_a_file(rt: Runtime, office: Office, tmp_path: Path) -> None:
    await published()
    file = tmp_path / "notice.txt"
    file.write_text("整改进展：12 项中完成 9 项。\n\n下一步：年底前全部完成。\n", encoding="utf-8")
    words = ("--file", str(file), "--title", "第四季度整改进展通报", "--org", "0100", *BY)
    with pytest.raises(Refusal, match="days_needed"):
        await office.notice("open", *words)
    with pytest.raises(BadInput, match="最晚在 366 天以内开始"):
        await office.notice("open", *words, "--days", "10", "--from", "9999-12-31")
    first = today() + timedelta(days=30)
    assert "第四季度整改进展通报" in await office.notice("open", *words, "--days", "10", "--from", str(first))
    text = await office.notice("text", "1")
    assert "整改进展：12 项中完成 9 项。\n下一步" in text
    assert f"{first.year}年{first.month}月{first.day}日至" in text
    assert "共 10 天" in text
    assert await PublicNotice.all().count() == 1
    for bad in (("--days", "3"), ("1", "--file", str(file)), ("--file", str(tmp_path / "none.txt"))):
        with pytest.raises(BadInput):
            await office.notice("open", *bad, *BY)


async def test_a_complaint_is_answered_by_its_number(rt: Runtime, office: Office) -> None:
    await published()
    number = await submit_complaint(rt, "o-1", "k", "太吵", person_id=None, photo="", now=NOW)
    told = await office.complaint("answer", number.rpartition("-")[0], "--text", "已维修", *BY)
    assert "对方匿名" in told
    with pytest.raises(Refusal, match="no_such_complaint"):
        await office.complaint("answer", "20200101-9", "--text", "已维修", *BY)
