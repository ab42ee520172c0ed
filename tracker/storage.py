"""Whether what is written now would be kept: the disk, and the database's leave to write."""

import os
import tempfile
from pathlib import Path

from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db.backends.base.base import BaseDatabaseWrapper

LEAST_BYTES = 16 * 1024 * 1024  # free on the disk: some uploads and a checkpoint of SQLite's


def can_be_written(folder: Path) -> bool:
    """Whether a folder's disk has room, and takes a file."""
    try:
        disk = os.statvfs(folder)
        with tempfile.NamedTemporaryFile(dir=folder) as probe:
            probe.write(b"?" * disk.f_frsize)
    except OSError:
        return False
    return disk.f_bavail * disk.f_frsize >= LEAST_BYTES


def assets_are_collected() -> bool:
    """Whether `collectstatic` has been run for all that our pages ask for."""
    names = [name for finder in get_finders() for name, _storage in finder.list([])]
    try:
        return all(staticfiles_storage.url(name) for name in names if name.startswith("tracker/"))
    except ValueError:  # no name of its content's
        return False


def is_read_only(connection: BaseDatabaseWrapper) -> bool:
    """Whether the database itself refuses to be written. It waits for no lock."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT current_setting('transaction_read_only')::bool OR pg_is_in_recovery()")
            return bool(cursor.fetchone()[0])
        cursor.execute("PRAGMA query_only")
        if cursor.fetchone()[0]:
            return True
    name = str(connection.settings_dict["NAME"])
    return Path(name).exists() and not os.access(name, os.W_OK)
