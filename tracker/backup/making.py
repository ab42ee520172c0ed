"""A backup while people go on working: what the database was at one moment."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

from django.apps import apps
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from tracker.backup import rows
from tracker.backup.archive import Manifest, TablePart, Writer, new_file
from tracker.cycle import seals
from tracker.models import City

SNAPSHOT = "snapshot"  # the alias of SQLite's copy
LONGEST = timedelta(hours=12)  # that a backup takes; what is older was left by one that was killed
KEYS = ("secret_key", "seal_key", "site_key")


def back_up(path: Path, tell: Callable[[TablePart], None]) -> Manifest:
    """Writes a backup; `tell` hears of each table. Raises OSError where the file cannot be written.

    The log of seals is read first: it may lack the last events, but never has one that the database lacks.
    """
    _forget_killed(path)
    log = seals.log_path().read_bytes() if seals.log_path().exists() else None
    with snapshot(path.parent) as alias, new_file(path) as file:
        writer = Writer(file, _manifest(alias))
        if log is not None:
            writer.add_file(seals.log_path().name, log)
        for model in rows.tables(apps):
            lines = rows.lines(model, alias)
            tell(writer.add_table(model._meta.label, rows.columns(model), lines))
        writer.close()
        return writer.manifest


def _forget_killed(path: Path) -> None:
    """Lets go of what backups that were killed have left beside a file: it holds all that a backup does."""
    before = (timezone.now() - LONGEST).timestamp()
    for pattern in (".backup-*", ".manifesto-*.zip.*", f".{path.name}.*"):
        for left in path.parent.glob(pattern):
            with suppress(OSError):
                if left.stat().st_mtime < before:
                    rmtree(left) if left.is_dir() else left.unlink()


def keep_keys(path: Path) -> list[str]:
    """Writes the keys of STATE_DIR into a file of their own; the names of those that are there."""
    found = [name for name in KEYS if (settings.STATE_DIR / name).exists()]
    with new_file(path) as file:
        for name in found:
            key = (settings.STATE_DIR / name).read_text().strip()
            file.write(f"{name} {key}\n".encode())
    return found


@contextmanager
def snapshot(folder: Path) -> Iterator[str]:
    """The alias of a database that stands still while the site's goes on; SQLite's lies in the folder."""
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield DEFAULT_DB_ALIAS
        return
    with TemporaryDirectory(prefix=".backup-", dir=folder) as own:  # nobody else may look into it
        copy = Path(own) / "copy.sqlite3"
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(copy)])
        connections.settings[SNAPSHOT] = {**connections.settings[DEFAULT_DB_ALIAS], "NAME": str(copy)}
        try:
            yield SNAPSHOT
        finally:
            connections[SNAPSHOT].close()
            del connections[SNAPSHOT], connections.settings[SNAPSHOT]


def key_digest(key: str) -> str:
    """Tells whether two keys are the same, and nothing else of them: they are random and long."""
    return sha256(f"manifesto seal key {key.strip()}".encode()).hexdigest()


def _manifest(alias: str) -> Manifest:
    connection = connections[alias]
    migrations: dict[str, list[str]] = {}
    for app, name in sorted(MigrationRecorder(connection).applied_migrations()):
        migrations.setdefault(app, []).append(name)
    city = City.objects.using(alias).first()
    return Manifest(
        version=settings.VERSION,
        made_at=timezone.now().isoformat(),
        city=(city.name if city else "") or settings.CITY_NAME,
        database=connection.vendor,
        migrations=migrations,
        seal_key=key_digest(settings.SEAL_KEY),
    )
