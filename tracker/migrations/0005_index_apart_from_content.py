"""Facets, search text, excerpt and progress leave the frozen rows for an index of their own.

The digests of the reports that are there cover them (version 1), so the reports keep them, too.
"""

import gzip
import json

import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.exceptions import IrreversibleError

DERIVED = ("progress", "excerpt", "facets", "search_text")
ROWS = 500  # written at a time


def pack(things):
    """Each in a line of JSON, compressed: as `derived_in_digest` has been read since then."""
    lines = (json.dumps(thing, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" for thing in things)
    return gzip.compress(b"".join(lines), 1, mtime=0)


def unpack(packed):
    return map(json.loads, gzip.decompress(packed).splitlines() if packed else ())


def carry_over(apps, schema_editor):
    EntryIndex = apps.get_model("tracker", "EntryIndex")
    for report in apps.get_model("tracker", "Report").objects.order_by("pk"):
        entries = list(report.entries.order_by("position").values("pk", *DERIVED))
        index = [EntryIndex(entry_id=entry.pop("pk"), **entry) for entry in entries]
        EntryIndex.objects.bulk_create(index, batch_size=ROWS)
        report.digest_version, report.derived_in_digest = 1, pack(entries)
        report.save(update_fields=["digest_version", "derived_in_digest"])
    schema_editor.connection.check_constraints()  # PostgreSQL alters no table with checks pending


def carry_back(apps, schema_editor):
    reports = apps.get_model("tracker", "Report").objects.order_by("pk")
    if reports.exclude(digest_version=1).exists():
        raise IrreversibleError("Reports were published since, whose digests the code before cannot verify.")
    for report in reports:
        entries = list(report.entries.order_by("position"))
        for entry, values in zip(entries, unpack(report.derived_in_digest), strict=True):
            for name, value in values.items():
                setattr(entry, name, value)
        report.entries.bulk_update(entries, DERIVED, batch_size=ROWS // 10)
    schema_editor.connection.check_constraints()


class Migration(migrations.Migration):
    dependencies = [("tracker", "0004_sheets_without_worker")]

    operations = [
        migrations.AddField(
            model_name="report",
            name="digest_version",
            field=models.PositiveSmallIntegerField(default=2),
        ),
        migrations.AddField(
            model_name="report",
            name="derived_in_digest",
            field=models.BinaryField(default=bytes),
        ),
        migrations.CreateModel(
            name="EntryIndex",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("progress", models.JSONField(default=dict)),
                ("excerpt", models.CharField(blank=True, max_length=200)),
                ("facets", models.TextField(blank=True)),
                ("search_text", models.TextField(blank=True)),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="index",
                        to="tracker.reportentry",
                    ),
                ),
            ],
            options={"verbose_name": "公表版の索引", "verbose_name_plural": "公表版の索引"},
        ),
        migrations.RunPython(carry_over, carry_back),
        *(migrations.RemoveField(model_name="reportentry", name=name) for name in DERIVED),
    ]
