"""The product as real processes beside the simulator, for tests: started, killed and asked as customers would."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from sandbox.app import create_app
from sandbox.phones import Phone, Sandbox
from sandbox.settings import from_environment
from tests.ports import free_port
from tests.processes import hears_sigterm


@dataclass
class Stage:
    """`serve` and `work` processes by name, the simulator, and where their logs go."""

    environment: dict[str, str]
    sandbox: Sandbox
    logs: Path
    program: tuple[str, ...] = (sys.executable, "-m", "app")
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    async def run(self, *arguments: str, expect: int = 0) -> str:
        """Run a `zhiping` command to its end; its standard output. Its exit code must be `expect`."""
        process = await asyncio.create_subprocess_exec(
            *(*self.program, *arguments),
            env=self.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        assert process.returncode == expect, err.decode()
        return out.decode() if expect == 0 else err.decode()

    async def json(self, *arguments: str) -> Any:
        """The JSON that a command prints."""
        return json.loads(await self.run(*arguments))

    def start(self, name: str, part: str, **extra: str) -> None:
        """Start a process; its log is appended to."""
        with (self.logs / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [*self.program, part], env={**self.environment, **extra}, stdout=log, stderr=log
            )

    def kill(self, name: str) -> None:
        """SIGKILL, and gone."""
        process = self.processes.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait()

    async def ready(self, port: str = "") -> None:
        """Until the web process on that port (of `serve` by default) can serve."""
        url = f"http://127.0.0.1:{port or self.environment['PORT']}/readyz"
        async with aiohttp.ClientSession() as http, asyncio.timeout(60):
            while True:
                try:
                    async with http.get(url) as response:
                        if response.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.03)

    def all_logs(self) -> str:
        """Everything that the processes wrote."""
        return "".join(path.read_text() for path in sorted(self.logs.glob("*.log")))

    async def stop(self) -> None:
        """SIGTERM to all; each must end by itself."""
        for process in self.processes.values():
            await hears_sigterm(process.pid)
            process.terminate()
        for name, process in self.processes.items():
            assert await asyncio.to_thread(process.wait, 60) == 0, f"{name}: {self.all_logs()[-2000:]}"


@asynccontextmanager
async def open_stage(
    values: dict[str, str], directory: Path, program: tuple[str, ...] = Stage.program, **platform: Any
) -> AsyncIterator[Stage]:
    """A stage with one `serve`, one `work` and a simulator; `platform`: settings of the simulator."""
    ports = {"PORT": str(free_port()), "SANDBOX_PORT": str(free_port()), "METRICS_PORT": "0"}
    api = f"http://127.0.0.1:{ports['SANDBOX_PORT']}"
    environment = {**os.environ, **values, **ports, "WECHAT_API_BASE": api, "WECHAT_OPEN_BASE": api}
    callback = {"SANDBOX_CALLBACK_URL": f"http://127.0.0.1:{ports['PORT']}/wechat"}
    settings = from_environment({**environment, **callback}).patched(platform)
    runner = web.AppRunner(create_app(settings), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(ports["SANDBOX_PORT"])).start()
    logs = directory / "logs"
    logs.mkdir(parents=True)
    try:
        async with Sandbox(api) as sandbox:
            stage = Stage(environment, sandbox, logs, program)
            stage.start("serve", "serve")
            stage.start("work", "work")
            try:
                await stage.ready()
                yield stage
                await stage.stop()
            finally:
                for process in stage.processes.values():
                    if process.poll() is None:
                        process.kill()
                        process.wait()
    finally:
        await runner.cleanup()


async def bind(phone: Phone, name: str, code: str, scene: str) -> None:
    """A stranger follows by scanning, says name and code, and is checked in."""
    answer = await phone.follow(scene)
    assert "姓名" in answer.text, answer
    answer = await phone.text(name)
    assert "绑定码" in answer.text, answer
    answer = await phone.text(code)
    assert "绑定成功" in answer.text, answer
    assert "签到成功" in answer.text, answer
