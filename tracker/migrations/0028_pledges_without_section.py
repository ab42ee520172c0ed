"""A field without sections, a manifesto without fields: their pledges stand where nothing has a name."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tracker', '0027_extra_columns'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='category',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), ('number', 0), _connector='OR'), name='category_without_name_is_0', violation_error_message='名称のない分野・項目に、番号は付けられません。'),
        ),
    ]
