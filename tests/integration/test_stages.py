"""The calendar of a cycle: the document's days, and those that the office sets in their place."""

from datetime import UTC, date, datetime

import asyncpg
import pytest

from config.refusals import BadInput, Refusal
from services.cycles.cycles import create_cycle
from services.cycles.stages import finish_stage, set_stage, stage_days
from services.people.roster import import_roster
from tests.integration.cycles import FILE, NOW, OFFICE, SECRETARY, make_cycle, roster
from tests.integration.voted import REVIEW

STAR = FILE
STEEL = """
title: 以评促建
scheme: meet-standard
year: "2021"
organisation: "0001"
subjects: {branch: [党总支, 党支部]}
"""


@pytest.mark.fact("S2-12", "S2-13", "S2-15", "S2-16", "S2-17")
async def test_star_rating_has_the_days_of_its_document(db: str) -> None:
    days = await stage_days(await make_cycle(STAR))
    assert (days["building"].starts, days["building"].due) == (date(2020, 3, 1), date(2020, 11, 30))
    assert (days["self_report"].starts, days["self_report"].due) == (date(2020, 11, 1), date(2020, 11, 30))
    assert (days["assessment"].starts, days["assessment"].due) == (date(2020, 12, 1), date(2020, 12, 31))
    assert days["naming"].due == date(2021, 1, 31)
    assert (days["review"].starts, days["review"].due) == (date(2020, 12, 1), date(2020, 12, 31))


@pytest.mark.fact("S2-14")
async def test_a_stage_without_a_day_gets_one_from_the_office_and_lies_within_what_it_belongs_to(db: str) -> None:
    cycle = await make_cycle(STAR)
    assert (await stage_days(cycle))["self_check"].own is None
    # Before the team begins: at the latest when the whole of the building is due.
    assert (await stage_days(cycle))["self_check"].due == date(2020, 11, 30)
    moved = await set_stage(
        cycle.id, "self_check", {"due": date(2020, 11, 20)}, reason="考核组 12 月 1 日进点", now=NOW, actor=OFFICE
    )
    assert (moved.due, moved.reason) == (date(2020, 11, 20), "考核组 12 月 1 日进点")


@pytest.mark.fact("S0-07", "S0-08", "S0-09", "S0-10", "S0-11", "A5")
async def test_the_steel_company_has_five_steps_and_a_soft_day_before_the_hard_one(db: str) -> None:
    await import_roster(roster(), now=NOW, actor="test")
    days = await stage_days((await create_cycle(STEEL.encode(), now=NOW, actor="command")).cycle)
    assert (days["self_check"].starts, days["self_check"].due) == (date(2021, 2, 1), date(2021, 2, 28))
    review = days["full_review"]
    assert (review.starts, review.soft, review.due) == (date(2021, 2, 1), date(2021, 3, 10), date(2021, 3, 15))
    assert [days[key].due for key in ("cross_review", "spot_check")] == [date(2021, 4, 30), date(2021, 5, 31)]
    assert (days["consolidate"].starts, days["consolidate"].due) == (date(2021, 6, 1), date(2021, 12, 31))


@pytest.mark.fact("S4-01", "S4-02", "S4-04", "S4-05", "S4-06", "A27")
async def test_the_reports_have_their_days_and_the_earlier_of_two_contradicting_ones_counts(db: str) -> None:
    await import_roster(roster(), now=NOW, actor="test")
    cycle = (await create_cycle(REVIEW.encode(), now=NOW, actor="command")).cycle
    days = await stage_days(cycle)
    assert days["whole"].starts == date(2021, 11, 1)
    assert [days[key].due for key in ("party_group_report", "reports")] == [date(2021, 12, 19), date(2021, 12, 31)]
    assert (days["meeting"].own, days["meeting"].due) == (date(2022, 1, 20), date(2022, 1, 18))
    # The office settles it: the whole is moved, and the meeting keeps its own day.
    await set_stage(cycle.id, "whole", {"due": date(2022, 1, 20)}, reason="以会期为准", now=NOW, actor=OFFICE)
    assert (await stage_days(cycle))["meeting"].due == date(2022, 1, 20)


