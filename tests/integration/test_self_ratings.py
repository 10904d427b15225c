"""自评 by phone: whole, in any order, over days, declared, handed in, reopened."""

import asyncio
import json
from datetime import date
from fractions import Fraction

import asyncpg
import pytest

from config.refusals import Refusal
from models.cycles import Cycle, CycleSubject
from models.filings import Filing
from models.organisations import Organisation
from services.cycles.cycles import create_cycle, scheme_of
from services.ratings.ratings import reopen_rating
from services.records.records import RecordContent, keep_record
from services.runtime import Runtime
from tests.integration.chatting import Phone
from tests.integration.cycles import DEPUTY, MEMBER, OFFICE, OTHER_SECRETARY, SECRETARY, TEAM
from tests.integration.rated import FEBRUARY, make_cycle, phone_of, rate, say_all, self_lines
from tests.integration.world import name_of

FIRST = ["5", "5", "4", "5", "3.5", "5", "4", "5", "5", "5", "4.5", "5", "5", "5", "5"]
SECOND = ["5", "4", "5", "5", "2"]
CHECKS = dict.fromkeys(("theme", "substance", "order", "archive"), True)


@pytest.fixture
async def cycle(rt: Runtime) -> Cycle:
    return await make_cycle()


@pytest.mark.fact("S0-05", "S0-07", "S0-15", "S0-18")
async def test_a_whole_self_rating_by_phone_becomes_its_exact_total(
    rt: Runtime, cycle: Cycle, sql: asyncpg.Connection
) -> None:
    phone = await phone_of(rt, SECRETARY)
    asked = await phone.say("自评")
    assert "第 1/23 项" in asked
    assert "共性指标 1（0—5 分）" in asked
    assert "坚强有力的领导班子" in asked
    assert "第 5/23 项" in await phone.say(" ".join(FIRST[:4]))
    assert "超出范围" in await phone.say("6")
    assert "第 16/23 项" in await phone.say("，".join(FIRST[4:]))
    assert "第 21/23 项" in await phone.say(" ".join(SECOND))
    assert "经验" in await phone.say("全年工作有序")
    assert "问题" in await phone.say("党员带头")
    assert "不能空着" in await phone.say("无")
    asked = await phone.say("学习不够深")
    assert "对照以下 7 条逐项申报" in asked
    assert asked.count("班子不团结、内耗严重、工作不能正常开展") == 1
    assert "有第 8 条" not in asked
    assert "继续看下文" not in asked
    shown = await phone.say("以上都没有")
    total = sum(map(Fraction, [*FIRST, *SECOND]))
    assert f"合计 {float(total):g} 分（满分 100）" in shown
    assert await sql.fetchval("SELECT count(*) FROM ratings") == 0
    done = await phone.say("确认")
    assert "已提交" in done
    assert await phone.repeat() == done
    row = await sql.fetchrow("SELECT slot, content, entered_by, source FROM inputs")
    assert tuple(row) == ("scores.self_check", f'"{float(total):g}"', SECRETARY, "chat")
    given = await sql.fetch("SELECT points FROM rating_values WHERE slot LIKE 'indicators%' ORDER BY id")
    assert [one["points"] for one in given] == [*FIRST, *SECOND]
    assert await sql.fetchval("SELECT count(*) FROM rating_values WHERE slot LIKE 'veto.%' AND text = '无'") == 7


@pytest.mark.fact("S0-39c")
async def test_skipping_jumping_and_what_is_missing(rt: Runtime, cycle: Cycle) -> None:
    phone = await phone_of(rt, SECRETARY)
    assert "第 8/23 项" in await say_all(phone, "自评", "5 5", "第 8 项")
    assert "第 3/23 项" in await phone.say("4 台账不全")
    assert "第 4/23 项" in await phone.say("跳过")
    shown = await phone.say("总览")
    assert "还没填完" in shown
    assert "点 取消 就都不留了" in shown, "it promised to keep everything beside the link that throws it away"
    assert "1:5 2:5 3:— 4:— 5:— 6:— 7:— 8:4" in shown
    assert "没有到确认" in await phone.say("确认")
    assert "共性指标 3" in await phone.say("第3项")
    await phone.say(" ".join(["5"] * 5))
    assert "已填：4 分，台账不全" in await phone.say("第 8 项")
    shown = await say_all(phone, "3", " ".join(["5"] * 12), "回顾", "经验", "总览")
    assert "还没填完：第 23 项" in shown
    shown = await say_all(phone, "第23项", "书记讲党课少", "都没有")
    assert "合计 98 分" in shown
    assert "23 问题：书记讲党课少" in shown
    assert "已提交" in await phone.say("确认")


