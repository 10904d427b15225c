"""`zhiping demo`: servers, simulator, web and worker as processes of their own, with a demo organisation. Ctrl-C stops all of it."""

import asyncio
import base64
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field

import aiohttp

from app import demo_content
from app.embedded import Servers
from app.environment import DataDir, data_dir
from config.refusals import BadInput, Refusal
from config.settings import Settings, load_settings
from models.database import migrate_schema

_PATIENCE = 30.0
_PARTS = {
    "模拟器": (sys.executable, "-m", "sandbox"),
    "网页": (sys.executable, "-m", "app", "serve"),
    "后台": (sys.executable, "-m", "app", "work"),
}


def run_demo(environment: Mapping[str, str]) -> int:
    """Run until interrupted; returns the exit code."""
    directory = data_dir(environment)
    with ExitStack() as stack:
        stack.enter_context(_only_one(directory, environment))
        settings = _settings(stack, directory, environment)
        _check_ports(settings)
        asyncio.run(migrate_schema(settings.database_url.get_secret_value()))
        values = _values(settings)
        directory.announce(values)
        stack.callback(directory.running.unlink, missing_ok=True)
        processes = stack.enter_context(_processes(values))
        base, sandbox = f"http://{settings.host}:{settings.port}", f"http://127.0.0.1:{settings.sandbox_port}"
        asyncio.run(_ready(f"{base}/readyz", f"{sandbox}/sim/settings", processes))
        guide = asyncio.run(demo_content.fill(settings, sandbox))
        print(_banner(base, sandbox, guide), flush=True)
        processes.watch()
    return 0


@contextmanager
def _only_one(directory: DataDir, environment: Mapping[str, str]) -> Iterator[None]:
    for last in (False, False, True):
        with directory.try_lock() as lock:
            if lock is not None:
                yield
                return
        if last:
            sandbox = environment.get("SANDBOX_PORT") or "8090"
            raise Refusal(
                "runs_already", f"演示已经在运行(数据目录 {directory.path}),手机页面:http://127.0.0.1:{sandbox}/"
            )
        time.sleep(0.1)


def _settings(stack: ExitStack, directory: DataDir, environment: Mapping[str, str]) -> Settings:
    given = {name: value for name, value in environment.items() if value}
    values = {**directory.made_values(), **given}
    sandbox_port = values.get("SANDBOX_PORT", "8090")
    values.setdefault("WECHAT_API_BASE", f"http://127.0.0.1:{sandbox_port}")
    placeholder = {"DATABASE_URL": "postgresql:///", "REDIS_URL": "redis:///"}
    _check_ports(load_settings({**placeholder, **values}))
    if not {"DATABASE_URL", "REDIS_URL"} <= values.keys():
        servers = stack.enter_context(Servers(directory.path))
        values.setdefault("DATABASE_URL", servers.postgres.url)
        values.setdefault("REDIS_URL", servers.redis.url)
    return load_settings(values)


def _check_ports(settings: Settings) -> None:
    """Name the port that somebody else has. Raises `BadInput`."""
    wanted = {"PORT": settings.port, "SANDBOX_PORT": settings.sandbox_port, "METRICS_PORT": settings.metrics_port}
    faults = []
    for name, port in wanted.items():
        host = settings.host if name == "PORT" else "127.0.0.1"
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                faults.append(f"{name}={port}:端口被占用。请停掉占用它的程序,或换一个:{name}={port + 1000} make run")
    if faults:
        raise BadInput(faults)


def _values(settings: Settings) -> dict[str, str]:
    """The environment of the parts; also what other commands find through DATA_DIR."""
    values = {name: value for name, value in os.environ.items() if name == "DATA_DIR"}
    for name, value in settings.model_dump().items():
        match value:
            case None | "":
                continue
            case tuple():
                values[name.upper()] = _encoded(value)
            case _ if hasattr(value, "get_secret_value"):
                if value.get_secret_value():
                    values[name.upper()] = value.get_secret_value()
            case _:
                values[name.upper()] = str(value)
    values["DATA_DIR"] = str(settings.data_dir)
    return values


def _encoded(keys: tuple[bytes, ...]) -> str:
    return ",".join(base64.b64encode(key).decode() for key in keys)


@dataclass(slots=True)
class _Processes:
    """The parts as processes; one that dies is started again, so that killing it shows what is lost: nothing."""

    environment: dict[str, str]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    stopping: bool = False

    def start(self, name: str) -> None:
        self.running[name] = subprocess.Popen(_PARTS[name], env=self.environment, start_new_session=True)  # noqa: S603 - our own parts

    def dead(self) -> list[str]:
        return [name for name, process in self.running.items() if process.poll() is not None]

    def watch(self) -> None:
        """Until SIGINT or SIGTERM: start again what died."""
        while not self.stopping:
            for name in self.dead():
                print(f"「{name}」进程已退出,正在重新启动。", flush=True)
                self.start(name)
            time.sleep(0.3)

    def stop(self) -> None:
        for process in self.running.values():
            with suppress(ProcessLookupError):
                process.terminate()
        deadline = time.monotonic() + 8
        for process in self.running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def _processes(values: Mapping[str, str]) -> Iterator[_Processes]:
    sandbox = {
        "SANDBOX_PORT": values["SANDBOX_PORT"],
        "SANDBOX_CALLBACK_URL": f"http://{values['HOST']}:{values['PORT']}/wechat",
    }
    quiet = {} if os.environ.get("LOG_LEVEL") else {"LOG_LEVEL": "warning"}
    processes = _Processes({**os.environ, **values, **sandbox, **quiet})

    def stop(*_: object) -> None:
        processes.stopping = True
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        for name in _PARTS:
            processes.start(name)
        yield processes
    except KeyboardInterrupt:
        print("\n正在停止……", flush=True)
    finally:
        signal.signal(signal.SIGTERM, before)
        processes.stop()


async def _ready(web: str, sandbox: str, processes: _Processes) -> None:
    deadline = time.monotonic() + _PATIENCE
    async with aiohttp.ClientSession() as http:
        for url in (web, sandbox):
            while not await _answers(http, url):
                if processes.dead():
                    raise Refusal("part_died", f"「{'」「'.join(processes.dead())}」没有启动起来,原因见上面的日志。")
                if time.monotonic() > deadline:
                    raise Refusal("not_ready", f"等了 {_PATIENCE:.0f} 秒仍未就绪:{url}")
                await asyncio.sleep(0.05)


async def _answers(http: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with http.get(url) as response:
            return response.status == 200
    except aiohttp.ClientError:
        return False


def _banner(base: str, sandbox: str, guide: str) -> str:
    return f"""
支评演示已就绪(Ctrl-C 全部停止)
  手机页面  {sandbox}/     几部模拟的微信手机:关注、扫码、打字、点菜单
  后端      {base}/healthz
{guide}"""
