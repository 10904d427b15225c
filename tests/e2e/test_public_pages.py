"""Public notices, explanations and uploads in a real browser, on a phone and on a desk, through WeChat's login."""

import io
import zipfile
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, Route, expect

from models.cycles import Cycle
from models.organisations import Organisation
from models.people import Person
from models.public_notices import PublicNotice
from models.records import Record
from models.uploads import Upload
from services.cycles.cycles import change_settings
from services.filings.uploads import Target, upload_page
from services.public_notices.public_notices import TextSpec, address_of, open_result_notice, open_text_notice
from services.records.records import RecordContent, keep_record
from services.runs.publications import publish_run
from services.runs.runs import compute_run
from services.runtime import Runtime
from tests.e2e.browsing import DESK, PHONE, be, open_browser, serve_pages, width_of
from tests.faults.platform import Platform
from tests.integration.cycles import LEADER, MEMBER, NOW, OFFICE, SECRETARY, fill, make_cycle
from tests.integration.led import bound
from tests.integration.world import name_of
from tests.ports import free_port

pytestmark = pytest.mark.usefixtures("platform")

DIGEST = TextSpec(
    "0100",
    "第一党支部现场述职报告摘要",
    (
        "一年来，支部组织主题党日 12 次，党员参加率 96%；与社区结对，帮助 7 户困难家庭。",
        "存在的问题：理论学习不够深入，党员教育形式单一，后进支部整顿进展慢。",
        "努力方向：每季度开展一次专题研讨，书记带头讲党课，年底前完成整顿。",
    ),
)


@pytest.fixture
def settings_values(settings_values: dict[str, str]) -> dict[str, str]:
    return settings_values | {"PORT": str(free_port())}


