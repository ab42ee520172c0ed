"""課長確認: a row may wait for its department's head, and says who confirmed it, or why it was given back."""

from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.exceptions import IrreversibleError
from django.db.migrations.state import StateApps
from django.db.models import F, Q


def refuse_to_strand(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    rows = apps.get_model("tracker", "YearlyAction").objects
    if rows.filter(Q(state="in_section") | Q(state="returned", return_reason="")).exists():
        raise IrreversibleError("Rows wait for a head, or were given back by one: the code before knows no heads.")


STATES = {
    "not_started": "未入力",
    "draft": "入力中",
    "in_section": "課内確認中",
    "submitted": "提出済",
    "returned": "差戻し",
    "approved": "承認済",
}
UNCHANGED_RATING = Q(was_reported=True) & (
    Q(rating__isnull=False, reference_rating__isnull=False, rating=F("reference_rating"))
    | Q(rating__isnull=True, reference_rating__isnull=True)
)


def always(name: str, condition: Q, words: str) -> migrations.AddConstraint:
    rule = models.CheckConstraint(condition=condition, name=name, violation_error_message=words)
    return migrations.AddConstraint("yearlyaction", rule)


class Migration(migrations.Migration):
    dependencies = [("tracker", "0021_the_next_term")]

    operations = [
        *(
            migrations.RemoveConstraint("yearlyaction", name)
            for name in (
                "action_state_known",
                "returned_needs_reason",
                "submitted_needs_submitter",
                "changed_rating_needs_reason",
            )
        ),
        migrations.AddField(
            "manifesto",
            "section_check",
            models.BooleanField(
                "課長確認を使う",
                default=False,
                help_text="担当課が提出した取組を、課長が確認してから企画に回します。課長は、利用者の「所属」で決めます。"
                "使うのをやめても、確認を待っている取組はそのまま残り、課長が確認するか、担当課が取り下げます。",
            ),
        ),
        migrations.AddField(
            "yearlyaction",
            "confirmed_by",
            models.ForeignKey(
                settings.AUTH_USER_MODEL,
                models.PROTECT,
                null=True,
                blank=True,
                related_name="+",
                verbose_name="確認した課長",
            ),
        ),
        migrations.AddField(
            "yearlyaction",
            "section_reason",
            models.TextField("課長が差し戻した理由", blank=True, default=""),
        ),
        migrations.AlterField(
            "membership",
            "is_head",
            models.BooleanField(
                "課長",
                default=False,
                help_text="「課長確認」を使うマニフェストでは、この課の取組を、提出の前に確認します。",
            ),
        ),
        migrations.AlterField(
            "yearlyaction",
            "state",
            models.CharField("状態", choices=list(STATES.items()), default="not_started", max_length=20),
        ),
        always("action_state_known", Q(state__in=list(STATES)), "その状態はありません。"),
        always(
            "returned_needs_reason",
            ~Q(state="returned") | ~Q(return_reason="") | ~Q(section_reason=""),
            "差し戻すときは、理由を書いてください。",
        ),
        always(
            "submitted_needs_submitter",
            ~Q(state__in=["in_section", "submitted"])
            | Q(submitted_by__isnull=False, submitted_at__isnull=False),
            "提出した人が記録されていません。",
        ),
        always(
            "confirmed_was_handed_in",
            Q(confirmed_by__isnull=True) | Q(state__in=("submitted", "approved")),
            "課長が確認したのは、提出された取組だけです。",
        ),
        always(
            "changed_rating_needs_reason",
            ~Q(state__in=("in_section", "submitted", "approved"))
            | Q(was_reported=False)
            | UNCHANGED_RATING
            | ~Q(rating_reason=""),
            "評価が前回の公表と違うときは、評価を変えた理由を書いてください。",
        ),
        migrations.RunPython(migrations.RunPython.noop, refuse_to_strand),
    ]
