"""The parts of the demo as processes: simulator, web, worker. One that dies is started again; all end with the demo."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

_LIFELINE = (sys.executable, "-m", "app.lifeline")
_PARTS = {
    "模拟器": (*_LIFELINE, "sandbox"),
    "网页": (*_LIFELINE, "app", "serve"),
    "后台": (*_LIFELINE, "app", "work"),
}
_GRACE_SECONDS = 8


@dataclass(slots=True)
class Parts:
    """Running parts by name. Killing one shows what is lost: nothing."""

    environment: dict[str, str]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str) -> None:
        """Start a part, in a session of its own: a Ctrl-C is for the demo, which then stops its parts in order."""
        self.running[name] = subprocess.Popen(  # noqa: S603 - our own parts
            _PARTS[name], env=self.environment, stdin=subprocess.PIPE, start_new_session=True
        )

    def dead(self) -> list[str]:
        """Names of the parts that have ended."""
        return [name for name, process in self.running.items() if process.poll() is not None]

    def watch(self) -> None:
        """For ever: start again what died."""
        while True:
            for name in self.dead():
                print(f"「{name}」进程已退出，正在重新启动。", flush=True)
                self.start(name)
            time.sleep(0.3)

    def stop(self) -> None:
        """SIGTERM to all, SIGKILL to those that take too long."""
        for process in self.running.values():
            process.terminate()
        deadline = time.monotonic() + _GRACE_SECONDS
        for process in self.running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def running_parts(values: Mapping[str, str]) -> Iterator[Parts]:
    """All parts started with these settings; stopped at the end of the block."""
    sandbox = {
        "SANDBOX_PORT": values["SANDBOX_PORT"],
        "SANDBOX_CALLBACK_URL": f"http://{values['HOST']}:{values['PORT']}/wechat",
    }
    quiet = {} if os.environ.get("LOG_LEVEL") else {"LOG_LEVEL": "warning"}
    parts = Parts({**os.environ, **values, **sandbox, **quiet})
    try:
        for name in _PARTS:
            parts.start(name)
        yield parts
    finally:
        parts.stop()
