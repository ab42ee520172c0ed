"""Sheets that waited when there was a worker, brought to the present: prints what stands then, as JSON.

`python -m tests.entry_sheets.upgrading`, in a process and a database of its own as tests/migrating.py.
"""

import json
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402

from tests.entry_sheets.filling import filled  # noqa: E402
from tests.entry_sheets.sheets import received, sheet_of  # noqa: E402
from tests.migrating import migrate  # noqa: E402
from tests.staff.people import logged_in  # noqa: E402
from tests.workspace import Workspace, make_workspace  # noqa: E402
from tracker import triggers  # noqa: E402
from tracker.entry_sheets import applying, planning  # noqa: E402
from tracker.models import Report, ReportEntry, SheetBatch  # noqa: E402

BEFORE = "0003_entry_sheets"


def waiting(space: Workspace) -> dict[str, SheetBatch]:
    """Four uploads of one sheet as they stood when there was a worker; one is applied, but for a row."""
    clerk, third = space.cast.clerk, space.row(3).pk
    answers = {space.row(1).pk: {"result": "・駅"}, third: {"result": "・道"}}
    sheet = filled(sheet_of(space, clerk), answers)
    names = ("reading", "failed", "applying", "applied")
    batches = {name: received(space, sheet, clerk, name=f"{name}.xlsx") for name in names}
    applied = applying.keep_choices(batches["applied"], by=clerk, picks={}, left_out={third}, submits=False)
    applying.confirm(applied, by=clerk, seen=planning.plan_of(applied, clerk).digest)
    unread: dict[str, Any] = {"state": "reading", "rows": b"", "total": 0, "export": None}
    then: dict[str, dict[str, Any]] = {
        "reading": unread | {"content": sheet, "worker": "somebody", "beat_at": "2026-11-01T00:00:00Z"},
        "failed": unread | {"state": "failed", "message": "failed.xlsx：壊れています。"},
        "applying": {"state": "applying", "plan_digest": "0" * 64, "done": 1},
    }
    with triggers.removed(connection):  # 0005 does not go back where its reports are
        ReportEntry.objects.all().delete()
        Report.objects.all().delete()
    old = migrate(BEFORE).get_model("tracker", "SheetBatch").objects
    for name, values in then.items():
        expired = {"expires_at": "2026-11-02T00:00:00Z"}
        assert old.filter(pk=batches[name].pk).update(**values, **expired) == 1
    return batches


def standing(client: Client, batch: SheetBatch) -> dict[str, Any]:
    """What is stored of a batch, and what its page says."""
    stored = SheetBatch.objects.get(pk=batch.pk)
    page = client.get(f"/staff/sheets/{batch.key}/")
    return {
        "state": stored.state,
        "total": stored.total,
        "has_base": stored.export is not None,
        "problems": stored.problems,
        "writes": page.context.get("writes") if page.context else None,
        "status": page.status_code,
    }


def main() -> dict[str, Any]:
    space = make_workspace()
    batches = waiting(space)
    migrate()
    client = logged_in(space.cast.clerk)
    return {name: standing(client, batch) for name, batch in batches.items()}


if __name__ == "__main__":
    call_command("migrate", verbosity=0, skip_checks=True)
    setup_test_environment()
    print(json.dumps(main(), default=str))  # noqa: T201
