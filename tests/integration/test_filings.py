"""Filings: any paper of any scheme, written, handed in complete, sent back with a reason, passed by another."""

import asyncio

import asyncpg
import pytest

from config.refusals import BadInput, Refusal
from models.filings import Filing
from services.filings.filing_sheets import Move
from services.filings.filings import file_paper, list_steps, move_filing, open_filing, read_filing, write_parts
from services.runtime import Runtime
from tests.integration.reviewing import (
    DEPUTY,
    LEADER,
    LEADER_TWO,
    MEMBER,
    NOW,
    OFFICE,
    OFFICE_TWO,
    REPORT,
    SECRETARIES,
    make_cycle,
)

WRITER = SECRETARIES[0]
ABOUT = f"secretary:{WRITER}"


async def written() -> Filing:
    """A complete report, still a draft."""
    cycle = await make_cycle()
    sheet = await open_filing(cycle.id, "report", ABOUT, now=NOW, actor=WRITER)
    return (await write_parts(sheet.filing.id, REPORT, now=NOW, actor=WRITER)).filing


async def handed_in() -> Filing:
    filing = await written()
    return (await move_filing(filing.id, Move("预审"), now=NOW, actor=WRITER)).filing


async def passed() -> Filing:
    filing = await handed_in()
    await move_filing(filing.id, Move("审阅"), now=NOW, actor=OFFICE)
    return (await move_filing(filing.id, Move("通过"), now=NOW, actor=LEADER)).filing


@pytest.mark.fact("S4-16")
async def test_a_report_goes_from_draft_to_passed_and_every_state_has_its_hand(db: str) -> None:
    filing = await passed()
    assert [(one.from_state, one.to_state, one.by) for one in await list_steps(filing.id)] == [
        ("草稿", "预审", WRITER),
        ("预审", "审阅", OFFICE),
        ("审阅", "通过", LEADER),
    ]


@pytest.mark.fact("S4-16")
async def test_sent_back_with_a_reason_of_the_document_it_is_written_anew_and_what_was_returned_stays(db: str) -> None:
    filing = await handed_in()
    with pytest.raises(BadInput) as bad:
        await move_filing(filing.id, Move("退回", reason="不好看"), now=NOW, actor=OFFICE)
    assert bad.value.faults == [
        "退回的理由应是：一味评功摆好、夸大其词、查找问题不到位、分析原因不深刻、研究解决问题不实",
        "退回时请用一句话说明怎样修改",
    ]
    back = Move("退回", reason="查找问题不到位", part="存在问题", note="请讲自身的问题")
    await move_filing(filing.id, back, now=NOW, actor=OFFICE)
    await write_parts(filing.id, {"存在问题": ["我到窗口少，联系群众不够"]}, now=NOW, actor=WRITER)
    await move_filing(filing.id, Move("预审"), now=NOW, actor=WRITER)
    steps = await list_steps(filing.id)
    assert dict(steps[1].parts)["存在问题"] == REPORT["存在问题"]
    assert dict(steps[2].parts)["存在问题"] == ["我到窗口少，联系群众不够"]
    assert (steps[1].reason, steps[1].part, steps[1].note) == (back.reason, back.part, back.note)


@pytest.mark.fact("S4-10", "S4-14")
async def test_what_is_missing_keeps_it_from_being_handed_in(db: str) -> None:
    cycle = await make_cycle()
    sheet = await open_filing(cycle.id, "report", ABOUT, now=NOW, actor=WRITER)
    assert sheet.missing[:5] == tuple(f"「{name}」还缺 1 项" for name in list(REPORT)[:5])
    parts = {**REPORT, "反面典型案例": []}
    await write_parts(sheet.filing.id, parts, now=NOW, actor=WRITER)
    with pytest.raises(BadInput) as bad:
        await move_filing(sheet.filing.id, Move("预审"), now=NOW, actor=WRITER)
    assert bad.value.faults == ["「反面典型案例」还缺 1 项"]
    with pytest.raises(BadInput) as bad:
        await write_parts(sheet.filing.id, {"正面典型案例": ["一", "二", "三"], "感想": ["多"]}, now=NOW, actor=WRITER)
    assert bad.value.faults[0].startswith("没有「感想」这一部分")
    assert bad.value.faults[1:] == ["「正面典型案例」最多 2 项，现有 3 项"]


