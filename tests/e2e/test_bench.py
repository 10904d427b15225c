"""The benches run, and judge answers; what they measure is no test's business."""

import subprocess
import sys

from bench.electorate import close_meeting, open_meeting, settle
from bench.recount import recount
from config.settings import load_settings


def output_of(bench: str) -> str:
    """What a tiny run prints; it must end with 0."""
    run = subprocess.run([sys.executable, "-m", bench, "--tiny"], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def test_the_callback_bench_prints_ratios_memory_and_where_the_time_goes() -> None:
    printed = output_of("bench.callback")
    for expected in (
        "a conversation step, 1 connection ",
        "a committed vote, 4 connections",
        "help, 4 connections",
        "somebody else's answer beside a flood by one openid",
        "peak memory of serve",
        "where the time of a committed vote goes",
    ):
        assert expected in printed


def test_the_hall_bench_counts_again_and_waits_for_the_screen() -> None:
    printed = output_of("bench.assembly")
    for expected in (
        "20 phones within 1 s, 2 serve",
        "20 told 已计入, lost 0, doubled 0, wrong answers 0, recount equal",
        "result on the screen after",
        "bare handler",
        "ratio",
    ):
        assert expected in printed


def test_the_memory_bench_tells_use_and_growth() -> None:
    printed = output_of("bench.memory")
    for expected in ("MB in use", "       400 ", "from half of them to all"):
        assert expected in printed


def test_the_reminders_bench_plans_sends_and_is_refused_nothing() -> None:
    printed = output_of("bench.reminders")
    for expected in (
        "200 people, 5 schemes: 203 digests planned in",
        "refused by the platform: {}; told twice: 0; not told: 0",
    ):
        assert expected in printed


async def test_the_recount_tells_of_votes_that_were_sent_and_not_counted(settings_values: dict[str, str]) -> None:
    settings = load_settings(settings_values)
    await settle(settings, voters=10, reporters=2)
    meeting = await open_meeting(settings, reporters=2)
    await close_meeting(settings, meeting)
    screen = {"rows": [{"score": None}, {"score": "90.00"}]}
    found = await recount(settings, meeting.id, [["好", "弃权"]] * 10, screen)
    assert found.ballots == 0
    assert "(0, 1, '好'): 6 sent, 0 counted" in found.differences
    assert "reporter 0: None is not 90" in found.differences
    assert "reporter 1: 90.00 on the screen, None in the result" in found.differences
    assert len(found.differences) == 8
