"""A person says whether single keys act on the review page."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tracker", "0025_words_of_a_manifesto")]

    operations = [
        migrations.AddField(
            "user", "uses_desk_keys", models.BooleanField("確認の画面でキーを使う", default=True)
        ),
    ]
