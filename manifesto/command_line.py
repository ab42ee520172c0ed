"""manage.py: what stops a command is told in words, where it is the machine's or the settings' fault.

A traceback is for whoever mends the program: `--traceback` shows it, and what nobody expects shows it anyway.
"""

import sys
from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import DatabaseError

from tracker.words.system_errors import REASONS, in_words, of_database

MORE = "（--traceback を付けると、起きた場所が出ます）"


def run(arguments: Sequence[str]) -> None:
    """Runs a command to its end. Ends with 1 where it could not be done."""
    try:
        execute_from_command_line(list(arguments))
    except (ImproperlyConfigured, DatabaseError, OSError) as problem:
        told = "" if "--traceback" in arguments else _told(problem)
        if not told:
            raise
        sys.exit(f"できませんでした：{told}{MORE}")


def _told(problem: Exception) -> str:
    """Why, and where; "" where nobody expects it."""
    if isinstance(problem, ImproperlyConfigured):
        return str(problem)
    if isinstance(problem, BrokenPipeError):  # whoever read the output has gone
        return ""
    if isinstance(problem, OSError):
        where = f"{problem.filename}：" if problem.filename else ""
        return f"{where}{in_words(problem)}。" if problem.errno in REASONS else ""
    words = of_database(problem)
    return f"{words}。" if words else ""
