"""A fiscal year may have several rounds: a round's key is its date, and its name tells it apart.

What came with a table and is told by no report yet says so in its own state.
"""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.exceptions import IrreversibleError
from django.db.migrations.state import StateApps
from django.utils import timezone


def name_states(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    Manifesto, Report = (apps.get_model("tracker", name) for name in ("Manifesto", "Report"))
    for manifesto in Manifesto.objects.all():
        untouched = manifesto.rounds.filter(actions__is_imported=True).exclude(actions__is_imported=False)
        last = Report.objects.filter(slug=manifesto.slug).order_by("-as_of").first()
        untold = untouched.filter(as_of__gt=last.as_of) if last else untouched
        waiting = list(untold.filter(state__in=["closed", "published"]).values_list("pk", flat=True))
        manifesto.rounds.filter(pk__in=waiting).update(state="imported")
    schema_editor.connection.check_constraints()  # PostgreSQL alters no table with checks pending


def forget_states(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if apps.get_model("tracker", "Report").objects.exclude(round_name="").exists():
        raise IrreversibleError("The code before cannot verify the digests of reports with a name.")
    if apps.get_model("tracker", "ReportingRound").objects.filter(number__gt=1).exists():
        raise IrreversibleError("A fiscal year has a second round, which the code before does not know.")
    for manifesto in apps.get_model("tracker", "Manifesto").objects.all():
        waiting = manifesto.rounds.filter(state="imported").order_by("-fiscal_year", "-as_of")
        if newest := waiting.first():
            manifesto.rounds.filter(pk=newest.pk).update(state="closed")
            manifesto.rounds.filter(state="imported").update(state="published")
    schema_editor.connection.check_constraints()


def once(name: str, fields: tuple[str, ...], message: str) -> migrations.AddConstraint:
    constraint = models.UniqueConstraint(fields=fields, name=name, violation_error_message=message)
    return migrations.AddConstraint(model_name="reportinground", constraint=constraint)


STATES = {
    "open": "受付中",
    "closed": "締切済",
    "imported": "取込済（公表前）",
    "published": "公表済",
    "correcting": "訂正中",
}
KNOWN = models.CheckConstraint(
    condition=models.Q(state__in=list(STATES)),
    name="round_state_known",
    violation_error_message="その状態はありません。",
)
NAME = models.CharField("報告回の名前", blank=True, default="", max_length=20)


class Migration(migrations.Migration):
    dependencies = [("tracker", "0019_people_in_april")]

    operations = [
        migrations.AlterModelOptions(
            "reportinground",
            {
                "ordering": ["manifesto", "fiscal_year", "as_of"],
                "verbose_name": "報告回",
                "verbose_name_plural": "報告回",
            },
        ),
        migrations.AddField("report", "round_name", NAME),
        migrations.AddField("reportinground", "name", NAME),
        migrations.AddField(
            "reportinground", "number", models.PositiveSmallIntegerField("年度の中での番号", default=1)
        ),
        migrations.RemoveConstraint("reportinground", "round_once"),
        migrations.RemoveConstraint("reportinground", "round_state_known"),
        migrations.AlterField(
            "reportinground",
            "state",
            models.CharField("状態", choices=list(STATES.items()), default="open", max_length=20),
        ),
        migrations.RunPython(migrations.RunPython.noop, forget_states),
        migrations.AddConstraint("reportinground", KNOWN),
        migrations.RunPython(name_states, migrations.RunPython.noop),
        once("round_once", ("manifesto", "as_of"), "この時点の報告回はすでにあります。"),
        once(
            "round_name_once",
            ("manifesto", "fiscal_year", "name"),
            "この年度には、同じ名前の報告回がすでにあります。",
        ),
        once(
            "round_number_once",
            ("manifesto", "fiscal_year", "number"),
            "この年度には、同じ番号の報告回がすでにあります。",
        ),
        migrations.CreateModel(
            "TableImport",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("event_number", models.PositiveBigIntegerField("履歴の番号")),
                ("file_name", models.TextField("ファイル名")),
                ("made_at", models.DateTimeField("取り込んだ日時", default=timezone.now)),
                ("journal", models.BinaryField()),
                (
                    "round",
                    models.ForeignKey(
                        "tracker.reportinground",
                        models.CASCADE,
                        related_name="table_imports",
                        verbose_name="報告回",
                    ),
                ),
            ],
            {"verbose_name": "表の取込", "verbose_name_plural": "表の取込", "ordering": ["-pk"]},
        ),
    ]
