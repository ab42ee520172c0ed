"""A manifesto's original may be a PDF, kept in the database (docs/adr/0049)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tracker", "0039_pledges_without_initiatives")]

    operations = [
        migrations.CreateModel(
            name="OriginalFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sha256", models.CharField(editable=False, max_length=64, unique=True)),
                ("name", models.CharField(max_length=200, verbose_name="ファイルの名前")),
                ("content", models.BinaryField()),
                ("size", models.PositiveIntegerField(verbose_name="バイト数")),
                ("uploaded_by", models.CharField(max_length=200)),
                ("uploaded_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name": "マニフェストの原本のファイル",
                "verbose_name_plural": "マニフェストの原本のファイル",
            },
        ),
        migrations.AddField(
            "manifesto",
            "original",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="manifestos",
                to="tracker.originalfile",
                verbose_name="マニフェストの原本のファイル",
            ),
        ),
    ]
