"""The history is searched through an index beside the events, which stay as they are.

The migrate command fills it for the events that are there (cycle/event_words/index.py).
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tracker", "0017_pledges_change_in_mid_term")]

    operations = [
        migrations.CreateModel(
            name="EventIndex",
            fields=[
                (
                    "event",
                    models.OneToOneField(
                        db_column="number",
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="index",
                        serialize=False,
                        to="tracker.event",
                        to_field="number",
                    ),
                ),
                ("said", models.TextField()),
                ("kept_back", models.TextField(blank=True)),
                ("places", models.TextField(blank=True)),
                ("actor", models.TextField(blank=True)),
            ],
            options={"verbose_name": "履歴の索引", "verbose_name_plural": "履歴の索引"},
        ),
    ]
