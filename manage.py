#!/usr/bin/env python
"""Django's command line for this project."""

import os
import sys

from manifesto import VERSION


def main() -> None:
    if sys.argv[1:] == ["version"]:  # Django would answer with its own
        sys.stdout.write(f"{VERSION}\n")
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "manifesto.settings")
    from django.core.management import execute_from_command_line
    from django.db import DatabaseError

    try:
        execute_from_command_line(sys.argv)
    except DatabaseError as problem:
        from tracker.management import unmigrated

        words = "" if unmigrated.OWN_WORDS & set(sys.argv[1:2]) else unmigrated.words_for(problem)
        if not words:
            raise
        sys.exit(words)


if __name__ == "__main__":
    main()
