"""When a nightly command last ended well on this machine: the time of a file per command in STATE_DIR."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings


def _file(command: str) -> Path:
    return Path(settings.STATE_DIR) / "runs" / command


def note(file: Path, text: str = "") -> None:
    """Writes a small file whose time is this server's: a disk in the network may have another."""
    file.touch(mode=0o600)
    file.write_text(text)
    now = time.time()
    os.utime(file, (now, now))


def ended_well(command: str) -> bool:
    """To be called at a command's end; whether it could be noted. What cannot be is done all the same."""
    try:
        _file(command).parent.mkdir(mode=0o700, exist_ok=True)
        note(_file(command))
    except OSError:
        return False
    return True


def last_run(command: str) -> datetime | None:
    """None where it never ended well here."""
    try:
        return datetime.fromtimestamp(_file(command).stat().st_mtime, UTC)
    except OSError:
        return None
