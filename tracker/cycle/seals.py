"""The keyed seal of the chain's end, and the log outside the database that keeps every one (docs/adr/0014).

Key and log live in STATE_DIR. Who can write to the database alone can make no seal, and takes none back.
"""

import hmac
import logging
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.utils import timezone

LINE = re.compile(r"\S+ (\d{1,18}) ([0-9a-f]{64}) ([0-9a-f]{64})")  # when, number and hash of an event, seal
logger = logging.getLogger(__name__)


def seal(number: int, own_hash: str) -> str:
    """HMAC-SHA256 over an event's number and hash, and so over the whole chain up to it."""
    return hmac.new(settings.SEAL_KEY.encode(), f"event {number} {own_hash}".encode(), "sha256").hexdigest()


def is_ours(number: int, own_hash: str, given: str) -> bool:
    """Whether a seal was made with our key."""
    return hmac.compare_digest(seal(number, own_hash).encode(), given.encode())


def log_path() -> Path:
    return Path(settings.STATE_DIR) / "seals.log"


def keep(number: int, own_hash: str) -> None:
    """Appends a sealed line to the log; to be called after the commit.

    A full disk costs no act: the next line vouches for all events before it.
    """
    line = f"{timezone.now().isoformat()} {number} {own_hash} {seal(number, own_hash)}\n"
    try:
        _append(log_path(), line.encode())
    except OSError as problem:
        logger.error(
            "%s に履歴 %d 番の封印を書けません（%s）。記録は済んでいます。", log_path(), number, problem
        )


def _append(path: Path, line: bytes) -> None:
    """One write at the end of a private file; on a line of its own, even where one was left half written."""
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b", buffering=0) as file:
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            line = line if file.read(1) == b"\n" else b"\n" + line
        if file.write(line) != len(line):
            raise OSError("the line was cut off")


@dataclass
class SealLog:
    """What the log holds: by number of event the hashes that it had, and the lines that vouch for nothing."""

    exists: bool = False
    lines: int = 0
    hashes: dict[int, set[str]] = field(default_factory=dict)
    foreign: list[int] = field(default_factory=list)  # lines whose seal our key did not make
    unreadable: list[int] = field(default_factory=list)  # half a line, where the disk was full

    @property
    def reaches(self) -> int:
        """The last event that it vouches for; 0 where it does for none."""
        return max(self.hashes, default=0)


def read() -> SealLog:
    """The log as it stands. Raises OSError where it is there and cannot be read."""
    found = SealLog()
    try:
        file = log_path().open(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return found
    found.exists = True
    with file:
        for place, line in enumerate(file, start=1):
            if line.strip():
                _take(found, place, line.rstrip("\n"))
    return found


def _take(found: SealLog, place: int, line: str) -> None:
    found.lines += 1
    if not (match := LINE.fullmatch(line)):
        found.unreadable.append(place)
    elif is_ours(number := int(match[1]), match[2], match[3]):
        found.hashes.setdefault(number, set()).add(match[2])
    else:
        found.foreign.append(place)
