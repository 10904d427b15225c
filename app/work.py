"""`zhiping work`: one worker; any number may run, each tick is done once."""

from app.build import refuse_unreadable_polls
from app.resources import open_runtime
from app.serve import listen, metrics_app
from app.signals import stop_signal
from config.settings import Settings
from scheduler.runner import run
from services.meetings.fonts import require_font


async def run_work(settings: Settings) -> int:
    """Work until SIGTERM or SIGINT, then finish the jobs under way."""
    require_font()  # pictures with boxes would be worse than none
    async with open_runtime(settings) as rt:
        await refuse_unreadable_polls(settings)
        stop = stop_signal()
        runners = []
        if settings.work_metrics_port:
            runners.append(
                await listen(metrics_app(), settings.metrics_host, settings.work_metrics_port, "WORK_METRICS_PORT")
            )
        await run(rt, stop)
        for runner in runners:
            await runner.cleanup()
    return 0
