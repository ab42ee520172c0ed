"""Texts of the pages in やさしい日本語 and English, which reports freeze with what a manifesto says of itself."""

from django.db import migrations, models

MADE = "空のときは、決まった文が出ます。評価の意味の表は、区分からいつも作ります。市民には次の公表から出ます。"


class Migration(migrations.Migration):
    dependencies = [("tracker", "0034_synonyms")]

    operations = [
        migrations.AddField(
            "manifesto",
            "easy",
            models.TextField(
                "やさしい日本語の説明",
                max_length=4000,
                blank=True,
                default="",
                help_text=f"「やさしい日本語」のページの説明です。{MADE}",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "manifesto",
            "english",
            models.TextField(
                "英語の説明",
                max_length=4000,
                blank=True,
                default="",
                help_text=f"「English」のページの説明です。{MADE}",
            ),
            preserve_default=False,
        ),
    ]
