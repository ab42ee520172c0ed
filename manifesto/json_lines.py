"""The log as one line of JSON each (LOG_FORMAT=json), without anything that people typed.

A message is written without what was put into it, and an error without its words: both can hold names or
texts. An address that is none of ours is somebody's writing, too. Where it happened, in which request and how
it was answered says enough to look further.
"""

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from django.urls import Resolver404, resolve

WORDS_OF_ERRORS = "django.security"  # whose messages are an error's words, with what was sent
NOT_OURS = "(no address of this site)"


class JsonLines(logging.Formatter):
    """A record as JSON."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
        }
        request = getattr(record, "request", None)
        if request is not None and hasattr(request, "path"):
            told |= {"method": request.method, "path": _path(request)}
        if isinstance(status := getattr(record, "status_code", None), int):
            told["status"] = status
        if record.exc_info and record.exc_info[0]:
            frames = traceback.extract_tb(record.exc_info[2])
            told["error"] = record.exc_info[0].__qualname__
            told["at"] = [f"{each.filename}:{each.lineno} {each.name}" for each in frames]
        return json.dumps(told, ensure_ascii=False)


def _message(record: logging.LogRecord) -> str:
    """As it stands in the code. Where somebody has put an error's words in before, its name."""
    words = str(record.exc_info[1]) if record.exc_info else ""
    if record.name.startswith(WORDS_OF_ERRORS) or (words and words in str(record.msg)):
        return record.name
    return str(record.msg)


def _path(request: HttpRequest) -> str:
    try:
        resolve(request.path)
    except Resolver404:
        return NOT_OURS
    return request.path
