"""`python -m tests.faults.clocked …` is `python -m app …` on a machine whose clock jumps.

The file that FAULTY_CLOCK names holds by how many seconds it is wrong. The machine's clock is the edge that is faked here: the
product reads it in one place.
"""

import os
import sys
from datetime import datetime, timedelta
from pathlib import Path

from config import clock

_right = clock.now
_wrong_by = Path(os.environ["FAULTY_CLOCK"])


def _now() -> datetime:
    return _right() + timedelta(seconds=float(_wrong_by.read_text()))


clock.now = _now

if __name__ == "__main__":
    from app.__main__ import main  # only now: some modules keep the function

    sys.exit(main())
