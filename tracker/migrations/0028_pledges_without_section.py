"""A field without sections, a manifesto without fields: their pledges stand where nothing has a name.

What had no name before is a field or a section all the same: it gets one, so that its address stays.
"""

from typing import Any

from django.db import migrations, models

LACKS_NAME = "（名称なし）"


def name_the_nameless(apps: Any, schema_editor: Any) -> None:
    categories = apps.get_model("tracker", "Category").objects.using(schema_editor.connection.alias)
    categories.filter(name="").update(name=LACKS_NAME)


class Migration(migrations.Migration):

    dependencies = [
        ('tracker', '0027_extra_columns'),
    ]

    operations = [
        migrations.RunPython(name_the_nameless, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='category',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), ('number', 0), _connector='OR'), name='category_without_name_is_0', violation_error_message='名称のない分野・項目に、番号は付けられません。'),
        ),
    ]
