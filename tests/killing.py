"""Acts that are killed in the middle, as by kill -9: before a statement of SQL, or a change of files.

An act is played by a copy of this process, so that thirty plays cost one start of the program. Whoever plays
holds no connection to the database meanwhile.
"""

import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from django.db import connection, connections

TIMES = 30
LAST = 12  # steps, each of which is a moment: there the switch from old to new is
CHANGES_OF_FILES = {"os.rename", "os.remove", "os.symlink", "os.link", "os.mkdir", "os.rmdir"}


def played(act: Callable[[], object], number: int = 0) -> int | None:
    """Plays an act, which dies before its step of this number. How many steps it had, or None if it died."""
    connections.close_all()
    reading, writing = os.pipe()
    sys.stdout.flush()
    process = os.fork()
    if not process:
        _play(act, number, writing)
    os.close(writing)
    with os.fdopen(reading) as told:
        steps = told.read()
    end = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    assert end in {0, -signal.SIGKILL}, "the act failed by itself"
    return int(steps) if end == 0 else None


def moments(steps: int, times: int = TIMES) -> Iterator[int]:
    """So many numbers of steps: the last ones, and others before them at equal distances."""
    last = min(LAST, steps, times)
    yield from (1 + (steps - last) * place // (times - last) for place in range(times - last))
    yield from range(steps - last + 1, steps + 1)


def _play(act: Callable[[], object], number: int, writing: int) -> NoReturn:
    seen = 0

    def step() -> None:
        nonlocal seen
        seen += 1
        if seen == number:
            os.kill(os.getpid(), signal.SIGKILL)

    def statement(execute: Callable[..., Any], *given: Any) -> Any:
        step()
        return execute(*given)

    def audited(event: str, given: tuple[Any, ...]) -> None:
        is_written = event == "open" and bool(given[2] & (os.O_WRONLY | os.O_RDWR))
        if is_written or event in CHANGES_OF_FILES:
            step()

    try:
        sys.addaudithook(audited)
        with connection.execute_wrapper(statement):
            act()
        os.write(writing, str(seen).encode())
        os._exit(0)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)
