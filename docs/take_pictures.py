"""Takes the pictures of README.md: starts a demo of its own, holds a vote on it, photographs the phones page.

Run as `.venv/bin/python -m docs.take_pictures`; needs Debian's chromium and a CJK font, as the browser tests do.
"""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.async_api import async_playwright

from sandbox.phones import Phone, Sandbox

PICTURES = Path(__file__).parent / "pictures"
# file name -> width and height of the window, how many phones are on the table
WINDOWS = {"phones.png": (1440, 860, 3), "phones-375.png": (375, 720, 1)}
_ROLES = ("党员代表", "主持人", "群众代表")


def main() -> None:
    """Take all pictures."""
    with _demo() as address:
        asyncio.run(_take(address))


@contextmanager
def _demo() -> Iterator[str]:
    """A demo on free ports and an empty DATA_DIR; the address of its phones page."""
    directory = tempfile.mkdtemp(prefix="zhiping-pictures-")
    sandbox = _free_port()
    ports = {"PORT": str(_free_port()), "SANDBOX_PORT": str(sandbox), "METRICS_PORT": "0"}
    environment = {**os.environ, **ports, "DATA_DIR": directory}
    command = (sys.executable, "-m", "app", "demo")
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own command
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


async def _take(address: str) -> None:
    async with Sandbox(address) as sandbox:
        people = await _vote(sandbox)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, (width, height, phones) in WINDOWS.items():
            page = await browser.new_page(viewport={"width": width, "height": height})
            await page.goto(f"{address}/#{','.join(people[:phones])}")
            await page.locator(".guide").wait_for()
            await page.get_by_role("button", name="党员代表").first.click()
            await page.get_by_text("您的票已计入").first.wait_for()
            await page.screenshot(path=PICTURES / name, animations="disabled")
        await browser.close()


async def _vote(sandbox: Sandbox) -> list[str]:
    """Three people come in, the host opens, one votes to the end and one is at the second question; their phones' ids."""
    (scene,) = (await sandbox.call("GET", "/scenes"))["scenes"]
    rows = (await sandbox.call("GET", "/phones"))["phones"]
    cast = {role: next(row for row in rows if row["note"].startswith(role)) for role in _ROLES}
    phones = {role: await _come_in(sandbox, row, scene["scene"]) for role, row in cast.items()}
    for word in ("开始投票", "确认"):
        await phones["主持人"].text(word)
    for role, answers in (("群众代表", 1), ("党员代表", 8)):
        await phones[role].text("投票")
        for number in range(answers):
            await phones[role].tap(content="较好" if number % 3 == 1 else "好")
    await phones["党员代表"].text("确认")
    await phones["主持人"].text("主持")
    return [row["id"] for row in cast.values()]


async def _come_in(sandbox: Sandbox, row: dict[str, str], scene: str) -> Phone:
    """Follow by scanning, tell name and code."""
    phone = await sandbox.phone(row["name"], row["note"], openid=row["openid"])
    await phone.follow(scene)
    await phone.text(row["name"])
    await phone.text(row["note"].rpartition(" ")[2])
    return phone


if __name__ == "__main__":
    main()
