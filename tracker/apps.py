"""The application's start: where turns are kept; migrate mends the triggers, and checks tell of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models.signals import post_migrate

from tracker import triggers, turns


class TrackerConfig(AppConfig):
    name = "tracker"
    verbose_name = "マニフェスト"

    def ready(self) -> None:
        turns.keep_in(Path(settings.STATE_DIR) / "turns")
        post_migrate.connect(install_triggers, sender=self)
        register(Tags.database)(check_triggers)
        register(Tags.security, deploy=True)(check_rights)
        register(Tags.security, deploy=True)(check_proxies)


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


def check_rights(**kwargs: Any) -> list[CheckMessage]:
    """System check (`check --deploy`): other users of the machine must not read what is kept.

    The settings take their rights away at every start; they cannot where folder or file is another user's.
    """
    kept = [Path(settings.STATE_DIR)]
    kept += [Path(str(each["NAME"])) for each in settings.DATABASES.values() if "sqlite" in each["ENGINE"]]
    hint = "chmod go= it, as its owner."
    return [
        Warning(f"{path} can be read by other users of this machine", hint=hint, id="tracker.W001")
        for path in kept
        if path.exists() and path.stat().st_mode & 0o077
    ]


def check_proxies(**kwargs: Any) -> list[CheckMessage]:
    """System check (`check --deploy`): behind a proxy that is not named, all clients are one address."""
    if not settings.HTTPS or settings.TRUSTED_PROXIES:
        return []
    words = "HTTPS says that a proxy is in front, and TRUSTED_PROXIES does not name it:"
    hint = "Set TRUSTED_PROXIES to the proxy's address, 127.0.0.1 if it runs on this machine."
    return [Warning(f"{words} one person's failures to log in lock out others.", hint, id="tracker.W002")]
