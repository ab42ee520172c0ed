"""An installation of the public site alone, made as the first version did, brought to the present and back:
`python -m tests.migrating` prints what stood when.

A process of its own, on a database of its own: a migration that fails must not spoil the other tests'.
"""

import json
from datetime import date, datetime
from typing import Any

import django

django.setup()

from django.apps import apps as present  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.migrations.exceptions import IrreversibleError  # noqa: E402
from django.db.migrations.executor import MigrationExecutor  # noqa: E402
from django.utils import timezone  # noqa: E402

from tests.one_by_one import migrate_one_by_one  # noqa: E402
from tests.public.building import RATINGS, YEARS, make_entry, save_report  # noqa: E402
from tracker import triggers  # noqa: E402
from tracker.cycle import events  # noqa: E402
from tracker.cycle.event_words import index as history  # noqa: E402
from tracker.models import EventIndex  # noqa: E402
from tracker.reports import digests, index  # noqa: E402
from tracker.words.packing import pack  # noqa: E402

FIRST = "0001_initial"
ONE_ROUND_A_YEAR = "0012_a_reminder_per_recipient"  # what came with a table was closed, or published
MAILS = "0011_duties_share_a_place"  # a reminder was recorded by mail, not yet by recipient
SEVERAL_ROUNDS = "0020_several_rounds_a_year"  # what came with a table, and no report tells, is apart
KINDS_OF_MAILS = "0023_mails_of_several_kinds"  # a reminder is one kind of mail among others


def migrate(name: str | None = None) -> Any:
    """Migrates our tables to a migration, or to the last, as the command line does: with all checks.

    Returns the models as they are then.
    """
    call_command("migrate", "tracker", *([name] if name else []), verbosity=0, skip_checks=False)
    return models_at(name) if name else present


def models_at(name: str) -> Any:
    """The models as they are when the database stands at a migration."""
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
    write_report(apps, manifesto)
    head = events.GENESIS
    for number, kind in enumerate(("imported", "published"), start=1):
        event = apps.get_model("tracker", "Event")(
            number=number,
            happened_at=timezone.now(),
            actor="企画",
            kind=kind,
            subject="manifesto:2021",
            content={"甲": 1},
            previous_hash=head,
        )
        event.own_hash = head = events.event_hash(event)
        event.save()


def write_report(apps: Any, manifesto: Any) -> None:
    """A report with a digest of version 1 and, in each row, what is the index today."""
    values = {
        "slug": "2021",
        "title": "表",
        "as_of": date(2024, 3, 31),
        "fiscal_year": 2023,
        "edition": 1,
        "published_at": timezone.now(),
        "published_by": "企画",
        "ratings": RATINGS,
        "years": YEARS,
        "outline": {},
        "entry_count": 2,
    }
    report = present.get_model("tracker", "Report")(**values, digest_version=1)
    entries = [make_entry(1), make_entry(2, results={"2023": ""})]
    for entry in entries:
        entry.content_digest = digests.content_digest(entry)
    rows = [index.index_of(entry, report) for entry in entries]
    derived = [{name: getattr(row, name) for name in index.INDEXED} for row in rows]
    report.derived_in_digest = pack(derived)
    stored = apps.get_model("tracker", "Report").objects.create(
        manifesto=manifesto, digest=digests.digest(report, entries), **values
    )
    names = (*digests.CONTENT_FIELDS, "position", "content_digest")
    for entry, own in zip(entries, derived, strict=True):
        content = {name: getattr(entry, name) for name in names}
        apps.get_model("tracker", "ReportEntry").objects.create(report=stored, **content, **own)


