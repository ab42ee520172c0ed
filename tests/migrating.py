"""An installation of the public site alone, brought to the present and back: `python -m tests.migrating`
prints what stood when.

A process of its own, on a database of its own: a migration that fails must not spoil the other tests'.
"""

import json
from datetime import date
from typing import Any

import django

django.setup()

from django.apps import apps as present  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.migrations.executor import MigrationExecutor  # noqa: E402
from django.utils import timezone  # noqa: E402

from tests.public.building import RATINGS, YEARS, make_entry  # noqa: E402
from tracker import triggers  # noqa: E402
from tracker.cycle import events  # noqa: E402
from tracker.reports import digests  # noqa: E402

FIRST = "0001_initial"
REPORT = (
    "slug",
    "title",
    "as_of",
    "fiscal_year",
    "edition",
    "published_at",
    "published_by",
    "ratings",
    "years",
    "outline",
)


def migrate(name: str | None = None) -> Any:
    """Migrates our tables to a migration, or to the last. Returns the models as they are then."""
    call_command("migrate", *(["tracker", name] if name else []), verbosity=0, skip_checks=True)
    if not name:
        return present
    return MigrationExecutor(connection).loader.project_state([("tracker", name)]).apps


def write(apps: Any) -> None:
    """What an import and a publication wrote in the beginning, and a row that somebody had begun."""
    manifesto = apps.get_model("tracker", "Manifesto").objects.create(
        slug="2021", title="表", first_fiscal_year=2021
    )
    rating = apps.get_model("tracker", "Rating").objects.create(
        manifesto=manifesto, position=1, code="A", label="達成"
    )
    categories = apps.get_model("tracker", "Category").objects
    section = categories.create(
        manifesto=manifesto, parent=categories.create(manifesto=manifesto, number=1, name="a"), number=1
    )
    pledge = apps.get_model("tracker", "Pledge").objects.create(
        section=section, position=1, text="駅を直します"
    )
    round = apps.get_model("tracker", "ReportingRound").objects.create(
        manifesto=manifesto, fiscal_year=2023, as_of=date(2024, 3, 31), state="published"
    )
    for position, state in enumerate(("approved", "approved", "draft"), start=1):
        initiative = apps.get_model("tracker", "Initiative").objects.create(
            pledge=pledge, position=position, first_fiscal_year=2021
        )
        apps.get_model("tracker", "YearlyAction").objects.create(
            initiative=initiative, round=round, result="・甲", rating=rating, state=state
        )
    report, entry = present.get_model("tracker", "Report")(), make_entry()
    values = ("2021", "表", date(2024, 3, 31), 2023, 1, timezone.now(), "企画", RATINGS, YEARS, {})
    for name, value in zip(REPORT, values, strict=True):
        setattr(report, name, value)
    report.entry_count, entry.position = 1, 1
    entry.content_digest = digests.content_digest(entry)
    digest = digests.digest(report, [entry])
    stored = apps.get_model("tracker", "Report").objects.create(
        manifesto=manifesto, entry_count=1, digest=digest, **dict(zip(REPORT, values, strict=True))
    )
    names = (*digests.CONTENT_FIELDS, *digests.DERIVED_FIELDS)
    apps.get_model("tracker", "ReportEntry").objects.create(
        report=stored, **{name: getattr(entry, name) for name in names}
    )
    head = events.GENESIS
    for number, kind in enumerate(("imported", "published"), start=1):
        event = apps.get_model("tracker", "Event")(
            number=number, happened_at=timezone.now(), actor="企画", kind=kind, subject="manifesto:2021", content={"甲": 1},
            previous_hash=head,
        )  # fmt: skip
        event.own_hash = head = events.event_hash(event)
        event.save()


def standing(apps: Any) -> dict[str, Any]:
    """What is stored, in the words of the time."""
    rows = apps.get_model("tracker", "YearlyAction").objects.order_by("pk")
    found: dict[str, Any] = {
        "rows": list(rows.values_list("result", "rating__code", "state", "version")),
        "events": list(
            apps.get_model("tracker", "Event").objects.order_by("number").values_list("number", "own_hash")
        ),
        "reports": list(apps.get_model("tracker", "Report").objects.values_list("slug", "digest")),
    }
    if apps is present:
        found |= {
            "imported": list(rows.values_list("is_imported", flat=True)),
            "compared": list(rows.values_list("was_reported", "reference_rating")),
            "broken": events.first_break(
                present.get_model("tracker", "Event").objects.order_by("number"), events.known_heads()
            ),
            "head": events.head(),
            "reports hold": [
                digests.verify(report) for report in present.get_model("tracker", "Report").objects.all()
            ],
            "triggers missing": triggers.missing(connection),
        }
        for row in rows:
            row.full_clean()
    return found


if __name__ == "__main__":
    old = migrate(FIRST)
    write(old)
    told = [standing(old)]
    told.append(standing(migrate()))
    told.append(standing(migrate(FIRST)))
    told.append(standing(migrate()))
    print(json.dumps(told, default=str))  # noqa: T201
