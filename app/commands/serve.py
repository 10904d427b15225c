"""`zhiping serve`."""

from argparse import Namespace

from app.commands.tables import Single
from app.serve import run_serve
from config.settings import Settings


async def _serve(settings: Settings, options: Namespace) -> int:
    return await run_serve(settings)


SERVE = Single(_serve, may_start=False)
