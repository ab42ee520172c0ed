"""A pledge may end before an initiative of it has begun (docs/adr/0048)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tracker", "0040_the_original_as_a_file")]

    operations = [
        migrations.AddField(
            "pledge",
            "last_fiscal_year",
            models.PositiveSmallIntegerField(
                default=None, editable=False, null=True, verbose_name="終わりの年度"
            ),
        ),
    ]
