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
    from manifesto import command_line

    command_line.run(sys.argv)


if __name__ == "__main__":
    main()
