"""Ports for servers that a test starts a moment later."""

import secrets
import socket

# Above what services have of old, below what Linux gives to outgoing connections: nobody takes one of these in between.
_FIRST, _COUNT = 10_000, 20_000


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on; drawn, so that tests side by side do not draw the same."""
    while True:
        port = _FIRST + secrets.randbelow(_COUNT)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
