"""公示 and 异议: what may be read by everybody, for the scheme's days; objections received, answered, told (S2-35, S4-17)."""

import asyncio
from datetime import date, datetime, timedelta

import asyncpg
import pytest

from config.refusals import BadInput, Refusal
from models.cycles import Cycle
from models.people import Person
from models.public_notices import PublicNotice
from services.cycles.cycles import change_settings
from services.cycles.inputs import InputRow
from services.dues import Due
from services.public_notices.notice_contents import paste_text, read_content
from services.public_notices.objections import answer_objection, submit_objection
from services.public_notices.public_notices import (
    TextSpec,
    close_due,
    day_of,
    end_notice,
    open_result_notice,
    open_text_notice,
)
from services.ratings.entries import enter_inputs
from services.reminders.agenda import list_agenda
from services.runs.publications import publish_run
from services.runs.runs import compute_run
from services.runtime import Runtime
from tests.integration.cycles import LEADER, MEMBER, NOW, OFFICE, SECRETARY, TEAM, fill, make_cycle, phone_of
from tests.integration.world import name_of

DAY = timedelta(days=1)
SPEC = TextSpec("0100", "第一党支部述职报告摘要", ("成绩：组织主题党日 12 次。", "问题：学习不够深入。"))


@pytest.fixture
async def cycle(rt: Runtime) -> Cycle:
    made = await make_cycle()
    await fill(made)
    return made


async def published(cycle: Cycle, reason: str = "") -> int:
    run = await compute_run(cycle.id, now=NOW, actor="command")
    await publish_run(run.id, now=NOW, actor=LEADER, accept_open=True, reason=reason)
    return run.id


async def set_days(cycle: Cycle, days: str = "5") -> None:
    await change_settings(cycle.id, {"notice_days": days}, now=NOW, actor=OFFICE, reason="党委会定")


async def on_notice(cycle: Cycle) -> PublicNotice:
    await set_days(cycle)
    return await open_result_notice(await published(cycle), now=NOW, actor=OFFICE)


@pytest.mark.fact("S2-35")
async def test_the_days_are_the_offices_to_set_and_never_invented(rt: Runtime, cycle: Cycle) -> None:
    run = await published(cycle)
    with pytest.raises(Refusal) as refused:
        await open_result_notice(run, now=NOW, actor=OFFICE)
    assert refused.value.code == "missing_notice_days"
    assert "须由学院党委设定" in refused.value.say
    await set_days(cycle)
    run = await published(cycle, "设置了公示天数")
    with pytest.raises(BadInput, match="5 天"):
        await open_result_notice(run, days=7, now=NOW, actor=OFFICE)
    notice = await open_result_notice(run, now=NOW, actor=OFFICE)
    assert (notice.from_day, notice.to_day) == (date(2020, 12, 20), date(2020, 12, 24))


async def test_only_what_is_published_by_whom_it_may_be_and_once(
    rt: Runtime, cycle: Cycle, sql: asyncpg.Connection
) -> None:
    await set_days(cycle)
    unpublished = await compute_run(cycle.id, now=NOW, actor="command")
    with pytest.raises(Refusal, match="not_published"):
        await open_result_notice(unpublished.id, now=NOW, actor=OFFICE)
    run = await published(cycle)
    for actor, code in ((TEAM, "not_entitled"), ("command", "name_needed")):
        with pytest.raises(Refusal, match=code):
            await open_result_notice(run, now=NOW, actor=actor)
    made = await asyncio.gather(*(open_result_notice(run, now=NOW, actor=one) for one in (OFFICE, LEADER, OFFICE)))
    assert len({one.code for one in made}) == 1
    assert len(made[0].code) == 28
    assert await sql.fetchval("SELECT count(*) FROM public_notices") == 1
    assert await sql.fetchval("SELECT count(*) FROM audit_entries WHERE action = 'open_public_notice'") == 1


async def test_those_whom_it_is_about_are_told_once_on_its_first_morning(
    rt: Runtime, cycle: Cycle, sql: asyncpg.Connection
) -> None:
    await set_days(cycle)
    run = await published(cycle)
    for _ in range(2):
        await open_result_notice(run, from_day=date(2020, 12, 22), now=NOW, actor=OFFICE)
    rows = await sql.fetch(
        "SELECT staff_no, due_at FROM notices JOIN people ON people.id = person_id WHERE kind = 'public_notice' ORDER BY 1"
    )
    assert [row["staff_no"] for row in rows] == ["1001", "1002", "1003", "1004", "2001", "2002", "9101"]
    assert {row["due_at"] for row in rows} == {NOW + 2 * DAY}


