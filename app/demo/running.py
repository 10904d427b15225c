"""`zhiping demo`: servers, simulator, web and worker as processes of their own, with a demo organisation. Ctrl-C stops all of it."""

import asyncio
import base64
import socket
import time
from collections.abc import Mapping
from contextlib import ExitStack

import aiohttp

from app.demo import content
from app.embedded import Servers
from app.environment import DataDir, data_dir
from app.parts import Parts, running_parts
from app.signals import interrupted_once
from config.refusals import BadInput, Refusal
from config.settings import Settings, load_settings
from models.database import migrate_schema

_PATIENCE = 30.0
# The parts of a demo that was killed end by themselves; until then they have its ports.
_LEFTOVERS_SECONDS = 3.0


def run_demo(environment: Mapping[str, str]) -> int:
    """Run until interrupted by SIGINT, SIGTERM or SIGHUP; returns the exit code. Raises `BadInput`, `Refusal`."""
    directory = data_dir(environment)
    with interrupted_once(), ExitStack() as stack:
        running = stack.enter_context(directory.own())
        if running is not None:
            phones = f"http://127.0.0.1:{running['SANDBOX_PORT']}/"
            raise Refusal("runs_already", f"演示已经在运行（数据目录 {directory.path}），手机页面：{phones}")
        try:
            _run(stack, directory, environment)
        except KeyboardInterrupt:
            print("\n正在停止……", flush=True)
    return 0


def _run(stack: ExitStack, directory: DataDir, environment: Mapping[str, str]) -> None:
    settings = _settings(stack, directory, environment)
    asyncio.run(migrate_schema(settings.database_url.get_secret_value()))
    values = _values(settings)
    directory.announce(values)
    stack.callback(directory.running.unlink, missing_ok=True)
    parts = stack.enter_context(running_parts(values))
    base, sandbox = f"http://{settings.host}:{settings.port}", f"http://127.0.0.1:{settings.sandbox_port}"
    asyncio.run(_ready(f"{base}/readyz", f"{sandbox}/sim/settings", parts))
    guide = asyncio.run(content.fill(settings, sandbox))
    print(_banner(base, sandbox, guide), flush=True)
    parts.watch()


def _settings(stack: ExitStack, directory: DataDir, environment: Mapping[str, str]) -> Settings:
    given = {name: value for name, value in environment.items() if value}
    values = {**directory.made_values(), **given}
    sandbox_port = values.get("SANDBOX_PORT", "8090")
    for name in ("WECHAT_API_BASE", "WECHAT_OPEN_BASE"):
        values.setdefault(name, f"http://127.0.0.1:{sandbox_port}")
    placeholder = {"DATABASE_URL": "postgresql:///", "REDIS_URL": "redis:///"}
    _check_ports(load_settings({**placeholder, **values}))
    if not {"DATABASE_URL", "REDIS_URL"} <= values.keys():
        servers = stack.enter_context(Servers(directory.path))
        values.setdefault("DATABASE_URL", servers.postgres.url)
        values.setdefault("REDIS_URL", servers.redis.url)
    return load_settings(values)


def _check_ports(settings: Settings) -> None:
    """Name the ports that somebody else has, and keeps. Raises `BadInput`."""
    deadline = time.monotonic() + _LEFTOVERS_SECONDS
    while taken := _taken_ports(settings):
        if time.monotonic() > deadline:
            raise BadInput(
                [
                    f"{name}={port}：端口被占用。请停掉占用它的程序，或换一个：{name}={port + 1000} make run"
                    for name, port in taken.items()
                ]
            )
        time.sleep(0.1)


def _taken_ports(settings: Settings) -> dict[str, int]:
    wanted = {"PORT": settings.port, "SANDBOX_PORT": settings.sandbox_port, "METRICS_PORT": settings.metrics_port}
    hosts = {"PORT": settings.host, "METRICS_PORT": settings.metrics_host}
    return {name: port for name, port in wanted.items() if not _is_free(hosts.get(name, "127.0.0.1"), port)}


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _values(settings: Settings) -> dict[str, str]:
    """The environment of the parts; also what other commands find through DATA_DIR."""
    values = {}
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
    values["DATA_DIR"] = str(settings.data_dir.resolve())
    return values


def _encoded(keys: tuple[bytes, ...]) -> str:
    return ",".join(base64.b64encode(key).decode() for key in keys)


async def _ready(web: str, sandbox: str, parts: Parts) -> None:
    deadline = time.monotonic() + _PATIENCE
    async with aiohttp.ClientSession() as http:
        for url in (web, sandbox):
            while not await _answers(http, url):
                if parts.dead():
                    raise Refusal("part_died", f"「{'」「'.join(parts.dead())}」没有启动起来，原因见上面的日志。")
                if time.monotonic() > deadline:
                    raise Refusal("not_ready", f"等了 {_PATIENCE:.0f} 秒仍未就绪：{url}")
                await asyncio.sleep(0.05)


async def _answers(http: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with http.get(url) as response:
            return response.status == 200
    except aiohttp.ClientError:
        return False


def _banner(base: str, sandbox: str, guide: str) -> str:
    return f"""
支评演示已就绪（Ctrl-C 全部停止）
  手机页面  {sandbox}/     几部模拟的微信手机：关注、扫码、打字、点菜单
  后端      {base}/healthz
{guide}"""
