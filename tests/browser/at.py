"""Another day in a process of a site: `SITE_CLOCK=2025-04-01T09:00+09:00 python -m tests.browser.at manage
migrate`. The clock runs on from there.
"""

import os
import runpy
import sys

import time_machine


def program(environment: dict[str, str], name: str) -> list[str]:
    """How a module is run as a program in a site's environment, on the day that this says, or today."""
    return [sys.executable, "-m", *(["tests.browser.at"] if "SITE_CLOCK" in environment else []), name]


if __name__ == "__main__":
    time_machine.travel(os.environ["SITE_CLOCK"], tick=True).start()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