@pytest.mark.fact("S2-35")
async def test_names_bands_and_awards_are_public_and_no_figure_is(rt: Runtime, cycle: Cycle) -> None:
    content = await read_content(await on_notice(cycle), day_of(NOW))
    shown = {
        (group.title, band.title): [one.name for one in band.people] for group in content.groups for band in group.bands
    }
    assert shown["党支部", "四星级"] == ["第一党支部"]
    assert shown["党支部", "五星级"] == ["第二党支部"]
    assert name_of(MEMBER) in shown["党员", "四星级"]
    text = paste_text(content)
    assert "  第一党支部：" in text
    members = next(band for group in content.groups if group.title == "党员" for band in group.bands[1:])
    assert name_of(MEMBER) in [one.name for one in dict(members.by_branch())["第一党支部"]]
    assert "89.9" not in text
    assert "85" not in text
    assert name_of("1009") not in text, "who is exempt is nobody's business"
    assert "公示期：2020年12月20日至12月24日，共 5 天。" in text
    assert "接受教职工监督" in text
    assert "六(三)4" in text


async def test_a_notice_runs_from_its_first_to_its_last_day(rt: Runtime, cycle: Cycle) -> None:
    await set_days(cycle)
    notice = await open_result_notice(await published(cycle), from_day=date(2020, 12, 22), now=NOW, actor=OFFICE)
    for day, is_shown, state in (
        (21, False, "12月22日开始"),
        (22, True, "还有 5 天"),
        (26, True, "最后一天"),
        (27, False, "已结束"),
    ):
        content = await read_content(notice, date(2020, 12, day))
        assert content.is_shown == is_shown
        assert state in content.state
        assert bool(content.groups) == is_shown
    phone = await phone_of(rt, MEMBER)
    assert "现在没有公示" in await phone.say("公示")
    phone.now = NOW + 2 * DAY
    seen = await phone.say("公示")
    assert "五星级：第二党支部" in seen
    assert f"/notice/{notice.code}" in seen


async def test_strangers_are_asked_to_bind_and_two_notices_are_listed(rt: Runtime, cycle: Cycle) -> None:
    await on_notice(cycle)
    text = await open_text_notice(SPEC, days=7, now=NOW, actor=OFFICE)
    phone = await phone_of(rt, MEMBER)
    listed = await phone.say("公示")
    assert "2020年度评星定级结果公示" in listed
    assert "第一党支部述职报告摘要" in await phone.say(f"公示{text.id}")
    assert "还没有绑定" in await type(phone)(rt, "o-stranger", NOW).say("公示")


@pytest.mark.fact("S4-17")
async def test_the_summary_of_a_report_is_put_on_notice_for_the_days_that_the_office_names(
    rt: Runtime, cycle: Cycle, sql: asyncpg.Connection
) -> None:
    with pytest.raises(Refusal, match="days_needed"):
        await open_text_notice(SPEC, days=None, now=NOW, actor=OFFICE)
    made = await asyncio.gather(*(open_text_notice(SPEC, days=7, now=NOW, actor=OFFICE) for _ in range(3)))
    assert await sql.fetchval("SELECT count(*) FROM public_notices") == 1
    content = await read_content(made[0], day_of(NOW))
    assert content.paragraphs == SPEC.paragraphs
    with pytest.raises(BadInput, match="title"):
        await open_text_notice(TextSpec("0100", " ", ()), days=7, now=NOW, actor=OFFICE)
    with pytest.raises(Refusal, match="not_entitled"):
        await open_text_notice(SPEC, days=7, now=NOW, actor=TEAM)


@pytest.mark.fact("S4-17", "S4-25")
async def test_grades_that_are_told_within_a_circle_never_stand_on_an_open_page(rt: Runtime) -> None:
    file = (
        "title: 述职考核\nscheme: report-review\nyear: '2020'\norganisation: '0100'\nsubjects: {secretary: [党支部]}\n"
    )
    made = await make_cycle(file)
    with pytest.raises(Refusal) as refused:
        await open_result_notice(await published(made), days=5, now=NOW, actor=OFFICE)
    assert refused.value.code == "not_public"


async def dues_of(number: str) -> list[Due]:
    """What somebody has to do about objections."""
    person = await Person.get(staff_no=number)
    return [due for due in await list_agenda(NOW, [person.id]) if due.word == "答复异议"]


