"""`zhiping work`: one worker; any number may run, each tick is done once."""

from app.build import refuse_unreadable_polls
from app.resources import open_runtime
from app.signals import stop_signal
from config.settings import Settings
from scheduler.runner import run


async def run_work(settings: Settings) -> int:
    """Work until SIGTERM or SIGINT, then finish the jobs under way."""
    async with open_runtime(settings) as rt:
        await refuse_unreadable_polls(settings)
        await run(rt, stop_signal())
    return 0
