"""Initiatives may have a name beside their pledge's words, and reports tell it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tracker", "0036_second_factor")]

    operations = [
        migrations.AddField(
            "initiative",
            "name",
            models.TextField(
                "取組の名前",
                blank=True,
                default="",
                help_text="公約とは別に、取組ごとの名前があるときに書きます。取組の番号のうしろに出ます。"
                "なければ空欄にします。市民には次の公表から出ます。",
            ),
        ),
        migrations.AddField(
            "reportentry", "initiative_name", models.TextField("取組の名前", blank=True, default="")
        ),
    ]
