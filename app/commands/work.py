"""`zhiping work`."""

from argparse import Namespace

from app.commands.tables import Single
from app.work import run_work
from config.settings import Settings


async def _work(settings: Settings, options: Namespace) -> int:
    return await run_work(settings)


WORK = Single(_work, may_start=False)