def standing(apps: Any) -> dict[str, Any]:
    """What is stored, in the words of the time."""
    rows = apps.get_model("tracker", "YearlyAction").objects.order_by("pk")
    found: dict[str, Any] = {
        "rows": list(rows.values_list("result", "rating__code", "state", "version")),
        "events": list(
            apps.get_model("tracker", "Event").objects.order_by("number").values_list("number", "own_hash")
        ),
        "reports": list(apps.get_model("tracker", "Report").objects.values_list("slug", "digest")),
        "index": list(
            apps.get_model("tracker", "ReportEntry")
            .objects.order_by("position")
            .values_list(*(f"index__{name}" if apps is present else name for name in index.INDEXED))
        ),
    }
    if apps is present:
        # A way back that is refused has taken what came after it.
        is_whole = EventIndex._meta.db_table in connection.introspection.table_names()
        found |= {
            "imported": list(rows.values_list("is_imported", flat=True)),
            "compared": list(rows.values_list("was_reported", "reference_rating")),
            "broken": events.first_break(
                present.get_model("tracker", "Event").objects.order_by("number"), events.known_heads()
            ),
            "head": events.head(),
            "unsearched": history.lacking() if is_whole else None,
            "reports hold": [
                (report.digest_version, digests.verify(report), index.outdated(report))
                for report in present.get_model("tracker", "Report").objects.all()
            ],
            "triggers missing": triggers.missing(connection),
        }
        for row in rows:
            row.full_clean()
    return found


def reminders_over_the_split() -> dict[str, Any]:
    """Reminders recorded by mail, by recipient, as one kind of mail among others, and by mail again: to two,
    to one and to nobody. What was another kind is gone.
    """
    old = migrate(MAILS)
    round = old.get_model("tracker", "ReportingRound").objects.get()
    for day, recipients in enumerate((["a@x", "b@x", "a@x"], ["b@x"], []), start=1):
        moment = timezone.make_aware(datetime(2024, 5, day, 9, 0))
        values = {"sent_on": moment.date(), "sent_at": moment, "sent_by": "企画", "row_count": 7}
        old.get_model("tracker", "Reminder").objects.create(round=round, recipients=recipients, **values)
    shown = ("sent_at__day", "sent_on__day", "sent_by", "row_count")
    told = {}
    sent = migrate(KINDS_OF_MAILS).get_model("tracker", "SentMail").objects
    told["one kind"] = list(sent.order_by("sent_at", "pk").values_list("kind", "occasion", "recipient"))
    sent.create(**sent.values("round_id", "sent_at", "sent_by", "row_count")[0], kind="opened", occasion="x")
    for name, state, field in (("split", ONE_ROUND_A_YEAR, "recipient"), ("joined", MAILS, "recipients")):
        found = migrate(state).get_model("tracker", "Reminder").objects.order_by("sent_on", "pk")
        told[name] = list(found.values_list(field, *shown))
    migrate(KINDS_OF_MAILS).get_model("tracker", "SentMail").objects.all().delete()
    return told


def rounds_of_tables() -> dict[str, Any]:
    """Two years of a table that no report tells, one that somebody has written into, and a published one."""
    old = migrate(ONE_ROUND_A_YEAR)
    initiative = old.get_model("tracker", "Initiative").objects.first()
    values = {"slug": "2017", "title": "表", "first_fiscal_year": 2017}
    manifesto = old.get_model("tracker", "Manifesto").objects.create(**values)
    for year, state, is_imported in (
        (2017, "published", True),
        (2018, "closed", True),
        (2019, "closed", False),
    ):
        as_of = date(year + 1, 3, 31)
        round = manifesto.rounds.create(fiscal_year=year, state=state, as_of=as_of)
        round.actions.create(initiative=initiative, is_imported=is_imported)
    told = {}
    states = (("apart", SEVERAL_ROUNDS), ("as before", ONE_ROUND_A_YEAR), ("apart again", SEVERAL_ROUNDS))
    for name, state in states:
        found = migrate(state).get_model("tracker", "ReportingRound").objects.order_by("as_of")
        told[name] = list(found.values_list("fiscal_year", "state"))
    last = models_at(SEVERAL_ROUNDS).get_model("tracker", "Manifesto").objects.get(slug="2017")
    for round in last.rounds.all():
        round.actions.all().delete()
    last.delete()
    return told


if __name__ == "__main__":
    migrate_one_by_one(FIRST)
    old = models_at(FIRST)
    write(old)
    told = [standing(old)]
    told.append(standing(migrate()))
    told.append(standing(migrate(FIRST)))
    # Between the migrations that they are about: going to the present for each takes a minute more.
    reminders, rounds = reminders_over_the_split(), rounds_of_tables()
    told += [standing(migrate()), reminders, rounds]
    save_report([make_entry()], slug="2021", as_of=date(2025, 3, 31))
    try:
        migrate(FIRST)
    except IrreversibleError:
        told.append(standing(migrate()))
    print(json.dumps(told, default=str))  # noqa: T201
