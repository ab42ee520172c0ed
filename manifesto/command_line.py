"""manage.py: what stops a command is told in words, where it is the machine's or the settings' fault.

A traceback is for whoever mends the program: `--traceback` shows it, and what nobody expects shows it anyway.
"""

import sys
from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from manifesto.command_words import execute
from tracker.management import unmigrated
from tracker.words.system_errors import NOT_THIS_VERSION, REASONS, in_words, of_database

MORE = "（--traceback を付けると、起きた場所が出ます）"


def run(arguments: Sequence[str]) -> None:
    """Runs a command to its end. Ends with 1 where it could not be done."""
    try:
        execute(list(arguments))
    except (ImproperlyConfigured, DatabaseError, OSError) as problem:
        told = "" if "--traceback" in arguments else _told(problem, arguments)
        if not told:
            raise
        sys.exit(told)


def _told(problem: ImproperlyConfigured | DatabaseError | OSError, arguments: Sequence[str]) -> str:
    """Why, and where; "" where nobody expects it."""
    if isinstance(problem, DatabaseError):
        why = of_database(problem)
        if why in {"", NOT_THIS_VERSION}:
            is_about_it = unmigrated.OWN_WORDS & set(arguments[1:2])
            return "" if is_about_it else unmigrated.words_for(problem)
        return f"できませんでした：{why}。{MORE}"
    if isinstance(problem, ImproperlyConfigured):
        return f"できませんでした：{problem}{MORE}"
    has_no_reader = isinstance(problem, BrokenPipeError)
    if has_no_reader or problem.errno not in REASONS:
        return ""
    where = f"{problem.filename}：" if problem.filename else ""
    return f"できませんでした：{where}{in_words(problem)}。{MORE}"