class Clock:
    """The pages' time, which a test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
async def clock(rt: Runtime) -> AsyncIterator[Clock]:
    """The pages are being served; by this clock."""
    clock = Clock()
    async with serve_pages(rt, clock):
        yield clock


@pytest.fixture
async def phone() -> AsyncIterator[BrowserContext]:
    async with open_browser(*PHONE) as context:
        yield context


@pytest.fixture
async def desk() -> AsyncIterator[BrowserContext]:
    async with open_browser(*DESK) as context:
        yield context


@pytest.fixture
async def cycle(rt: Runtime) -> Cycle:
    made = await make_cycle()
    await fill(made)
    await change_settings(made.id, {"notice_days": "5"}, now=NOW, actor=OFFICE, reason="党委会定")
    run = await compute_run(made.id, now=NOW, actor="command")
    await publish_run(run.id, now=NOW, actor=LEADER, accept_open=True)
    return made


async def noticed(cycle: Cycle) -> PublicNotice:
    run = await compute_run(cycle.id, now=NOW, actor="command")
    return await open_result_notice(run.id, now=NOW, actor=OFFICE)


@pytest.mark.fact("S2-35")
async def test_anybody_reads_the_notice_on_phone_and_desk_until_it_is_over(
    rt: Runtime, cycle: Cycle, clock: Clock, phone: BrowserContext, desk: BrowserContext, shoot: Callable
) -> None:
    notice = await noticed(cycle)
    for context, width in ((phone, PHONE[0]), (desk, DESK[0])):
        page = await context.new_page()
        await page.goto(address_of(rt.settings, notice))
        await expect(page.locator("h1")).to_have_text("2020年度评星定级结果公示")
        await expect(page.locator(".state")).to_have_text("公示中，还有 5 天")
        await expect(page.locator(".period")).to_contain_text("2020年12月20日至12月24日，共 5 天")
        await expect(page.locator(".group").first.locator("h3")).to_contain_text(["五星级", "四星级"])
        await expect(page.locator(".group").nth(1)).to_contain_text(name_of(MEMBER))
        await expect(page.locator(".group").nth(1).locator("h4").first).to_have_text("第一党支部")
        await expect(page.locator(".how")).to_contain_text("接受教职工监督")
        assert "89.9" not in await page.content()
        assert await width_of(page) == width
        await shoot(page, f"notice-{width}")
    clock.now = NOW + timedelta(days=5)
    await page.reload()
    await expect(page.locator(".state")).to_have_text("公示已结束")
    assert name_of(MEMBER) not in await page.content()
    assert await page.locator(".how").count() == 0
    answer = await page.goto(f"{address_of(rt.settings, notice)}x")
    assert answer is not None
    assert answer.status == 404


async def test_a_long_notice_is_folded_by_branch_and_says_first_how_to_object(
    rt: Runtime, cycle: Cycle, clock: Clock, phone: BrowserContext, shoot: Callable
) -> None:
    notice = await noticed(cycle)
    page = await phone.new_page()

    async def with_many(route: Route) -> None:
        facts = await (await route.fetch()).json()
        people = [{"name": f"张三{n}", "awards": [], "score": ""} for n in range(40)]
        branches = [{"name": f"第{n}党支部", "people": people} for n in range(3)]
        facts["groups"] = [{"title": "党员", "bands": [{"title": "五星级", "count": "120 人", "branches": branches}]}]
        await route.fulfill(json=facts)

    await page.route("**/facts", with_many)
    await page.goto(address_of(rt.settings, notice))
    await expect(page.locator("main > section").nth(1)).to_contain_text("有异议怎么提")
    await expect(page.locator("summary")).to_contain_text(["第0党支部40 人", "第1党支部40 人", "第2党支部40 人"])
    await expect(page.get_by_text("张三7").first).to_be_hidden()
    await shoot(page, "notice-folded")
    await page.get_by_text("第1党支部").click()
    await expect(page.get_by_text("张三7").nth(1)).to_be_visible()
    await page.evaluate("dispatchEvent(new Event('beforeprint'))")
    await expect(page.get_by_text("张三39").first).to_be_visible()
    await page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert await page.locator("details[open]").count() == 1


@pytest.mark.fact("S4-17")
async def test_the_summary_of_a_report_reads_as_paragraphs(
    rt: Runtime, cycle: Cycle, clock: Clock, phone: BrowserContext, shoot: Callable
) -> None:
    notice = await open_text_notice(DIGEST, days=7, now=NOW, actor=OFFICE)
    page = await phone.new_page()
    await page.goto(address_of(rt.settings, notice))
    await expect(page.locator(".text p")).to_have_count(3)
    await expect(page.locator(".text")).to_contain_text("努力方向")
    assert await width_of(page) == PHONE[0]
    await shoot(page, "notice-text")


async def explained(page: Page, rt: Runtime, cycle: Cycle, key: str) -> None:
    await page.goto(f"{rt.settings.site}/explain/{cycle.id}/{key}")


async def test_a_secretary_reads_each_step_and_prints_one_sheet(
    rt: Runtime,
    cycle: Cycle,
    clock: Clock,
    platform: Platform,
    phone: BrowserContext,
    desk: BrowserContext,
    shoot: Callable,
) -> None:
    who = await bound(platform, SECRETARY)
    for context, width in ((phone, PHONE[0]), (desk, DESK[0])):
        await be(context, platform.url, who.id)
        page = await context.new_page()
        await explained(page, rt, cycle, "branch:0101")
        await expect(page.locator("h1")).to_have_text("第一党支部")
        await expect(page.locator(".score")).to_have_text("89.90分")
        await expect(page.locator(".band")).to_have_text("四星级")
        await expect(page.locator("main")).to_contain_text("距「五星级」的分数线还差 0.1 分")
        await expect(page.locator(".steps li").first.locator("small")).to_contain_text("六(二)3")
        assert await width_of(page) == width
        await shoot(page, f"explain-{width}")
    await page.emulate_media(media="print")
    await page.evaluate("dispatchEvent(new Event('beforeprint'))")
    await expect(page.locator(".actions")).to_be_hidden()
    sheet = await page.pdf(format="A4")
    assert sheet.count(b"/Type /Page\n") == 1
    await page.emulate_media(media="screen")
    await page.locator("nav a").click()
    await expect(page.locator("h1")).to_have_text(name_of(SECRETARY))


async def test_a_member_reads_no_other_result(
    rt: Runtime, cycle: Cycle, clock: Clock, platform: Platform, phone: BrowserContext, shoot: Callable
) -> None:
    await be(phone, platform.url, (await bound(platform, MEMBER)).id)
    page = await phone.new_page()
    await explained(page, rt, cycle, f"member:{MEMBER}")
    await expect(page.locator(".score")).to_have_text("85.00分")
    answer = await page.goto(f"{rt.settings.site}/explain/{cycle.id}/branch:0101")
    assert answer is not None
    assert answer.status == 403
    await expect(page.locator("main")).to_contain_text("只有本人、支部书记、领导和组织部门能看")
    await shoot(page, "explain-refused")


def docx(part: str = "word/document.xml", *more: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as parts:
        for name in (part, *more):
            parts.writestr(name, "<x/>")
    return content.getvalue()


@pytest.fixture
def files(tmp_path: Path) -> Callable[[str, bytes], str]:
    def make(name: str, content: bytes) -> str:
        path = tmp_path / name
        path.write_bytes(content)
        return str(path)

    return make


async def open_upload(rt: Runtime, platform: Platform, context: BrowserContext) -> tuple[Page, int]:
    """The page of a secretary's record, logged in; and the number of the record."""
    await be(context, platform.url, (await bound(platform, SECRETARY)).id)
    record = await keep_one()
    person = await Person.get(staff_no=SECRETARY)
    link = upload_page(rt.settings, Target("record", record.id, person.id, "12月主题党日：学习会"), NOW)
    page = await context.new_page()
    await page.goto(link.address)
    await expect(page.locator("h1")).to_have_text("12月主题党日：学习会")
    return page, record.id


