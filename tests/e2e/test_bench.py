"""The benches run, and judge answers; what they measure is no test's business."""

import subprocess
import sys


def test_the_callback_bench_prints_ratios_memory_and_where_the_time_goes() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "bench.callback", "--tiny"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    for expected in (
        "a conversation step, 1 connection ",
        "a committed vote, 4 connections",
        "help, 4 connections",
        "peak memory of serve",
        "where the time of a committed vote goes",
    ):
        assert expected in run.stdout
