"""Where a command finds its settings and servers (contract §1): the environment; else a running demo; else its own, for its duration."""

import base64
import fcntl
import json
import os
import secrets
import string
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from app.embedded import Servers
from app.signals import interrupted_once
from config.refusals import Refusal
from config.settings import Settings, load_settings

_PATIENCE = 60.0
_URLS = ("DATABASE_URL", "REDIS_URL")
_NO_SERVERS = (
    "没有设置 DATABASE_URL 和 REDIS_URL，也没有正在运行的演示（zhiping demo）；为免选票进入临时数据库，不启动。"
)


class DataDir:
    """The files that `zhiping demo` keeps under DATA_DIR, readable by their owner only."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.values = path / "demo.json"
        self.running = path / "running.json"
        self._lock = path / "demo.lock"

    def made_values(self) -> dict[str, str]:
        """The values that the demo made for what is unset; made now where there are none."""
        if not self.values.exists():
            self.path.mkdir(parents=True, exist_ok=True)
            _write_private(self.values, _make_values())
        return dict(json.loads(self.values.read_text()))

    def announce(self, values: Mapping[str, str]) -> None:
        """Tell other commands where the demo's servers are."""
        _write_private(self.running, values)

    def find_running(self) -> dict[str, str] | None:
        """The values of a demo that runs now, None where none does."""
        with self._try_lock(fcntl.LOCK_SH) as is_free:
            return None if is_free else self._announced()

    @contextmanager
    def own(self) -> Iterator[dict[str, str] | None]:
        """Be the only one who starts servers in this directory (the value is None), or find the demo that runs there: its values.

        Waits while a demo is starting or another command has servers of its own; who was killed holds nothing. Raises `Refusal`.
        """
        deadline = time.monotonic() + _PATIENCE
        while True:
            with self._try_lock(fcntl.LOCK_EX) as is_ours:
                if is_ours:
                    self.running.unlink(missing_ok=True)
                    yield None
                    return
            if (running := self._announced()) is not None:
                yield running
                return
            if time.monotonic() > deadline:
                raise Refusal("busy", f"数据目录 {self.path} 正被另一个命令使用，请稍后再试。")
            time.sleep(0.05)

    def _announced(self) -> dict[str, str] | None:
        return dict(json.loads(self.running.read_text())) if self.running.exists() else None

    @contextmanager
    def _try_lock(self, kind: int) -> Iterator[bool]:
        self.path.mkdir(parents=True, exist_ok=True)
        with self._lock.open("w") as file:
            try:
                fcntl.flock(file, kind | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True


def data_dir(environment: Mapping[str, str]) -> DataDir:
    """DATA_DIR of an environment."""
    return DataDir(Path(environment.get("DATA_DIR") or ".data"))


@contextmanager
def settings_for(environment: Mapping[str, str], *, may_start: bool) -> Iterator[Settings]:
    """Settings with servers that answer. `may_start`: a one-shot command may start embedded servers for its own duration.

    Raises `BadInput` for settings that are missing or wrong, `Refusal` where `serve` or `work` has no servers.
    """
    if any(environment.get(name) for name in _URLS):
        yield load_settings(environment)
        return
    directory = data_dir(environment)
    if not may_start:
        running = directory.find_running()
        if running is None:
            raise Refusal("no_servers", _NO_SERVERS)
        yield load_settings({**running, **_set(environment)})
        return
    with interrupted_once(), directory.own() as running:
        if running is not None:
            yield load_settings({**running, **_set(environment)})
            return
        with Servers(directory.path) as servers:
            urls = {"DATABASE_URL": servers.postgres.url, "REDIS_URL": servers.redis.url}
            yield load_settings({**directory.made_values(), **_set(environment), **urls})


def _set(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if value}


def _make_values() -> dict[str, str]:
    letters = string.ascii_letters + string.digits
    return {
        "WECHAT_APP_ID": "wx" + secrets.token_hex(8),
        "WECHAT_APP_SECRET": secrets.token_hex(16),
        "WECHAT_TOKEN": secrets.token_hex(12),
        "WECHAT_AES_KEY": "".join(secrets.choice(letters) for _ in range(43)),
        "MP_APP_ID": "wx" + secrets.token_hex(8),
        "MP_APP_SECRET": secrets.token_hex(16),
        "BALLOT_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "SESSION_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
    }


def _write_private(path: Path, values: Mapping[str, str]) -> None:
    partial = path.with_suffix(".new")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(dict(values), file, indent=1)
    partial.replace(path)
