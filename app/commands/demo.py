"""`zhiping demo`."""

import os
from argparse import Namespace

from app.commands.tables import Plain
from config.logging import set_up_logging


def _demo(options: Namespace) -> int:
    # The image has no simulator, and shows its help all the same.
    from app.demo.running import run_demo

    set_up_logging("error")
    return run_demo(os.environ)


DEMO = Plain(_demo)
