"""The words of `zhiping` that are processes, and the one that only prepares their database. Each loads its own part alone."""

import os
from argparse import Namespace

from app.commands.tables import Plain, Single
from config.settings import Settings


def _demo(options: Namespace) -> int:
    from app.demo.running import run_demo
    from config.logging import set_up_logging

    set_up_logging("error")
    return run_demo(os.environ)


async def _serve(settings: Settings, options: Namespace) -> int:
    from app.serve import run_serve

    return await run_serve(settings)


async def _work(settings: Settings, options: Namespace) -> int:
    from app.work import run_work

    return await run_work(settings)


async def _migrate(settings: Settings, options: Namespace) -> int:
    """Every command but serve and work brings the schema to the newest version first; this one does nothing else."""
    print("数据库结构已是最新。")
    return 0


DEMO = Plain(_demo)
SERVE, WORK = Single(_serve, may_start=False), Single(_work, may_start=False)
MIGRATE = Single(_migrate)
