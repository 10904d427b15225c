"""The `zhiping` command as somebody at a terminal uses it: real processes in an empty DATA_DIR, and what they leave behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0
_OURS = (
    "DATABASE_URL",
    "REDIS_URL",
    "DATA_DIR",
    "HOST",
    "PORT",
    "SANDBOX_PORT",
    "METRICS_PORT",
    "PUBLIC_URL",
    "LOG_LEVEL",
)


def plain_environment(**values: str) -> dict[str, str]:
    """This process's environment without any setting of the product, and `values`."""
    others = {k: v for k, v in os.environ.items() if k not in _OURS and not k.startswith(("WECHAT_", "MP_APP_"))}
    return {**others, **values}


T = TypeVar("T")


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """What it printed, as JSON."""
        assert self.code == 0, self
        return json.loads(self.out)


def zhiping(environment: dict[str, str], *arguments: str | Path) -> Ended:
    """Run a command to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "app", *map(str, arguments)],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def until(find: Callable[[], T], what: object = "") -> T:
    """What `find` gives once it gives something; fails with `what` after a while."""
    deadline = time.monotonic() + PATIENCE
    while not (found := find()):
        assert time.monotonic() < deadline, what() if callable(what) else what
        time.sleep(0.05)
    return found


def processes_of(data_dir: Path) -> dict[int, str]:
    """Processes that have to do with a DATA_DIR, by number: in their environment or on their command line (as PostgreSQL has)."""
    found = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            command = (place / "cmdline").read_bytes()
            environment = (place / "environ").read_bytes()
        except OSError:  # gone meanwhile
            continue
        if command and str(data_dir).encode() in command + environment and int(place.name) != os.getpid():
            found[int(place.name)] = command.replace(b"\0", b" ").decode()
    return found


class Demo:
    """A running `zhiping demo`."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, environment: dict[str, str]) -> None:
        self.process = process
        self.log = log
        self.environment = environment

    def said(self) -> str:
        """All that it printed."""
        return self.log.read_text()

    def wait_until_up(self) -> None:
        """Until it has printed what to try."""
        until(lambda: "试一试" in self.said() or self.process.poll() is not None, self.said)
        assert self.process.poll() is None, self.said()

    def part(self, words: str) -> int:
        """The number of the process whose command line ends with these words."""
        found = processes_of(Path(self.environment["DATA_DIR"]))
        return until(lambda: next((number for number, line in found.items() if line.strip().endswith(words)), 0), found)

    def end(self, number: signal.Signals, *, to_group: bool = False) -> int:
        """Send a signal to it, or to its whole group as Ctrl-C does; its exit code."""
        (os.killpg if to_group else os.kill)(self.process.pid, number)
        return self.process.wait(PATIENCE)


def start_demo(environment: dict[str, str], log: Path) -> Demo:
    """A demo that is just starting."""
    with log.open("ab") as file:
        process = subprocess.Popen(
            # Where the tests themselves were started with `nohup`, the demo would take that over.
            ["env", "--default-signal=HUP", sys.executable, "-m", "app", "demo"],
            env=environment,
            cwd=ROOT,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    return Demo(process, log, environment)


@contextmanager
def demo(environment: dict[str, str], log: Path) -> Iterator[Demo]:
    """A demo, up; stopped at the end where it still runs."""
    running = start_demo(environment, log)
    try:
        running.wait_until_up()
        yield running
    finally:
        if running.process.poll() is None:
            running.end(signal.SIGTERM)
