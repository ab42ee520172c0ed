"""A step of a scale may stand outside its order; where all do, the scale has classes (docs/adr/0028)."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tracker', '0028_pledges_without_section'),
    ]

    operations = [
        migrations.AddField(
            model_name='rating',
            name='is_ranked',
            field=models.BooleanField(default=True, help_text='「対象外」のように、進み具合の順に入らない区分では外します。すべて外すと、平均も、上がった・下がったも出しません。', verbose_name='順序がある'),
        ),
        migrations.AddConstraint(
            model_name='rating',
            constraint=models.CheckConstraint(condition=models.Q(('is_ranked', True), ('percent__isnull', True), _connector='OR'), name='rating_without_rank_has_no_percent', violation_error_message='順序のない区分に、進捗率は付けられません。'),
        ),
    ]