@pytest.mark.fact("S2-35")
async def test_an_objection_is_received_answered_and_told(rt: Runtime, cycle: Cycle) -> None:
    notice = await on_notice(cycle)
    member, office = await phone_of(rt, MEMBER), await phone_of(rt, OFFICE)
    asked = await member.say("异议")
    assert "异议是实名的" in asked
    assert name_of(MEMBER) in asked
    assert "将实名提交" in await member.speak("我的民主测评分不对")
    done = await member.say("确认")
    assert "编号 20201220-1" in done
    assert await member.repeat() == done
    assert "已收到，等待答复（公示到2020年12月24日）" in await member.say("异议")
    assert [due.by for due in await dues_of(OFFICE)] == [notice.to_day]

    assert "我的民主测评分不对" in await office.say("答复异议")
    await office.say("维持")
    await office.say("经核对计票无误")
    assert "已答复（维持）。会在微信里通知提出人。" in await office.say("确认")
    assert "现在没有等您答复的异议" in await office.say("答复异议")
    assert "已答复：维持。经核对计票无误" in await member.say("异议")
    told = "您对「2020年度评星定级结果公示」的异议（20201220-1）已答复：维持。回复 异议 随时可看。经核对计票无误"
    assert told in await member.say("任务")
    assert await dues_of(OFFICE) == []


async def object_to(rt: Runtime, notice: PublicNotice, number: str = MEMBER, now: datetime = NOW) -> int:
    person = await Person.get(staff_no=number)
    made = await submit_objection(rt.settings, f"k-{number}", notice.id, "不对", person_id=person.id, now=now)
    return made.id


async def test_two_officers_at_once_give_one_answer(rt: Runtime, cycle: Cycle, sql: asyncpg.Connection) -> None:
    objection = await object_to(rt, await on_notice(cycle))
    answers = [("upheld", "核对无误"), ("corrected", "确有错误"), ("upheld", "没有问题")]
    done = await asyncio.gather(
        *(answer_objection(objection, outcome=o, answer=a, now=NOW, actor=OFFICE) for o, a in answers),
        return_exceptions=True,
    )
    refused = [one for one in done if isinstance(one, Refusal)]
    assert [one.code for one in refused] == ["answered"] * 2
    assert await sql.fetchval("SELECT count(*) FROM notices WHERE kind = 'objection'") == 1
    row = await sql.fetchrow("SELECT outcome, answer FROM objections")
    outcome, answer = row["outcome"], row["answer"]
    again = await answer_objection(objection, outcome=outcome, answer=answer, now=NOW, actor=OFFICE)
    assert again.answer == answer


async def test_a_second_officers_stale_phone_is_told(rt: Runtime, cycle: Cycle) -> None:
    objection = await object_to(rt, await on_notice(cycle))
    office = await phone_of(rt, OFFICE)
    for word in ("答复异议", "更正", "确有错误"):
        await office.say(word)
    await answer_objection(objection, outcome="upheld", answer="核对无误", now=NOW, actor=OFFICE)
    assert "已经答复（维持）" in await office.say("确认")


async def test_who_may_object_and_until_when(rt: Runtime, cycle: Cycle, sql: asyncpg.Connection) -> None:
    notice = await on_notice(cycle)
    with pytest.raises(Refusal, match="not_entitled"):
        await object_to(rt, notice, LEADER)  # of the committee above, on whose roster nobody is assessed here
    with pytest.raises(Refusal, match="not_running"):
        await object_to(rt, notice, MEMBER, NOW + 5 * DAY)
    # Assessed here, and gone to another organisation since.
    await sql.execute(
        "UPDATE people SET organisation_id = (SELECT id FROM organisations WHERE code = '0103') WHERE staff_no = '1003'"
    )
    assert await object_to(rt, notice, MEMBER)


async def test_nobody_answers_their_own_objection(rt: Runtime, cycle: Cycle, sql: asyncpg.Connection) -> None:
    notice = await on_notice(cycle)
    await sql.execute(
        "INSERT INTO posts (title, person_id, organisation_id) "
        "SELECT '组织部', p.id, o.id FROM people p, organisations o WHERE staff_no = '1003' AND o.code = '0100'"
    )
    objection = await object_to(rt, notice)
    with pytest.raises(Refusal, match="not_entitled"):
        await answer_objection(objection, outcome="corrected", answer="改", now=NOW, actor=MEMBER)
    assert await dues_of(MEMBER) == []


