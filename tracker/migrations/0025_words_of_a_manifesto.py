"""What two columns of a manifesto are called on screens; the columns stay as they are."""

from django.db import migrations, models

import tracker.models.catalogue


class Migration(migrations.Migration):
    dependencies = [("tracker", "0024_city_and_contact")]

    operations = [
        migrations.AlterField(
            "manifesto",
            "slug",
            models.CharField(
                "公開ページのアドレス",
                max_length=20,
                unique=True,
                validators=[tracker.models.catalogue.SLUG, tracker.models.catalogue.refuse_taken_address],
            ),
        ),
        migrations.AlterField(
            "manifesto",
            "cumulative_year",
            models.PositiveSmallIntegerField(
                "最初の列にまとめる年度",
                null=True,
                blank=True,
                help_text="「令和4年度までの主な取組」のように、それ以前の年度の分も入れる年度です。",
            ),
        ),
    ]
