"""What happens to installations: `python -m tests.backup.playing …` prints it as JSON.

`site`: a city's table, published. `busy FOLDER`: events and rows, without pause, until FOLDER/stop is there.
`stands`: how many rows of people there are, the digest of each table, which triggers are missing.
"""

import json
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import django

django.setup()

from django.apps import apps  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import DEFAULT_DB_ALIAS, connection, transaction  # noqa: E402

from tests.conftest import FIXTURE  # noqa: E402
from tracker import triggers  # noqa: E402
from tracker.backup import rows  # noqa: E402
from tracker.backup.restoring import OF_PEOPLE  # noqa: E402
from tracker.choices import EventKind  # noqa: E402
from tracker.cycle import events  # noqa: E402
from tracker.models import Department, FormerName  # noqa: E402


def site() -> None:
    call_command("migrate", verbosity=0)
    call_command("import_report", FIXTURE, publish=True, verbosity=0, stdout=StringIO())


def busy(folder: str) -> int:
    """An event and a row in each transaction: at any moment there are as many of one as of the other."""
    office, count = Department.objects.earliest("pk"), 0
    while not (Path(folder) / "stop").exists():
        with transaction.atomic():
            name = f"前の課{count}"
            FormerName.objects.create(department=office, name=name, last_fiscal_year=1900 + count)
            events.record(by="試験", kind=EventKind.CATALOGUE, subject=f"department:{office.pk}", reason=name)
        count += 1
    return count


def stands() -> dict[str, Any]:
    there = set(connection.introspection.table_names())
    models = [model for model in rows.tables(apps) if model._meta.db_table in there]
    return {
        "of people": sum(m._base_manager.count() for m in models if m._meta.label in OF_PEOPLE),
        "digests": {model._meta.label: rows.digest(model, DEFAULT_DB_ALIAS) for model in models},
        "missing": triggers.missing(connection) if "tracker_report" in there else [],
        "rows and events": [
            FormerName.objects.filter(name__startswith="前の課").count(),
            apps.get_model("tracker.Event").objects.filter(reason__startswith="前の課").count(),
        ]
        if "tracker_formername" in there
        else [0, 0],
    }


if __name__ == "__main__":
    name, *arguments = sys.argv[1:]
    print(json.dumps({"site": site, "busy": busy, "stands": stands}[name](*arguments)))  # noqa: T201
