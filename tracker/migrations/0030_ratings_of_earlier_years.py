"""A table may say how it rated earlier years: the pledge's history tells it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tracker', '0029_steps_outside_the_order'),
    ]

    operations = [
        migrations.AddField(
            model_name='initiative',
            name='earlier_ratings',
            field=models.JSONField(blank=True, default=dict, verbose_name='表にあった前の年度の評価'),
        ),
    ]
