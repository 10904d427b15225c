"""`zhiping lint … | head` said that the database was away: a closed pipe is a ConnectionError, too."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("scheme", ["star-rating", "solid-branch"])
def test_a_command_whose_reader_has_gone_says_nothing(scheme: str) -> None:
    command = [sys.executable, "-m", "app", "lint", scheme]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        said = running.stderr.read().decode()
    assert (said, running.returncode) == ("", 1)