async def test_open_objections_keep_a_notice_from_ending(rt: Runtime, cycle: Cycle, sql: asyncpg.Connection) -> None:
    notice = await on_notice(cycle)
    with pytest.raises(Refusal, match="notice_running"):
        await end_notice(notice.id, now=NOW, actor=OFFICE)
    objection = await object_to(rt, notice)
    over = NOW + 5 * DAY
    for reason in ("", "撤回"):
        with pytest.raises(Refusal, match="open_objections"):
            await end_notice(notice.id, reason=reason, now=over, actor=OFFICE)
    assert await close_due(rt, over) == 0
    await answer_objection(objection, outcome="upheld", answer="核对无误", now=over, actor=OFFICE)
    assert await close_due(rt, NOW + 4 * DAY) == 0
    assert sorted(await asyncio.gather(close_due(rt, over), close_due(rt, over))) == [0, 1]
    assert await sql.fetchval("SELECT state FROM public_notices") == "closed"


async def test_a_corrected_result_replaces_its_notice_once_all_is_answered(rt: Runtime, cycle: Cycle) -> None:
    notice = await on_notice(cycle)
    objection = await object_to(rt, notice, SECRETARY)
    row = InputRow("branch:0101", "scores.team", "95", "异议核实后更正")
    await enter_inputs(cycle.id, [row], actor=OFFICE, now=NOW)
    run = await published(cycle, "异议核实后更正")
    stale = await read_content(notice, day_of(NOW))
    assert not stale.is_shown
    assert "已经更正" in stale.state
    with pytest.raises(Refusal, match="open_objections"):
        await open_result_notice(run, now=NOW, actor=OFFICE)
    await answer_objection(objection, outcome="corrected", answer="已更正", now=NOW, actor=OFFICE)
    fresh = await open_result_notice(run, now=NOW, actor=OFFICE)
    await notice.refresh_from_db()
    assert notice.state == "replaced"
    assert "作废" in (await read_content(notice, day_of(NOW))).state
    assert (await read_content(fresh, day_of(NOW))).is_shown


async def test_a_wrong_text_can_be_withdrawn_with_a_reason(rt: Runtime, cycle: Cycle) -> None:
    notice = await open_text_notice(SPEC, days=7, now=NOW, actor=OFFICE)
    ended = await end_notice(notice.id, reason="摘要有误", now=NOW, actor=OFFICE)
    assert ended.state == "withdrawn"
    content = await read_content(ended, day_of(NOW))
    assert content.paragraphs == ()
    assert "撤回" in content.state


async def test_what_was_withdrawn_by_mistake_is_put_up_again(rt: Runtime, cycle: Cycle) -> None:
    await set_days(cycle)
    run = await published(cycle)
    texts = [await open_text_notice(SPEC, days=7, now=NOW, actor=OFFICE)]
    results = [await open_result_notice(run, from_day=(NOW + DAY).date(), now=NOW, actor=OFFICE)]
    for _ in range(2):
        await end_notice(texts[-1].id, reason="撤错了", now=NOW, actor=OFFICE)
        await end_notice(results[-1].id, reason="日期定错了", now=NOW, actor=OFFICE)
        texts += await asyncio.gather(*(open_text_notice(SPEC, days=7, now=NOW, actor=OFFICE) for _ in range(3)))
        results += await asyncio.gather(*(open_result_notice(run, now=NOW, actor=OFFICE) for _ in range(3)))
        assert len({one.id for one in texts[-3:]}) == len({one.id for one in results[-3:]}) == 1
        assert {texts[-1].state, results[-1].state} == {"open"}
        assert results[-1].from_day == day_of(NOW)


async def test_a_correction_that_is_taken_back_puts_the_first_result_up_again(rt: Runtime, cycle: Cycle) -> None:
    first = await on_notice(cycle)
    for score, why in (("95", "异议核实后更正"), ("91", "复核后改回")):
        await enter_inputs(cycle.id, [InputRow("branch:0101", "scores.team", score, why)], actor=OFFICE, now=NOW)
        run = await published(cycle, why)
        fresh = await open_result_notice(run, now=NOW, actor=OFFICE)
    assert fresh.run_id == first.run_id
    assert (fresh.state, fresh.id != first.id) == ("open", True)
    assert (await read_content(fresh, day_of(NOW))).is_shown
    assert await PublicNotice.filter(state="open").count() == 1


async def test_nobody_is_sent_to_a_notice_that_ended_before_its_first_morning(
    rt: Runtime, cycle: Cycle, sql: asyncpg.Connection
) -> None:
    await set_days(cycle)
    run, begins = await published(cycle), (NOW + 3 * DAY).date()
    notice = await open_result_notice(run, from_day=begins, now=NOW, actor=OFFICE)
    count = "SELECT count(*) FROM notices WHERE kind = 'public_notice'"
    assert await sql.fetchval(count) > 0
    await end_notice(notice.id, reason="日期定错了", now=NOW + DAY, actor=OFFICE)
    assert await sql.fetchval(count) == 0
