"""The log as one line of JSON each (LOG_FORMAT=json), without anything that people typed.

A message is written without what was put into it, and an error without its words: both can hold names or
texts. Where it happened, in which request and how it was answered says enough to look further.
"""

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Any


class JsonLines(logging.Formatter):
    """A record as JSON."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": str(record.msg),
        }
        request = getattr(record, "request", None)
        if request is not None and hasattr(request, "path"):
            told |= {"method": request.method, "path": request.path}
        if isinstance(status := getattr(record, "status_code", None), int):
            told["status"] = status
        if record.exc_info and record.exc_info[0]:
            frames = traceback.extract_tb(record.exc_info[2])
            told["error"] = record.exc_info[0].__qualname__
            told["at"] = [f"{each.filename}:{each.lineno} {each.name}" for each in frames]
        return json.dumps(told, ensure_ascii=False)