async def test_a_draft_outlives_redis_and_days(rt: Runtime, cycle: Cycle, sql: asyncpg.Connection) -> None:
    phone = await phone_of(rt, SECRETARY)
    await say_all(phone, "自评", "5 5 5", "跳过", "4")
    await rt.redis.flushall()
    phone.now = phone.now.replace(day=25)
    assert "第 6/23 项" in await phone.say("自评")
    shown = await say_all(phone, " ".join(["5"] * 15), "第 4 项", "5", "回顾", "经验", "问题若干", "都没有")
    assert "合计 99 分" in shown
    assert "已提交" in await phone.say("确认")


async def test_reopening_needs_a_reason_and_keeps_the_rest(rt: Runtime, cycle: Cycle, sql: asyncpg.Connection) -> None:
    await rate(cycle, "0101", "self", self_lines(), SECRETARY)
    phone = await phone_of(rt, SECRETARY)
    assert "2021-02-20 提交" in await phone.say("自评")
    shown = await say_all(phone, "重开自评", "台账核对后有出入")
    assert "合计 100 分" in shown
    assert "已填：5 分" in await phone.say("第 2 项")
    assert "合计 97 分" in await phone.say("2 台账缺页")
    assert "已提交" in await phone.say("确认")
    rows = await sql.fetch("SELECT content, reason, replaced_at IS NULL AS stands FROM inputs ORDER BY id")
    assert [tuple(row) for row in rows] == [('"100"', "", False), ('"97"', "台账核对后有出入", True)]
    row = await sql.fetchrow("SELECT state, version, reopen_reason FROM ratings")
    assert tuple(row) == ("submitted", 2, "台账核对后有出入")


@pytest.mark.fact("S0-19", "S0-21")
async def test_a_declared_veto_becomes_a_claim_that_another_confirms(
    rt: Runtime, cycle: Cycle, sql: asyncpg.Connection
) -> None:
    phone = await phone_of(rt, SECRETARY)
    await say_all(phone, "自评", " ".join(["5"] * 20), "回顾", "经验", "问题若干")
    assert "请回复有的那几条的序号" in await phone.say("8")
    assert "2019 年以来发生重大群体性事件" in await phone.say("5 7")
    assert "宽松软" in await phone.say("2020年6月1日 车间发生重大事故")
    shown = await phone.say("有两名党员参加宗教活动，支部没有处理")
    assert "重大责任事故；党员教育管理宽松软" in shown
    assert await sql.fetchval("SELECT count(*) FROM claims") == 0
    await phone.say("确认")
    rows = await sql.fetch("SELECT rule, state, claimed_by, happened_on::text FROM claims ORDER BY rule")
    assert [tuple(row) for row in rows] == [
        ("S0-19.5", "claimed", SECRETARY, "2020-06-01"),
        ("S0-19.7", "claimed", SECRETARY, None),
    ]


async def test_a_veto_is_declared_by_tapping_its_line(rt: Runtime, cycle: Cycle) -> None:
    phone = await phone_of(rt, SECRETARY)
    await say_all(phone, "自评", " ".join(["5"] * 20), "回顾", "经验", "问题若干")
    assert "您申报了「班子不团结" in await phone.tap("2 班子不团结、内耗严重、工作不能正常开展")
    assert "一票否决事项：班子不团结" in await phone.say("两名委员长期不和")
    await phone.say("上一步")
    assert "您申报了「组织制度形同虚设" in await say_all(phone, "上一步", "有第 3 条")


async def test_two_secretaries_at_once_each_have_their_own_sheet(
    rt: Runtime, cycle: Cycle, sql: asyncpg.Connection
) -> None:
    phones = [await phone_of(rt, SECRETARY), await phone_of(rt, OTHER_SECRETARY)]

    async def fill(phone: Phone, points: str) -> str:
        return await say_all(phone, "自评", " ".join([points] * 20), "回顾", "经验", "问题若干", "都没有", "确认")

    answers = await asyncio.gather(fill(phones[0], "5"), fill(phones[1], "4.5"))
    assert all("已提交" in answer for answer in answers)
    rows = await sql.fetch(
        "SELECT key, content FROM inputs JOIN cycle_subjects ON subject_id = cycle_subjects.id ORDER BY key"
    )
    assert [(row["key"], json.loads(row["content"])) for row in rows] == [("branch:0101", "100"), ("branch:0102", "90")]


async def test_who_has_nothing_to_rate_is_told_so(rt: Runtime, cycle: Cycle) -> None:
    assert "没有要您做的自评" in await (await phone_of(rt, MEMBER)).say("自评")
    assert "没有要您做的自评" in await (await phone_of(rt, "3001")).say("自评")