async def test_setting_a_day_moves_this_stage_only_is_audited_and_repeats_change_nothing(
    db: str, sql: asyncpg.Connection
) -> None:
    cycle = await make_cycle(STAR)
    before = await stage_days(cycle)
    for _ in range(2):
        await set_stage(cycle.id, "naming", {"due": date(2021, 1, 20)}, reason="校历", now=NOW, actor=OFFICE)
    after = await stage_days(cycle)
    assert {key for key in after if after[key] != before[key]} == {"naming"}
    entries = await sql.fetch("SELECT actor, object FROM audit_entries WHERE action = 'set_stage'")
    assert [tuple(one) for one in entries] == [(OFFICE, f"cycle:{cycle.id}")]
    await set_stage(cycle.id, "naming", {"due": None}, reason="恢复", now=NOW, actor=OFFICE)
    assert (await stage_days(cycle))["naming"].due == before["naming"].due


async def test_only_the_office_sets_days_and_says_why_and_never_backwards(db: str) -> None:
    cycle = await make_cycle(STAR)
    change = {"due": date(2021, 1, 20)}
    with pytest.raises(Refusal, match="not_entitled"):
        await set_stage(cycle.id, "naming", change, reason="想改", now=NOW, actor=SECRETARY)
    with pytest.raises(BadInput, match="理由"):
        await set_stage(cycle.id, "naming", change, reason=" ", now=NOW, actor=OFFICE)
    with pytest.raises(BadInput, match="请写 2019 至 2025 年的日期"):
        await set_stage(cycle.id, "assessment", {"due": date(9999, 12, 31)}, reason="长期", now=NOW, actor=OFFICE)
    with pytest.raises(BadInput, match="前后颠倒"):
        await set_stage(cycle.id, "naming", {"due": date(2020, 12, 1)}, reason="早办", now=NOW, actor=OFFICE)
    with pytest.raises(Refusal, match="no_such_stage"):
        await set_stage(cycle.id, "nameing", change, reason="想改", now=NOW, actor=OFFICE)
    assert (await stage_days(cycle))["naming"].reason == ""


async def test_a_finished_stage_is_remembered_once(db: str, sql: asyncpg.Connection) -> None:
    cycle = await make_cycle(STAR)
    for hour in (1, 2):
        done = await finish_stage(cycle.id, "kick_off", now=datetime(2020, 3, 1, hour, tzinfo=UTC), actor=OFFICE)
    assert done.finished_at == datetime(2020, 3, 1, 1, tzinfo=UTC)
    assert await sql.fetchval("SELECT count(*) FROM audit_entries WHERE action = 'finish_stage'") == 1


@pytest.mark.fact("S4-03", "S4-07")
async def test_a_cycle_file_sets_days_and_all_its_faults_are_told(db: str) -> None:
    await import_roster(roster(), now=NOW, actor="test")
    wrong = (
        REVIEW + "stages: {meting: {due: 2022-01-19, reason: 早些}, superior_report: {due: 1月, by: 我, reason: 通知}}"
    )
    with pytest.raises(BadInput) as told:
        await create_cycle(wrong.encode(), now=NOW, actor="command")
    assert "stages.superior_report" in str(told.value)
    wrong = REVIEW + "stages: {meting: {due: 2022-01-19, reason: 早些}}"
    with pytest.raises(BadInput, match="meeting"):
        await create_cycle(wrong.encode(), now=NOW, actor="command")
    right = REVIEW + (
        "stages: {committee_report: {due: 2022-01-10, reason: 工委通知}, superior_report: {due: 2022-01-18, reason: 及时}}"
    )
    cycle = (await create_cycle(right.encode(), now=NOW, actor="command")).cycle
    days = await stage_days(cycle)
    assert [days[key].due for key in ("committee_report", "superior_report")] == [date(2022, 1, 10), date(2022, 1, 18)]


async def test_a_stage_that_was_finished_by_mistake_is_open_again_with_a_new_day(
    db: str, sql: asyncpg.Connection
) -> None:
    cycle = await make_cycle()
    await finish_stage(cycle.id, "kick_off", now=NOW, actor=OFFICE)
    day = date(2020, 4, 15)
    moved = await set_stage(cycle.id, "kick_off", {"due": day}, reason="点错了", now=NOW, actor=OFFICE)
    assert (moved.due, moved.finished_at) == (day, None)
    await finish_stage(cycle.id, "kick_off", now=NOW, actor=OFFICE)
    # The same file imported once more changes nothing.
    same = await set_stage(cycle.id, "kick_off", {"due": day}, reason="", now=NOW, actor=OFFICE)
    assert same.finished_at == NOW
    detail = await sql.fetchval("SELECT detail FROM audit_entries WHERE action = 'set_stage'")
    assert '"was_finished": true' in str(detail)
