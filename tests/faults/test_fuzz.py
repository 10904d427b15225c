"""Fuzzed callbacks against a real web process: no crash, no 5xx, no trace in the data, no growth. `make soak` sends 100,000."""

from pathlib import Path

from tests.e2e.stage import open_stage
from tests.faults.shelling import GROWTH_MB, lasting_keys, megabytes, record, rows_of, shell

CASES = 2500


async def test_fuzzed_callbacks_do_nothing(settings_values: dict[str, str], tmp_path: Path) -> None:
    async with open_stage(settings_values, tmp_path) as stage:
        recorded = await record(stage)
        stage.kill("work")
        before = await rows_of(settings_values["DATABASE_URL"])
        await shell(stage, recorded, CASES // 2, 1)
        warm = megabytes(stage)
        statuses = await shell(stage, recorded, CASES // 2, 2)
        assert megabytes(stage) - warm < GROWTH_MB
        assert {200, 400, 403} <= set(statuses)
        assert await rows_of(settings_values["DATABASE_URL"]) == before
        assert await lasting_keys(settings_values["REDIS_URL"]) == []
        assert '"level": "error"' not in stage.all_logs()
