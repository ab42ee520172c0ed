"""What older versions did with an empty database: one migration after the other, which one replaces today."""

from unittest.mock import patch

from django.core.management import call_command
from django.db.migrations import executor
from django.db.migrations.loader import MigrationLoader


class OneByOne(MigrationLoader):
    """Knows no migration that replaces others."""

    def load_disk(self) -> None:
        super().load_disk()
        self.disk_migrations = {key: each for key, each in self.disk_migrations.items() if not each.replaces}


def migrate_one_by_one(name: str) -> None:
    """Migrates our tables up to a migration, as the command line did then: with all checks."""
    with patch.object(executor, "MigrationLoader", OneByOne):
        call_command("migrate", "tracker", name, verbosity=0, skip_checks=False)
