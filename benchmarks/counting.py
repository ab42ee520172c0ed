"""What a process takes: statements of the database, and memory with its children's."""

import os
import resource
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection

PAUSE_SECONDS = 0.005


@contextmanager
def counted_statements() -> Iterator[Callable[[], int]]:
    """Counts statements, those of transactions and savepoints included, without keeping their words."""
    number = 0

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal number
        number += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield lambda: number


def most_mib() -> float:
    """The most memory that this process ever had resident."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@contextmanager
def watched_memory() -> Iterator[Callable[[], float]]:
    """The most memory, in MiB, that this process and the calling thread's children had resident at once.

    Looks every few milliseconds at this process as it is, and at the most that each child has had so far.
    `getrusage` says of children that are gone what their parent had when it started them.
    """
    most, is_over, thread = 0.0, threading.Event(), threading.get_native_id()

    def watch() -> None:
        nonlocal most
        while not is_over.wait(PAUSE_SECONDS):
            kib = _kib("self", "VmRSS") + sum(_kib(child, "VmHWM") for child in _children(thread))
            most = max(most, kib / 1024)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    yield lambda: max(most, most_mib())
    is_over.set()
    watcher.join()


def _children(thread: int) -> list[str]:
    """The processes that a thread has started, once they are another program than their parent."""
    found = Path(f"/proc/self/task/{thread}/children").read_text().split()
    return [child for child in found if _program(child) != _program(str(os.getpid()))]


def _program(process: str) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:  # gone
        return b""


def _kib(process: str, name: str) -> int:
    try:
        return int(Path(f"/proc/{process}/status").read_text().split(f"{name}:")[1].split()[0])
    except (OSError, IndexError):  # gone, or about to be
        return 0
