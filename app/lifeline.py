"""`python -m app.lifeline MODULE ARGUMENT...` runs a module that ends when its starter is gone, even by SIGKILL.

The starter holds the other end of standard input and writes nothing: its end is noticed as the end of that pipe, on any system.
"""

import os
import runpy
import signal
import sys
import threading


def _end_with_starter() -> None:
    # Not sys.stdin: a thread inside its lock would keep the interpreter from ending.
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Run the module that the arguments name, as `python -m` would."""
    module, *arguments = sys.argv[1:]
    sys.argv[1:] = arguments
    threading.Thread(target=_end_with_starter, daemon=True).start()
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
