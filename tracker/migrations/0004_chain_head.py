from django.db import migrations, models


def begin_where_the_chain_ends(apps, schema_editor):
    last = apps.get_model("tracker", "Event").objects.order_by("-number").first()
    if last:
        apps.get_model("tracker", "ChainHead").objects.create(pk=1, number=last.number, own_hash=last.own_hash)


class Migration(migrations.Migration):

    dependencies = [
        ('tracker', '0003_reminders_of_rows_without_department'),
    ]

    operations = [
        migrations.CreateModel(
            name='ChainHead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveBigIntegerField()),
                ('own_hash', models.CharField(max_length=64)),
            ],
        ),
        migrations.RunPython(begin_where_the_chain_ends, migrations.RunPython.noop),
    ]
