"""The public site as files, as `manage.py export_site` writes it: how long, and with how much memory."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks.cities import of_server
from benchmarks.site import PROJECT

PAUSE = 0.2  # seconds between two looks at the memory


class Exported(NamedTuple):
    """`seconds` for 1,000 pages, `mib` of all processes together at most (PSS)."""

    seconds: float
    mib: float
    pages: int


def measure(surroundings: Mapping[str, str], folder: Path) -> Exported:
    """Exports into a folder that is not there yet."""
    command = [sys.executable, "manage.py", "export_site", str(folder), "--address", "http://127.0.0.1"]
    begin, most = time.monotonic(), 0.0
    with subprocess.Popen(command, cwd=PROJECT, env=dict(surroundings), stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            with contextlib.suppress(OSError, IndexError):  # a process that has just ended
                most = max(most, of_server(process.pid).proportional)
            time.sleep(PAUSE)
    taken = time.monotonic() - begin
    if process.returncode:
        raise RuntimeError(f"export_site ended with {process.returncode}")
    pages = sum(1 for _page in (folder / "current").rglob("*.html"))
    return Exported(taken / pages * 1000, most, pages)
