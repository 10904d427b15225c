"""The phones page in a real browser, against a back end that answers with what an attacker would like to see shown."""

import asyncio
import shutil
from collections.abc import AsyncIterator

import aiohttp
import pytest
from playwright.async_api import Page, async_playwright, expect

CHOICE = '<a href="weixin://bizmsgmenu?msgmenucontent=较好&msgmenuid=q2">2 较好</a>'
HOSTILE = f'{CHOICE}\n<script>alert(1)</script><img src=x onerror="alert(2)"><a href="javascript:alert(3)">坏链接</a>'
MENU = {
    "button": [
        {"type": "click", "name": "投票", "key": "V"},
        {"name": "我的", "sub_button": [{"type": "click", "name": "任务", "key": "T"}]},
    ]
}
EVIL = "<img src=x onerror=alert(4)>"
OFFER_A_PHONE = "拿起谁的手机"


@pytest.fixture
async def page(base, sandbox) -> AsyncIterator[Page]:
    """A page on which no script error, no dialog of the browser's own and no request elsewhere may happen."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(30_000)
        problems = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("dialog", lambda dialog: problems.append(dialog.message))
        page.on("request", lambda request: request.url.startswith((base, "data:")) or problems.append(request.url))
        yield page
        await browser.close()
        assert problems == []


async def test_a_stranger_becomes_a_voter(page, base, sandbox, back_end, api):
    back_end.answer = lambda fields: HOSTILE if fields.get("Content") == "投票" else f"收到 {fields.get('Content')}"
    await sandbox.scene("评议会签到", "m.abc")
    await page.goto(base)
    await page.get_by_role("button", name=OFFER_A_PHONE).click()
    await page.get_by_label("姓名", exact=True).fill("王小明")
    await page.get_by_label("备注（可不填）").fill("党员，绑定码 ABCD")
    await page.get_by_role("button", name="新建").click()
    phone = page.locator(".phone")
    await expect(phone.locator(".who")).to_contain_text("绑定码 ABCD")
    await expect(phone.locator(".role")).to_have_text("党员")
    await phone.get_by_role("button", name="扫一扫").click()
    drawn = page.get_by_role("dialog").locator("img")
    assert await drawn.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    await page.get_by_role("button", name="评议会签到").click()
    await expect(phone.locator(".line.account")).to_have_count(1)
    assert back_end.got[-1]["EventKey"] == "qrscene_m.abc"
    await phone.get_by_role("button", name="绑定码").click()
    await expect(phone.get_by_label("发消息")).to_have_value("ABCD")
    await phone.get_by_label("发消息").fill("投票")
    await phone.get_by_label("发消息").press("Enter")
    bubble = phone.locator(".line.account .bubble").last
    await expect(bubble).to_contain_text("<script>alert(1)</script><img src=x")
    await expect(bubble.get_by_role("button")).to_have_count(1)
    await bubble.get_by_role("button", name="2 较好").click()
    await expect(phone.locator(".line.account .bubble").last).to_have_text("收到 较好")
    assert back_end.got[-1]["bizmsgmenuid"] == "q2"


async def test_menu_pushes_and_log_arrive_live(page, base, sandbox, back_end, api):
    first, second = await sandbox.phone("甲"), await sandbox.phone("乙", "书记，已绑定")
    await first.follow()
    await second.follow()
    await page.goto(base)
    await expect(page.locator(".phone")).to_have_count(2)
    await api.login()
    await api.post("/cgi-bin/menu/create", MENU)
    await page.locator(f"[data-phone={first.id}]").get_by_role("button", name="我的").click()
    await page.locator(f"[data-phone={first.id}]").get_by_role("button", name="任务").click()
    await expect(page.locator(f"[data-phone={first.id}] .system").last).to_contain_text("任务")
    assert back_end.got[-1]["EventKey"] == "T"
    assert await api.send_text(second.openid, "提醒您") == 0
    await expect(page.locator(f"[data-phone={second.id}] .line.account .bubble")).to_have_text("提醒您")
    await expect(page.get_by_role("button", name="乙，书记，1 条未读")).to_be_visible()
    await page.get_by_role("button", name="日志", exact=True).click()
    await expect(page.locator(".journal li").first).to_contain_text("客服消息")
    await expect(page.locator(".journal li").first).to_contain_text("成功")
    await expect(page.locator(".journal li", has_text="点菜单「T」").first).to_contain_text("ms")


async def test_small_screens_show_one_phone_at_a_time(page, base, sandbox):
    for name in ("甲", "乙"):
        await sandbox.phone(name)
    await page.set_viewport_size({"width": 375, "height": 812})
    await page.goto(base)
    await expect(page.locator(".phone:visible")).to_have_count(1)
    await page.get_by_role("button", name="乙", exact=True).click()
    await expect(page.locator(".phone:visible .who")).to_contain_text("乙")
    await page.get_by_role("button", name="故障", exact=True).click()
    await page.get_by_role("button", name="日志", exact=True).click()
    assert await page.evaluate("document.documentElement.scrollWidth") == 375


async def test_a_reset_simulator_is_noticed(page, base, sandbox):
    phone = await sandbox.phone("甲", following=True)
    await phone.text("你好")
    await page.goto(base)
    await expect(page.locator(".phone .line")).to_have_count(1)
    await sandbox.reset()
    await expect(page.locator(".phone")).to_have_count(0)
    await sandbox.phone("乙")
    await expect(page.locator(".phone .who")).to_contain_text("乙")


async def test_photos_and_voices_are_sent_from_the_panel(page, base, sandbox, back_end):
    await sandbox.phone("甲", following=True)
    await page.goto(base)
    phone = page.locator(".phone")
    for deed, sample in (("照片", "一张示例图片"), ("语音", "发送示例语音")):
        await phone.get_by_role("button", name="更多").click()
        await phone.get_by_role("button", name=deed).click()
        await page.get_by_role("button", name=sample).click()
    await expect(phone.locator(".line.me")).to_have_count(2)
    await phone.get_by_role("button", name="看大图").click()
    shown = page.get_by_role("dialog").locator("img.large")
    assert await shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 480
    await page.keyboard.press("Escape")
    await expect(shown).to_be_hidden()
    assert [fields["MsgType"] for fields in back_end.got] == ["image", "voice"]
    assert "主题党日" in back_end.got[1]["Recognition"]


async def test_dots_show_while_an_answer_is_late_and_a_fault_is_explained(page, base, sandbox, back_end):
    answered = asyncio.Event()

    async def late(fields):
        await answered.wait()
        return "久等了"

    back_end.answer = late
    await sandbox.settings(deadline=3.0)
    await sandbox.phone("甲", following=True)
    await page.goto(base)
    await page.get_by_role("button", name="故障", exact=True).click()
    await page.get_by_role("button", name="重复推送").click()
    await expect(page.get_by_role("status").filter(has_text="重复推送：")).to_contain_text("不会重复计票")
    await page.locator(".phone").get_by_label("发消息").fill("你好")
    await page.locator(".phone").get_by_label("发消息").press("Enter")
    await expect(page.locator(".waiting")).to_be_visible()
    answered.set()
    await expect(page.locator(".phone .line.account .bubble")).to_have_text("久等了")
    await expect(page.locator(".waiting")).to_be_hidden()
    await page.get_by_role("button", name="日志", exact=True).click()
    await expect(page.locator(".journal li").first).to_contain_text("第 2 次推送")


async def test_the_sound_is_switched_and_rings(page, base, sandbox, api):
    phone = await sandbox.phone("甲", following=True)
    await phone.text("你好")
    await page.goto(base)
    switch = page.get_by_role("button", name="推送提示音")
    await expect(switch).to_have_attribute("aria-pressed", "true")
    await switch.click()
    await expect(switch).to_have_attribute("aria-pressed", "false")
    await page.reload()
    await expect(switch).to_have_attribute("aria-pressed", "false")
    await switch.click()
    await api.login()
    await api.send_text(phone.openid, "提醒您")
    await expect(page.locator(".phone.rang .line.account .bubble")).to_have_text("提醒您")


async def test_names_notes_and_pages_are_text(page, base, sandbox, back_end, settings):
    await sandbox.phone(EVIL, f"{EVIL}，绑定码 {EVIL}", following=True)
    await sandbox.scene(EVIL, EVIL)
    await sandbox.page(EVIL, settings.callback_url)
    await page.goto(base)
    await expect(page.locator(".phone .who b")).to_have_text(EVIL)
    await expect(page.locator(".dock-person b")).to_have_text(EVIL)
    await expect(page.locator(".pages button")).to_have_text(f"{EVIL} ↗")
    await page.get_by_role("button", name="扫一扫").click()
    await expect(page.get_by_role("dialog").locator(".row b")).to_have_text(EVIL)
    assert await page.locator("img[src=x]").count() == 0


async def test_only_pages_that_allow_it_are_shown_inside_a_phone(base, sandbox, back_end, settings):
    async def allowed(url: str) -> bool:
        async with aiohttp.ClientSession() as http, http.get(f"{base}/sim/frames", params={"url": url}) as response:
            return (await response.json())["allowed"]

    assert await allowed(settings.callback_url)
    assert not await allowed("http://192.0.2.1/elsewhere")
    assert not await allowed("nonsense")
