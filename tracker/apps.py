"""The application's start: where turns are kept; triggers, installed after migrations and checked for."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models.signals import post_migrate, pre_migrate

from tracker import triggers, turns


class TrackerConfig(AppConfig):
    name = "tracker"
    verbose_name = "マニフェスト"

    def ready(self) -> None:
        turns.keep_in(Path(settings.STATE_DIR) / "turns")
        pre_migrate.connect(remove_triggers, sender=self)
        post_migrate.connect(install_triggers, sender=self)
        register(Tags.database)(check_triggers)


def remove_triggers(using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """Before every migrate: SQLite cannot rebuild a table that another table's trigger reads."""
    triggers.remove(connections[using])


def install_triggers(using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """After every migrate: SQLite drops the triggers of a table that a migration rebuilds."""
    triggers.install(connections[using])


def check_triggers(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """System check (`check --database default`): the triggers must protect reports and events."""
    hint = "Run manage.py migrate: it installs them."
    migrated = [
        connections[alias]
        for alias in databases or []
        if "tracker_report" in connections[alias].introspection.table_names()
    ]
    return [
        Error(f"missing triggers: {', '.join(names)}", hint, id="tracker.E001")
        for connection in migrated
        if (names := triggers.missing(connection))
    ]
