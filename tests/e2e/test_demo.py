"""`zhiping demo` as somebody at a terminal meets it: up, used beside other commands, broken, stopped, and nothing left behind."""

import os
import re
import signal
import socket
import time
import urllib.request
from pathlib import Path

import pytest

from sandbox.phones import Phone, Sandbox
from tests.e2e.stage import bind
from tests.e2e.terminal import Demo, demo, plain_environment, processes_of, start_demo, until, zhiping
from tests.integration.world import make_hall, meeting_of, roster_of
from tests.ports import free_port


@pytest.fixture
def environment(directory: Path) -> dict[str, str]:
    ports = {name: str(free_port()) for name in ("PORT", "SANDBOX_PORT", "METRICS_PORT")}
    return plain_environment(DATA_DIR=str(directory), METRICS_HOST="127.0.0.2", **ports)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "demo.log"


def answers(environment: dict[str, str], path: str = "/readyz", port: str = "PORT", host: str = "127.0.0.1") -> bool:
    try:
        with urllib.request.urlopen(f"http://{host}:{environment[port]}{path}", timeout=5) as response:
            return response.status == 200
    except OSError:
        return False


async def find_phone(sandbox: Sandbox, role: str) -> Phone:
    """The phone that the demo gave to somebody with this role; its note ends with the binding code."""
    return next(phone for phone in await sandbox.phones() if phone.note.startswith(role))


async def test_a_demo_is_found_by_other_commands_and_survives_what_is_done_to_it(
    environment: dict[str, str], directory: Path, log: Path, tmp_path: Path
) -> None:
    with demo(environment, log) as running:
        for name in ("PORT", "SANDBOX_PORT"):
            assert f"http://127.0.0.1:{environment[name]}/" in running.said()
        assert answers(environment)
        assert answers(environment, "/metrics", "METRICS_PORT", environment["METRICS_HOST"])
        assert not answers(environment, "/metrics", "METRICS_PORT")
        assert answers(environment, "/", "SANDBOX_PORT")
        assert (directory / "running.json").stat().st_mode & 0o777 == 0o600

        # Other SANDBOX_PORT: who starts a second one is told of the first one's.
        second = zhiping({**environment, "SANDBOX_PORT": "1"}, "demo")
        assert second.code == 1
        assert "已经在运行" in second.err
        assert f"127.0.0.1:{environment['SANDBOX_PORT']}" in second.err

        import_beside(environment, running, tmp_path)
        await bind_a_demo_phone(environment)

        serve = running.part("app serve")
        os.kill(serve, signal.SIGKILL)
        until(lambda: "正在重新启动" in running.said(), running.said)
        until(lambda: answers(environment), running.said)
        assert running.part("app serve") != serve
        assert running.end(signal.SIGINT, to_group=True) == 0
    assert "正在停止" in running.said()
    assert processes_of(directory) == {}
    assert not (directory / "running.json").exists()

    started = time.monotonic()
    with demo(environment, tmp_path / "second.log") as running:
        print(f"second start: {time.monotonic() - started:.1f} s")
        await assert_still_bound(environment)
        assert running.end(signal.SIGTERM) == 0


def import_beside(environment: dict[str, str], running: Demo, tmp_path: Path) -> None:
    """Other people's files beside the demo's, by commands that know nothing but DATA_DIR."""
    hall = make_hall()
    roster, file = tmp_path / "roster.xlsx", tmp_path / "meeting.yaml"
    roster.write_bytes(roster_of(hall))
    file.write_text(meeting_of(hall))
    only = plain_environment(DATA_DIR=environment["DATA_DIR"])
    report = zhiping(only, "roster", "import", roster, "--json").json()
    assert report["people"]["created"] == 1 + 36 + 3
    assert report["missing_people"] == [], "the demo's people are not theirs to miss"
    everybody = zhiping(only, "roster", "codes", "--json").json()
    assert sum(one["staff_no"].startswith("demo-") for one in everybody) > 500
    meeting = zhiping(only, "meeting", "import", file).json()
    result = zhiping(only, "meeting", "result", str(meeting["id"]), "--json").json()
    assert result["turnout"] == {"entitled": 36, "present": 0, "voted": 0}
    assert re.search(r"zhiping meeting result \d+", running.said())


async def bind_a_demo_phone(environment: dict[str, str]) -> None:
    async with Sandbox(f"http://127.0.0.1:{environment['SANDBOX_PORT']}") as sandbox:
        phone = await find_phone(sandbox, "党员代表")
        scenes = (await sandbox.call("GET", "/scenes"))["scenes"]
        await bind(phone, phone.name, phone.note.split()[-1], scenes[-1]["scene"])


async def assert_still_bound(environment: dict[str, str]) -> None:
    async with Sandbox(f"http://127.0.0.1:{environment['SANDBOX_PORT']}") as sandbox:
        phone = await find_phone(sandbox, "党员代表")
        assert "已绑定" in phone.note
        assert "已经绑定为" in (await phone.text("绑定")).text


def test_a_taken_port_is_named(environment: dict[str, str], directory: Path) -> None:
    with socket.create_server(("127.0.0.1", int(environment["SANDBOX_PORT"]))):
        refused = zhiping(environment, "demo")
    assert refused.code == 2
    assert f"SANDBOX_PORT={environment['SANDBOX_PORT']}" in refused.err
    assert " PORT=" not in refused.err
    assert not (directory / "postgres").exists(), "no server is started in vain"


def test_a_killed_demo_leaves_nothing_that_the_next_one_trips_over(
    environment: dict[str, str], directory: Path, log: Path, tmp_path: Path
) -> None:
    # Somebody was killed even earlier, while PostgreSQL's files were being made.
    (directory / "postgres").mkdir()
    (directory / "postgres" / "PG_VERSION").write_text("18")
    with demo(environment, log) as running:
        running.end(signal.SIGKILL)
    assert (directory / "running.json").exists(), "nobody could tidy up"
    # The parts and Redis end by themselves, PostgreSQL is adopted.
    with demo(environment, tmp_path / "second.log") as running:
        assert answers(environment)
        assert running.end(signal.SIGINT) == 0
    assert processes_of(directory) == {}


@pytest.mark.parametrize(
    ("number", "stage"),
    [(signal.SIGINT, "postgres"), (signal.SIGHUP, "running.json")],
)
def test_stopping_while_it_starts_leaves_no_process(
    environment: dict[str, str], directory: Path, log: Path, number: signal.Signals, stage: str
) -> None:
    starting = start_demo(environment, log)
    until((directory / stage).exists, starting.said)
    assert starting.end(number) == 0
    assert "Traceback" not in starting.said()
    assert processes_of(directory) == {}
    assert zhiping(plain_environment(DATA_DIR=str(directory)), "meeting", "list").code == 0
