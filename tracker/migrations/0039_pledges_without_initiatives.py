"""Reports tell pledges of which no initiative has begun (docs/adr/0048)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tracker", "0038_a_return_may_be_about_a_column")]

    operations = [
        migrations.AddField("report", "bare_pledges", models.JSONField(default=list)),
        migrations.AlterField("report", "digest_version", models.PositiveSmallIntegerField(default=3)),
    ]
