"""The phones page in a real browser, against a back end that answers with what an attacker would like to see shown."""

import shutil
from collections.abc import AsyncIterator

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


@pytest.fixture
async def page(base, sandbox) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(5000)
        problems = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("dialog", lambda dialog: problems.append(dialog.message))
        yield page
        await browser.close()
        assert problems == []


async def test_a_stranger_becomes_a_voter(page, base, sandbox, back_end, api):
    back_end.answer = lambda fields: HOSTILE if fields.get("Content") == "投票" else f"收到 {fields.get('Content')}"
    await sandbox.scene("评议会签到", "m.abc")
    await page.goto(base)
    await page.get_by_role("button", name="拿起谁的手机").click()
    await page.get_by_label("姓名", exact=True).fill("王小明")
    await page.get_by_label("备注（可不填）").fill("绑定码 ABCD")
    await page.get_by_role("button", name="新建").click()
    phone = page.locator(".phone")
    await expect(phone.locator(".who")).to_contain_text("绑定码 ABCD")
    await phone.get_by_role("button", name="扫一扫").click()
    await page.get_by_role("button", name="评议会签到").click()
    await expect(phone.locator(".line.account")).to_have_count(1)
    assert back_end.got[-1]["EventKey"] == "qrscene_m.abc"
    await phone.get_by_label("发消息").fill("投票")
    await phone.get_by_label("发消息").press("Enter")
    bubble = phone.locator(".line.account .bubble").last
    await expect(bubble).to_contain_text("<script>alert(1)</script><img src=x")
    await expect(bubble.get_by_role("button")).to_have_count(1)
    await bubble.get_by_role("button", name="2 较好").click()
    await expect(phone.locator(".line.account .bubble").last).to_have_text("收到 较好")
    assert back_end.got[-1]["bizmsgmenuid"] == "q2"


async def test_menu_pushes_and_log_arrive_live(page, base, sandbox, back_end, api):
    first, second = await sandbox.phone("甲"), await sandbox.phone("乙")
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
    await expect(page.locator(f"[data-phone={second.id}] .line.account")).to_have_text("支提醒您")
    await page.get_by_role("button", name="日志", exact=True).click()
    await expect(page.locator(".journal li").first).to_contain_text("/cgi-bin/message/custom/send")


async def test_small_screens_show_one_phone_at_a_time(page, base, sandbox):
    for name in ("甲", "乙"):
        await sandbox.phone(name)
    await page.set_viewport_size({"width": 375, "height": 812})
    await page.goto(base)
    await expect(page.locator(".phone:visible")).to_have_count(1)
    await page.get_by_role("button", name="乙").click()
    await expect(page.locator(".phone:visible .who")).to_contain_text("乙")
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
