"""Logs as JSON, a line an event, without personal data.

A line holds the event's words, the request number and the names that a call passes as ``extra``; exception texts
are left out, because a driver may quote values in them. What is kept of an exception is its kind and where it
happened.
"""

import json
import logging
import traceback
from datetime import UTC, datetime

_EXTRA = (
    "fault",
    "request_number",
    "outbox_id",
    "mails",
    "batch_id",
    "head",
    "seq",
    "account_id",
    "reply",
    "method",
    "endpoint",
    "status",
    "ms",
)


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "event": record.getMessage(),
        }
        line.update({name: getattr(record, name) for name in _EXTRA if hasattr(record, name)})
        if record.exc_info and record.exc_info[1] is not None:
            frames = traceback.extract_tb(record.exc_info[2])
            line["at_line"] = [f"{frame.filename}:{frame.lineno}" for frame in frames[-4:]]
        return json.dumps(line, ensure_ascii=False)


def start() -> None:
    """Send our own events to standard error as JSON; other libraries are heard from warnings on."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("mypage").setLevel(logging.INFO)
