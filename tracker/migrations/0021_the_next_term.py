"""A pledge may carry on one of an earlier term; a manifesto says its last year."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.exceptions import IrreversibleError
from django.db.migrations.state import StateApps


def refuse_to_forget(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if apps.get_model("tracker", "ReportEntry").objects.filter(former_term_pledge__isnull=False).exists():
        raise IrreversibleError("Reports tell of earlier terms: the code before cannot verify their digests.")


class Migration(migrations.Migration):
    dependencies = [("tracker", "0020_several_rounds_a_year")]

    operations = [
        migrations.AddField(
            "manifesto",
            "last_fiscal_year",
            models.PositiveSmallIntegerField("最後の年度", null=True, blank=True),
        ),
        migrations.AddConstraint(
            "manifesto",
            models.CheckConstraint(
                condition=models.Q(last_fiscal_year__isnull=True)
                | models.Q(last_fiscal_year__gte=models.F("first_fiscal_year")),
                name="manifesto_years_in_order",
                violation_error_message="最後の年度は、最初の年度かそれより後にしてください。",
            ),
        ),
        migrations.AddField(
            "pledge",
            "continues",
            models.ForeignKey(
                "tracker.pledge",
                models.PROTECT,
                null=True,
                blank=True,
                related_name="continued_by",
                verbose_name="前の任期の公約",
            ),
        ),
        migrations.AddField("reportentry", "former_term_pledge", models.JSONField(null=True, default=None)),
        migrations.RunPython(migrations.RunPython.noop, refuse_to_forget),
    ]
