"""`zhiping serve`: one stateless web process; any number may run."""

import errno
import gc

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app.build import make_web_app, refuse_unreadable_polls
from app.resources import open_runtime
from app.signals import stop_signal
from config.refusals import BadInput
from config.settings import Settings
from services.meetings.fonts import require_font

_GRACE_SECONDS = 6.0
_READY_CONNECTIONS = 10


async def run_serve(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT, then finish what is under way. Raises `BadInput` for a taken port."""
    require_font()  # pictures with boxes would be worse than none
    async with open_runtime(settings, ready=_READY_CONNECTIONS) as rt:
        await refuse_unreadable_polls(settings)
        stop = stop_signal()
        runners = [await listen(make_web_app(rt), settings.host, settings.port, "PORT")]
        if settings.metrics_port:
            runners.append(await listen(metrics_app(), settings.metrics_host, settings.metrics_port, "METRICS_PORT"))
        gc.freeze()  # what is here now stays: looking through it again and again would hold answers up
        await stop.wait()
        for runner in runners:
            await runner.cleanup()
    return 0


async def listen(app: web.Application, host: str, port: int, name: str) -> web.AppRunner:
    """Serve an application at an address; `name` is the setting that is named where the port is taken. Raises `BadInput`."""
    # No access log: it would tell who voted when (design §5, T9).
    # Nothing is decompressed: whoever may not come in shall not make us unpack anything either.
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_GRACE_SECONDS, auto_decompress=False)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, backlog=1024).start()
    except OSError as error:
        await runner.cleanup()
        if error.errno != errno.EADDRINUSE:
            raise
        raise BadInput([f"{name}={port}：端口被占用。请停掉占用它的程序，或改用别的端口。"]) from None
    return runner


def metrics_app() -> web.Application:
    """`/metrics` of this process, for Prometheus."""

    async def metrics(request: web.Request) -> web.Response:
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application()
    app.router.add_get("/metrics", metrics)
    return app
