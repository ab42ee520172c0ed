"""The application's start: what is missing of the triggers comes back after every migrate, and is checked for."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models.signals import post_migrate

from tracker import triggers


class TrackerConfig(AppConfig):
    name = "tracker"
    verbose_name = "マニフェスト"

    def ready(self) -> None:
        post_migrate.connect(install_triggers, sender=self)
        register(Tags.database)(check_triggers)


def install_triggers(using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """After every migrate, and at its end only: what is missing is put back, what stands is not touched."""
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
