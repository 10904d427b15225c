"""Takes the pictures of README.md: starts a demo of its own, holds a vote and lives a day of the year on it, photographs the phones page.

Run as `.venv/bin/python -m docs.take_pictures`; needs Debian's chromium and a CJK font, as the browser tests do. What is to be
read on the pictures is kept beside them (`SHOWN`), so that a test finds out when they no longer show the product as it is.
"""

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.async_api import Page, async_playwright

from sandbox.phones import Phone, Sandbox

PICTURES = Path(__file__).parent / "pictures"
SHOWN = PICTURES / "shown.json"
# The answer to what the person said last: what is pushed may come at any time.
_ANSWER = """phone => {
  const lines = [...phone.querySelectorAll(".line")];
  const said = lines.findLastIndex((line) => !line.classList.contains("account"));
  return lines[said + 1]?.innerText ?? "";
}"""
# A message that is pushed by day and waits by night leaves a badge.
_PERSON = """person => [...person.children].filter((part) => !part.matches(".badge")).map((part) => part.innerText)"""
# file name -> width and height of the window, whose phones are on the table
WINDOWS = {
    "phones.png": (1440, 860, ("党员代表", "主持人", "群众代表")),
    "phones-375.png": (375, 720, ("党员代表",)),
    "year.png": (1440, 860, ("支部书记", "党员", "领导")),
}


def main() -> None:
    """Take all pictures, and keep what is to be read on them."""
    shown = show(PICTURES)
    SHOWN.write_text(json.dumps(shown, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def show(pictures: Path | None) -> dict[str, list[str]]:
    """Bring the demo to where the pictures are taken; what is to be read on each, without what changes with the day.

    With `pictures` they are taken into that folder.
    """
    with _demo() as address:
        return asyncio.run(_take(address, pictures))


@contextmanager
def _demo() -> Iterator[str]:
    """A demo on free ports and an empty DATA_DIR; the address of its phones page."""
    directory = tempfile.mkdtemp(prefix="zhiping-pictures-")
    sandbox = _free_port()
    ports = {"PORT": str(_free_port()), "SANDBOX_PORT": str(sandbox), "METRICS_PORT": "0"}
    environment = {**os.environ, **ports, "DATA_DIR": directory}
    command = (sys.executable, "-m", "app", "demo")
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own command
        try:
            assert process.stdout is not None
            if not any("Ctrl-C" in line for line in process.stdout):
                raise SystemExit("the demo did not start")
            yield f"http://127.0.0.1:{sandbox}"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)
            shutil.rmtree(directory)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _take(address: str, pictures: Path | None) -> dict[str, list[str]]:
    async with Sandbox(address) as sandbox:
        people = {row["note"].split("，")[0]: row for row in (await sandbox.call("GET", "/phones"))["phones"]}
        await _vote(sandbox, people)
        await _live(sandbox, people)
    async with async_playwright() as playwright:
        shown = {}
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, (width, height, roles) in WINDOWS.items():
            page = await browser.new_page(viewport={"width": width, "height": height})
            await _open(
                page, f"{address}/#{','.join(people[role]['id'] for role in roles)}", has_guide=name != "year.png"
            )
            await page.locator(".dock-person", has_text=roles[0]).first.click()
            await page.locator(".line.account").first.wait_for()
            shown[name] = await _read(page)
            if pictures is not None:
                await page.screenshot(path=pictures / name, animations="disabled")
        await browser.close()
    return shown


async def _read(page: Page) -> list[str]:
    """The people at the top, the guide, and what each phone was told last; but for what the leader has to do, which changes daily."""
    people = [await person.evaluate(_PERSON) for person in await page.locator(".dock-person").all()]
    parts = [*(text for texts in people for text in texts), *await page.locator(".guide").all_inner_texts()]
    for phone in await page.locator(".phone:visible").all():
        who = await phone.locator("header").inner_text()
        if "领导" not in who:
            parts += [who, await phone.evaluate(_ANSWER)]
    lines = [re.sub(r"周[一二三四五六日]", "周", line) for part in parts for line in part.splitlines() if line.strip()]
    return [re.sub(r"[0-9]+", "0", line) for line in lines]


async def _open(page: Page, address: str, *, has_guide: bool) -> None:
    """Go to the phones page. Without the guide no phone is put in front but those of the address."""
    await page.goto(address)
    await page.locator(".guide").wait_for()
    if not has_guide:
        await page.get_by_role("button", name="收起引导").click()
        await page.goto("about:blank")
        await page.goto(address)


async def _vote(sandbox: Sandbox, people: Mapping[str, dict[str, str]]) -> None:
    """Three people come in, the host opens, one votes to the end and one is at the second question."""
    (scene,) = (await sandbox.call("GET", "/scenes"))["scenes"]
    phones = {role: await _come_in(sandbox, people[role], scene["scene"]) for role in WINDOWS["phones.png"][2]}
    for word in ("开始投票", "确认"):
        await phones["主持人"].text(word)
    for role, answers in (("群众代表", 1), ("党员代表", 8)):
        await phones[role].text("投票")
        for number in range(answers):
            await phones[role].tap(content="较好" if number % 3 == 1 else "好")
    await phones["党员代表"].text("确认")
    await phones["主持人"].text("主持")


async def _live(sandbox: Sandbox, people: Mapping[str, dict[str, str]]) -> None:
    """The secretary is about to keep a theme day, a member votes on the others, the leader sees what there is to do."""
    secretary, member, leader = [await _come_in(sandbox, people[role]) for role in WINDOWS["year.png"][2]]
    await secretary.text("主题党日")
    await secretary.text("昨天在实训车间学习安全生产，全到")
    for word in ("投票", "称职", "2 3 优秀"):
        await member.text(word)
    await leader.text("任务")


async def _come_in(sandbox: Sandbox, row: dict[str, str], scene: str | None = None) -> Phone:
    """Follow, by scanning where there is a scene; tell name and code."""
    phone = await sandbox.phone(row["name"], row["note"], openid=row["openid"])
    await phone.follow(scene)
    if scene is None:
        await phone.text("绑定")
    await phone.text(row["name"])
    await phone.text(row["note"].rpartition(" ")[2])
    return phone


if __name__ == "__main__":
    main()
