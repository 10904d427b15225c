"""The processes that are measured, and the servers behind them."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.embedded import Servers
from app.environment import DataDir

_START_S = 30


@dataclass(frozen=True)
class Server:
    """A process that answers on a port of this machine."""

    port: int
    process: subprocess.Popen[bytes]

    def peak_megabytes(self) -> float:
        """The most memory that it ever had in use (VmHWM)."""
        return self._megabytes("VmHWM")

    def megabytes(self) -> float:
        """The memory that it has in use (VmRSS)."""
        return self._megabytes("VmRSS")

    def _megabytes(self, name: str) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.findall(rf"{name}:\s+(\d+) kB", status)[0]) / 1024

    def cpu_seconds(self) -> float:
        """Processor time that it has used so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def servers() -> Iterator[dict[str, str]]:
    """A PostgreSQL and a Redis of their own, empty; the environment in which processes find them. Nothing is left of it."""
    directory = Path(tempfile.mkdtemp(prefix="zhiping-bench-"))
    try:
        with Servers(directory) as both:
            yield {
                **DataDir(directory / "data").made_values(),
                "DATABASE_URL": both.postgres.url,
                "REDIS_URL": both.redis.url,
                "DATA_DIR": str(directory / "data"),
                "WECHAT_API_BASE": "http://127.0.0.1:9",
                "METRICS_PORT": "0",
            }
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def serving(port: int, environment: Mapping[str, str], *arguments: str) -> Iterator[Server]:
    """`python -m …` until the end of the context, where it must end by itself."""
    process = subprocess.Popen([sys.executable, "-m", *arguments], env={**os.environ, **environment})
    try:
        _wait_ready(port, process)
        yield Server(port, process)
        process.terminate()
        if process.wait(20) != 0:
            raise RuntimeError(f"{arguments[0]} ended with {process.returncode}")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _wait_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz"):
                return
        except urllib.error.URLError:
            time.sleep(0.05)
    raise RuntimeError("the process did not start")
