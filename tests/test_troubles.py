"""Which exceptions, as the databases raise them, mean that something is in the way; what can be written."""

import errno
import os
import sqlite3
from pathlib import Path

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction

from tracker import storage, troubles
from tracker.models import ChainHead
from tracker.troubles import Trouble
from tracker.turns import Busy


def wrapped(cause: Exception) -> Exception:
    """As Django raises it."""
    try:
        raise OperationalError("…") from cause
    except OperationalError as problem:
        return problem


class Told(Exception):  # noqa: N818
    def __init__(self, state: str) -> None:
        self.sqlstate = state


@pytest.mark.parametrize(
    ("problem", "trouble"),
    [
        (Busy("…"), Trouble.BUSY),
        (OSError(errno.ENOSPC, "no space left"), Trouble.DISK),
        (OSError(errno.EROFS, "read-only"), Trouble.DISK),
        (OSError(errno.EACCES, "not allowed"), None),
        *((wrapped(Told(state)), Trouble.BUSY) for state in ("55P03", "57014", "25P03", "40P01", "53300")),
        *((wrapped(Told(state)), Trouble.DISK) for state in ("53100", "25006")),
        (wrapped(Told("23505")), None),
        (IntegrityError("…"), None),
        (ValueError("…"), None),
        (None, None),
    ],
)  # fmt: skip
def test_trouble_of(problem: BaseException | None, trouble: Trouble | None) -> None:
    assert troubles.of(problem) == trouble


@pytest.mark.parametrize(
    ("setting", "trouble"),
    [
        ("query_only = ON", Trouble.DISK),
        ("max_page_count = 3", Trouble.DISK),
        ("busy_timeout = 1", Trouble.BUSY),
    ],
)
def test_trouble_of_an_error_of_sqlite(tmp_path: Path, setting: str, trouble: Trouble) -> None:
    with sqlite3.connect(tmp_path / "a.sqlite3", isolation_level=None) as file:
        file.execute("CREATE TABLE a (b)")
        file.execute(f"PRAGMA {setting}")
        with sqlite3.connect(tmp_path / "a.sqlite3", isolation_level=None) as other:
            if trouble is Trouble.BUSY:
                other.execute("BEGIN IMMEDIATE")
            with pytest.raises(sqlite3.OperationalError) as raised:
                file.execute("INSERT INTO a VALUES (zeroblob(100000))")
    assert troubles.of(wrapped(raised.value)) == trouble


@pytest.mark.django_db
def test_trouble_of_a_database_that_may_only_be_read() -> None:
    words = "PRAGMA query_only = %s" if connection.vendor == "sqlite" else "SET transaction_read_only = %s"
    with connection.cursor() as cursor:
        assert not storage.is_read_only(connection)
        cursor.execute(words % "ON")
        try:
            assert storage.is_read_only(connection)
            with pytest.raises(DatabaseError) as raised, transaction.atomic():
                ChainHead.objects.create(pk=1, number=1, own_hash="")
        finally:
            if connection.vendor == "sqlite":
                cursor.execute(words % "OFF")
    assert troubles.of(raised.value) == Trouble.DISK


def test_a_folder_with_room_can_be_written(tmp_path: Path) -> None:
    assert storage.can_be_written(tmp_path)
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - nothing is left


def test_a_folder_that_takes_no_file_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not storage.can_be_written(tmp_path / "gone")
    monkeypatch.setattr(storage, "LEAST_BYTES", 1 << 62)
    assert not storage.can_be_written(tmp_path)
