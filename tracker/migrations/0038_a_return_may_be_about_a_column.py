"""A return may be about an extra column or an indicator, by the name of its field in the form."""

from django.db import migrations, models
from django.db.models import Q

FIELDS = ["result", "rating", "rating_reason", "plan"]


class Migration(migrations.Migration):
    dependencies = [("tracker", "0037_names_of_initiatives")]

    operations = [
        migrations.AlterField(
            "yearlyaction", "return_field", models.CharField("差戻しの対象", max_length=20, blank=True)
        ),
        migrations.RemoveConstraint("yearlyaction", "return_field_known"),
        migrations.AddConstraint(
            "yearlyaction",
            models.CheckConstraint(
                condition=Q(return_field="")
                | Q(return_field__in=FIELDS)
                | Q(return_field__startswith="extra_"),
                name="return_field_known",
                violation_error_message="差戻しの対象が、入力欄ではありません。",
            ),
        ),
    ]