async def test_records_of_the_year_are_offered_as_evidence_and_stand_beside_the_review(
    rt: Runtime, cycle: Cycle, sql: asyncpg.Connection
) -> None:
    branch = await Organisation.get(code="0101")
    for day, topic in ((3, "学习党章"), (10, "参观纪念馆")):
        content = RecordContent("theme_day", date(2021, 2, day), topic, "会议室", checks=CHECKS)
        await keep_record(f"key{day}", branch.id, content, actor=SECRETARY, now=FEBRUARY)
    phone = await phone_of(rt, SECRETARY)
    assert "选佐证" in await phone.say("自评")
    asked = await phone.say("佐证")
    assert "1 02-03 主题党日 学习党章" in asked
    assert "2 02-10 主题党日 参观纪念馆" in asked
    assert asked.count("学习党章") == 1
    assert "序号，1 到 2" in await phone.say("3")
    assert "佐证：已选 1 条" in await phone.tap("1 02-03 主题党日 学习党章")
    assert "1 02-03 主题党日 学习党章（已选）" in await phone.say("佐证")
    assert "佐证：已选 2 条" in await phone.tap("2 02-10 主题党日 参观纪念馆")
    await say_all(phone, " ".join(["5"] * 20), "回顾", "经验", "问题若干", "都没有", "确认")
    records = await sql.fetchval("SELECT records FROM rating_values WHERE slot = 'indicators.common.1'")
    assert len(json.loads(records)) == 2
    team = await phone_of(rt, TEAM)
    asked = await say_all(team, "打分", "第一党支部")
    assert "佐证：02-03 主题党日 学习党章" in asked


@pytest.mark.fact("S4-34c")
async def test_last_years_points_and_promises_stand_beside_this_years_question(rt: Runtime, cycle: Cycle) -> None:
    words = {"words.3": "党课讲得少"}
    await rate(cycle, "0101", "self", self_lines(["3"] * 20, **words), SECRETARY)
    await promise("0101", "2021", "每季度讲一次党课")
    later = FEBRUARY.replace(year=2022)
    await make_cycle("2022", later)
    phone = await phone_of(rt, SECRETARY, now=later)
    asked = await phone.say("自评")
    assert "2021 年自评：3 分" in asked
    asked = await say_all(phone, " ".join(["4"] * 20), "回顾", "经验")
    assert "2021 年自评：党课讲得少" in asked
    assert "上年述职时的承诺：每季度讲一次党课" in asked


async def promise(code: str, year: str, words: str) -> None:
    """A report of that year, handed in, with one promise."""
    file = f"""
title: {year}年述职
scheme: report-review
year: "{year}"
organisation: "0001"
subjects: {{secretary: [党支部]}}
"""
    cycle = (await create_cycle(file.encode(), now=FEBRUARY, actor="command")).cycle
    subject = await CycleSubject.get(cycle_id=cycle.id, organisation__code=code)
    paper = next(one for one in scheme_of(cycle).papers if any(part.role == "promise" for part in one.parts))
    (part,) = [one for one in paper.parts if one.role == "promise"]
    await Filing.create(
        cycle=cycle,
        paper=paper.key,
        subject=subject,
        source_key=f"{cycle.id}:{paper.key}:{subject.key}",
        state="通过",
        parts=[[part.name, [words]]],
        made_by=SECRETARY,
        made_at=FEBRUARY,
        changed_at=FEBRUARY,
    )


async def test_a_branch_rates_itself_once_whoever_of_its_heads_does_it(
    rt: Runtime, cycle: Cycle, sql: asyncpg.Connection
) -> None:
    deputy = await phone_of(rt, DEPUTY)
    await deputy.say("自评")
    await rate(cycle, "0101", "self", self_lines(), SECRETARY)
    last = await say_all(deputy, " ".join(["5"] * 20), "回顾", "经验", "问题是别的", "都没有", "确认")
    assert f"已由{name_of(SECRETARY)}提交" in last
    assert "2021-02-20 提交" in await deputy.say("自评")
    assert await sql.fetchval("SELECT count(*) FROM ratings") == 1
    number = await sql.fetchval("SELECT id FROM ratings")
    await reopen_rating(number, reason="请副书记核对", now=FEBRUARY, actor=OFFICE)
    await rate(cycle, "0101", "self", self_lines(), DEPUTY)
    with pytest.raises(Refusal, match="submitted"):
        await rate(cycle, "0101", "self", self_lines(), SECRETARY)
