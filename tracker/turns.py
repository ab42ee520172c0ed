"""Work that a machine can do only a little of at once takes turns, across all processes of the server.

A turn is a locked file. The operating system lets go of it when its process ends, however that ends.
"""

import fcntl
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import IO, Any

SECONDS_BETWEEN_TRIES = 0.05
_folders = [Path(tempfile.gettempdir()) / "manifesto-turns"]  # the last one counts


class Busy(Exception):  # noqa: N818 - no error: later it will do
    """All turns are taken. The message says what is going on, for the person who has to wait."""


def keep_in(folder: Path) -> None:
    """Where the files are: one folder for all processes of an installation."""
    _folders.append(folder)


@contextmanager
def turn(work: str, words: str, *, of: int, patience: float) -> Iterator[int]:
    """One of so many turns for a kind of work. Raises Busy with the words after `patience` seconds.

    Gives the locked file's number: a process that inherits it holds the turn, too, until it ends.
    """
    until = time.monotonic() + patience
    while (held := _free(work, of)) is None:
        if time.monotonic() >= until:
            raise Busy(words)
        time.sleep(SECONDS_BETWEEN_TRIES)
    with held:
        yield held.fileno()


def begin_process(command: Sequence[str], held: int, **more: Any) -> "subprocess.Popen[bytes]":
    """Starts a process that holds a turn until it ends, and outlives the request; `more` is for Popen."""
    process = subprocess.Popen(  # noqa: S603 - who calls has made the command
        command,
        stdout=subprocess.DEVNULL,
        pass_fds=[held],
        start_new_session=True,  # a restart of the server lets it finish
        **more,
    )
    Thread(target=process.wait, daemon=True).start()  # the system is told that we know of its end
    return process


def _free(work: str, of: int) -> IO[bytes] | None:
    _folders[-1].mkdir(mode=0o700, parents=True, exist_ok=True)
    for number in range(of):
        file = (_folders[-1] / f"{work}-{number}.lock").open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
        else:
            return file
    return None