async def test_only_the_hand_that_has_it_may_act(db: str) -> None:
    filing = await handed_in()
    for actor, to in ((WRITER, "审阅"), (MEMBER, "审阅"), (LEADER, "审阅"), (SECRETARIES[1], "退回")):
        with pytest.raises(Refusal) as refused:
            await move_filing(filing.id, Move(to, reason="夸大其词", note="改"), now=NOW, actor=actor)
        assert refused.value.code == "not_entitled"
    with pytest.raises(Refusal) as refused:
        await write_parts(filing.id, {"学习贯彻": ["改"]}, now=NOW, actor=WRITER)
    assert refused.value.code == "handed_in"
    with pytest.raises(Refusal) as refused:
        await move_filing(filing.id, Move("通过"), now=NOW, actor=OFFICE)
    assert "可以转到「审阅」或「退回」" in refused.value.say


async def test_who_handed_it_in_does_not_review_it(db: str) -> None:
    cycle = await make_cycle()
    sheet = await file_paper(
        cycle.id, "supervision", ABOUT, {"平时情况": ["好"], "研判意见": ["稳"]}, now=NOW, actor=OFFICE
    )
    with pytest.raises(Refusal) as refused:
        await move_filing(sheet.filing.id, Move("收下"), now=NOW, actor=OFFICE)
    assert refused.value.code == "same_person"
    await move_filing(sheet.filing.id, Move("收下"), now=NOW, actor=OFFICE_TWO)


async def test_who_handed_it_in_does_not_pass_it_after_another_has_reviewed_it(
    db: str, sql: asyncpg.Connection
) -> None:
    cycle = await make_cycle()
    await sql.execute(
        "INSERT INTO posts (person_id, organisation_id, title) SELECT p.id, o.id, '领导' FROM people p, organisations o"
        " WHERE p.staff_no = $1 AND o.code = '0001'",
        DEPUTY,
    )
    sheet = await file_paper(cycle.id, "report", ABOUT, REPORT, now=NOW, actor=DEPUTY)
    await move_filing(sheet.filing.id, Move("审阅"), now=NOW, actor=OFFICE)
    with pytest.raises(Refusal) as refused:
        await move_filing(sheet.filing.id, Move("通过"), now=NOW, actor=DEPUTY)
    assert refused.value.code == "same_person"
    await move_filing(sheet.filing.id, Move("通过"), now=NOW, actor=LEADER)


async def test_two_reviewers_at_once_the_second_is_told_who_was_first(db: str) -> None:
    filing = await handed_in()
    back = Move("退回", version=filing.version, reason="夸大其词", note="请核实数字")
    done = await asyncio.gather(
        move_filing(filing.id, Move("审阅", version=filing.version), now=NOW, actor=OFFICE),
        move_filing(filing.id, back, now=NOW, actor=OFFICE_TWO),
        return_exceptions=True,
    )
    (refusal,) = [one for one in done if isinstance(one, Refusal)]
    assert refusal.code == "stale"
    assert "已由测九零零" in refusal.say
    assert len(await list_steps(filing.id)) == 2


