"""Structured logs: one JSON line an event, with an `action` word that can be searched for. Never bodies, choices, tokens, openids."""

import json
import logging
import sys
from datetime import UTC, datetime

# The attributes every LogRecord has; what a caller passes in `extra` is what remains.
_STANDARD = set(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object: at, level, action, say, then the fields of `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line of JSON. Of an exception only its class and where it came from are kept: its text may quote a message."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "action": getattr(record, "action", "log"),
            "say": record.getMessage(),
        }
        line |= {key: value for key, value in record.__dict__.items() if key not in _STANDARD and key != "action"}
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["where"] = _places(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def _places(exc_info: object) -> list[str]:
    """`file:line function` of the innermost frames, without source text or values."""
    places = []
    trace = exc_info[2] if isinstance(exc_info, tuple) else None
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rsplit('/', 3)[-1]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places[-6:]


def set_up_logging(level: str) -> None:
    """Send everything from `level` up to standard error as JSON lines; libraries that echo statements or URLs are kept quiet."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in ("tortoise", "asyncpg", "aiohttp.access", "apscheduler", "asyncio"):
        logging.getLogger(name).setLevel(logging.ERROR)
