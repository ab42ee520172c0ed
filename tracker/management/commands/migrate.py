"""`manage.py migrate`: Django's own, one at a time, each migration whole or not at all.

A migration runs in one transaction with its own record, the triggers taken off and put back: no other
connection ever sees the tables without protection, and a killed one leaves nothing behind. What is missing
when the command starts is mended at its end (apps.install_triggers). A migration with `atomic = False` runs
with the triggers in place.
"""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from django.core.management.commands import migrate
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from tracker import triggers
from tracker.cycle.event_words import index
from tracker.models import EventIndex
from tracker.server_locks import advisory_lock

LOCK = 0x6D696772  # PostgreSQL's advisory lock of migrations ("migr")
PAUSE = 0.2  # seconds between two tries to get the lock
STARTS, ENDS = {"apply_start", "unapply_start"}, {"apply_success", "unapply_success"}


class Command(migrate.Command):
    def check(self, *args: Any, **kwargs: Any) -> None:
        """Without checks of the database: a missing trigger must not stop the command that puts it back."""
        super().check(*args, **kwargs | {"databases": None})

    def handle(self, *args: Any, **options: Any) -> None:
        if options["plan"] or options["check_unapplied"]:  # these write nothing
            super().handle(*args, **options)
            return
        self.connection = connections[options["database"]]
        with one_at_a_time(self.connection, self._wait), ExitStack() as self.running:
            if options["migration_name"]:
                let_go_back(self.connection)
            super().handle(*args, **options)
            if not options["migration_name"]:  # the models are those of today
                self._fill_history(says_so=options["verbosity"] > 0)

    def _fill_history(self, *, says_so: bool) -> None:
        """Events of an older version are found by the search of the history, too."""
        is_there = EventIndex._meta.db_table in self.connection.introspection.table_names()
        if is_there and (count := index.fill()) and says_so:
            self.stdout.write(f"変更の履歴 {count:,} 件を探せるようにしました。")

    def migration_progress_callback(
        self, action: str, migration: Migration | None = None, fake: bool = False
    ) -> None:
        """Django calls it before and after each migration: there its transaction begins and ends."""
        if action in ENDS:
            self.running.close()
        super().migration_progress_callback(action, migration, fake)
        if action in STARTS and migration and migration.atomic and not fake:
            self.running.enter_context(whole(self.connection, migration))

    def _wait(self) -> None:
        self.stdout.write("ほかの migrate が終わるのを待っています…")
        self.stdout.flush()


def let_go_back(connection: BaseDatabaseWrapper) -> None:
    """Opens the way back into migrations that another one replaces.

    While that one is recorded beside them, Django counts its models twice and fails. Every migrate that finds
    all of them applied records it again.
    """
    for app, name in MigrationLoader(connection).replacements:
        MigrationRecorder(connection).record_unapplied(app, name)


@contextmanager
def whole(connection: BaseDatabaseWrapper, migration: Migration) -> Iterator[None]:
    """One transaction around a migration and its record; without the triggers where it is one of ours."""
    # SQLite's schema editor wants foreign keys unchecked, which cannot be asked for within a transaction.
    with connection.constraint_checks_disabled(), transaction.atomic(using=connection.alias):
        if migration.app_label == "tracker":
            triggers.remove(connection)
        yield
        if migration.app_label == "tracker":
            triggers.install(connection)


@contextmanager
def one_at_a_time(connection: BaseDatabaseWrapper, wait: Callable[[], None]) -> Iterator[None]:
    """Holds the database's lock of migrations; calls `wait` once where another has it. Death releases it."""
    with _lock(connection) as try_lock:
        if not try_lock():
            wait()
            while not try_lock():
                time.sleep(PAUSE)
        yield


def _lock(connection: BaseDatabaseWrapper) -> AbstractContextManager[Callable[[], bool]]:
    """A function that tries to get the lock of the database; what it got is given back at the end."""
    if connection.vendor == "postgresql":
        return advisory_lock(connection, LOCK)
    name = str(connection.settings_dict["NAME"])
    if name == ":memory:" or "mode=memory" in name:  # a test's: no other process can reach it
        return nullcontext(lambda: True)
    return _file_lock(Path(f"{name}.migrating"))


@contextmanager
def _file_lock(path: Path) -> Iterator[Callable[[], bool]]:
    with path.open("w") as file:

        def try_lock() -> bool:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        yield try_lock