async def test_repeats_change_nothing(db: str, sql: asyncpg.Connection) -> None:
    cycle = await make_cycle()
    sheets = await asyncio.gather(
        *(open_filing(cycle.id, "report", ABOUT, now=NOW, actor=by) for by in (WRITER, DEPUTY) for _ in range(3))
    )
    assert len({one.filing.id for one in sheets}) == 1
    filing_id = sheets[0].filing.id
    for _ in range(2):
        await write_parts(filing_id, {"学习贯彻": ["第一段"]}, add=True, key="k1", now=NOW, actor=WRITER)
    sheet = await write_parts(filing_id, {"学习贯彻": ["第二段"]}, add=True, key="k2", now=NOW, actor=WRITER)
    assert sheet.filing.filled == {"学习贯彻": ["第一段", "第二段"]}
    await write_parts(filing_id, REPORT, now=NOW, actor=WRITER)
    for _ in range(2):
        await move_filing(filing_id, Move("预审", key="k3"), now=NOW, actor=WRITER)
    await move_filing(filing_id, Move("审阅"), now=NOW, actor=OFFICE)
    late = await move_filing(filing_id, Move("预审", version=3, key="k3"), now=NOW, actor=WRITER)
    assert late.filing.state == "审阅"
    assert await sql.fetchval("SELECT count(*) FROM filing_steps") == 2


@pytest.mark.fact("S4-34c")
async def test_last_years_promises_stand_in_this_years_report(db: str) -> None:
    before = await make_cycle("2020")
    await file_paper(before.id, "report", ABOUT, REPORT, now=NOW, actor=WRITER)
    await file_paper(before.id, "report", f"secretary:{SECRETARIES[1]}", REPORT, now=NOW, actor=SECRETARIES[1])
    cycle = await make_cycle("2021")
    sheet = await open_filing(cycle.id, "report", ABOUT, now=NOW, actor=WRITER)
    assert sheet.filing.promises == ["每季度到窗口听意见 1 次"]
    newcomer = await open_filing(cycle.id, "report", f"secretary:{SECRETARIES[2]}", now=NOW, actor=SECRETARIES[2])
    assert newcomer.filing.promises == []


@pytest.mark.fact("S4-34b")
async def test_supervision_and_self_inspection_are_two_different_records(db: str) -> None:
    cycle = await make_cycle()
    kept = [
        await file_paper(
            cycle.id, "supervision", ABOUT, {"平时情况": ["好"], "研判意见": ["稳"]}, now=NOW, actor=OFFICE
        ),
        await file_paper(
            cycle.id, "self_inspection", None, {"落实情况": ["已落实"], "补救措施": ["补课"]}, now=NOW, actor=OFFICE
        ),
    ]
    assert [(one.paper.title, one.filing.state) for one in kept] == [("督查记录", "已交"), ("自查记录", "已交")]
    with pytest.raises(Refusal):
        await file_paper(cycle.id, "supervision", ABOUT, {"平时情况": ["好"]}, now=NOW, actor=WRITER)


async def test_a_filing_is_read_by_those_who_have_to_do_with_it(db: str) -> None:
    filing = await handed_in()
    for actor in (WRITER, DEPUTY, OFFICE, LEADER_TWO):
        assert (await read_filing(filing.id, actor)).filing.filled == dict(REPORT)
    for actor in (MEMBER, SECRETARIES[1]):
        with pytest.raises(Refusal) as refused:
            await read_filing(filing.id, actor)
        assert refused.value.code == "not_entitled"


async def test_the_writer_hears_of_each_move_and_of_the_part_to_write_anew(
    rt: Runtime, sql: asyncpg.Connection
) -> None:
    filing = await handed_in()
    back = Move("退回", reason="查找问题不到位", part="存在问题", note="请讲自身的问题")
    await move_filing(filing.id, back, now=NOW, actor=OFFICE)
    rows = await sql.fetch("SELECT staff_no, text FROM notices JOIN people ON people.id = person_id")
    assert [tuple(row) for row in rows] == [
        (
            WRITER,
            "「2021年度述职评议」您的述职报告退回修改。「存在问题」这一部分：查找问题不到位。请讲自身的问题\n回复 述职 接着改，改好再交。",
        )
    ]
