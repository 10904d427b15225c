"""`zhiping demo`."""

import os
from argparse import Namespace

from app.commands.tables import Plain
from app.demo.running import run_demo
from config.logging import set_up_logging


def _demo(options: Namespace) -> int:
    set_up_logging("error")
    return run_demo(os.environ)


DEMO = Plain(_demo)
