"""What is in the way when a request cannot be answered now, and how it is told from its exception."""

import errno
from collections.abc import Iterator
from enum import StrEnum

from django.db import DatabaseError

from tracker.turns import Busy

KEY = "tracker.trouble"  # in a request's environment; no header of a client's can be called so


class Trouble(StrEnum):
    """BUSY: later it will do. DISK: only the administrator can help. The others are about what was sent."""

    BUSY = "busy"
    DISK = "disk"
    TOO_LARGE = "too large"
    CUT_OFF = "cut off"


DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
SQLITE_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED")
SQLITE_DISK = ("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_IOERR", "SQLITE_CANTOPEN")
# PostgreSQL, appendix A: a lock, a statement or a transaction took too long, a deadlock, no connection left.
POSTGRESQL_BUSY = {"55P03", "57014", "25P03", "40P01", "53300"}
POSTGRESQL_DISK = {"53100", "25006"}  # the disk is full; the database may only be read


def of(problem: BaseException | None) -> Trouble | None:
    """The trouble behind an exception; None for any other, which is an error of the program."""
    for each in _causes(problem):
        if isinstance(each, Busy):
            return Trouble.BUSY
        if isinstance(each, OSError) and each.errno in DISK_ERRORS:
            return Trouble.DISK
        if isinstance(each, DatabaseError) and (found := _of_database(each.__cause__)):
            return found
    return None


def _causes(problem: BaseException | None) -> Iterator[BaseException]:
    while problem is not None:
        yield problem
        problem = problem.__cause__


def _of_database(cause: BaseException | None) -> Trouble | None:
    """By the name of SQLite's error, or by PostgreSQL's SQLSTATE."""
    name, state = getattr(cause, "sqlite_errorname", "") or "", getattr(cause, "sqlstate", "") or ""
    if name.startswith(SQLITE_BUSY) or state in POSTGRESQL_BUSY:
        return Trouble.BUSY
    return Trouble.DISK if name.startswith(SQLITE_DISK) or state in POSTGRESQL_DISK else None