async def keep_one() -> Record:
    """A record of the first branch."""
    branch = await Organisation.get(code="0101")
    checks = dict.fromkeys(("theme", "substance", "order", "archive"), True)
    content = RecordContent("theme_day", NOW.date(), "学习会", "会议室", checks=checks)
    return await keep_record("k1", branch.id, content, actor=SECRETARY, now=NOW)


async def test_a_secretary_brings_files_from_the_phone_and_nothing_is_kept_twice(
    rt: Runtime,
    cycle: Cycle,
    clock: Clock,
    platform: Platform,
    phone: BrowserContext,
    files: Callable[[str, bytes], str],
    shoot: Callable,
) -> None:
    page, record = await open_upload(rt, platform, phone)
    await expect(page.locator(".none")).to_be_visible()
    minutes, wrong = files("会议 记录.docx", docx()), files("程序.pdf", b"MZ\x90 not a pdf")
    await page.locator("#file").set_input_files(
        [minutes, wrong, files("宏.docx", docx("word/document.xml", "word/vbaProject.bin"))]
    )
    await expect(page.locator(".done")).to_have_text(["会议 记录.docx1 KB"])
    await expect(page.locator(".failed")).to_have_count(2)
    await expect(page.locator(".failed").first).to_contain_text("这个文件里有宏")
    await expect(page.locator(".failed").last).to_contain_text("只收 PDF、Word（docx）")
    assert await width_of(page) == PHONE[0]
    await shoot(page, "upload-375")
    await page.locator("#file").set_input_files([minutes])
    await expect(page.locator(".done")).to_have_count(2)
    assert await Upload.filter(target_kind="record", target_id=record).count() == 1
    await page.reload()
    await expect(page.locator(".done b")).to_have_text(["会议 记录.docx"])


async def test_an_upload_that_broke_off_is_tried_again(
    rt: Runtime,
    cycle: Cycle,
    clock: Clock,
    platform: Platform,
    desk: BrowserContext,
    files: Callable[[str, bytes], str],
    shoot: Callable,
) -> None:
    page, record = await open_upload(rt, platform, desk)
    await page.route("**/file", lambda route: route.abort())
    content = docx("xl/workbook.xml")  # a zip holds the time at which it was made
    await page.locator("#file").set_input_files([files("签到表.xlsx", content)])
    await expect(page.locator(".failed")).to_contain_text("网络断了")
    await shoot(page, "upload-1280")
    await page.unroute("**/file")
    await page.locator(".failed button").click()
    await expect(page.locator(".done b")).to_have_text(["签到表.xlsx"])
    [kept] = await Upload.filter(target_id=record)
    assert rt.files.read(kept.sha256) == content
