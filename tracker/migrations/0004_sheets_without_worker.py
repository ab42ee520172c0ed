"""Long entry sheets are read and written by one request (docs/adr/0012): the worker's states and fields go.

A sheet that still waited for the worker becomes one that waits for its confirmation: nothing of it was written.
One that the worker had not read is to be sent once more: how sheets are read today is no business of a migration.
"""

from datetime import timedelta

from django.db import migrations, models
from django.utils import timezone

AGAIN = "システムが新しい版になったので、読み込まれませんでした。同じファイルを、もう一度取り込んでください。"
KEPT_FOR = timedelta(days=14)


def let_nothing_wait(apps, schema_editor):
    batches = apps.get_model("tracker", "SheetBatch").objects
    for batch in batches.filter(state__in=["reading", "failed"]):
        batch.problems = unread(batch, AGAIN if batch.state == "reading" else batch.message)
        batch.save()
    waiting = batches.filter(state__in=["reading", "failed", "applying"])
    waiting.update(state="ready", message="", plan_digest="", expires_at=timezone.now() + KEPT_FOR)
    # PostgreSQL alters no table while a foreign key is still to be checked.
    schema_editor.connection.check_constraints()


def unread(batch, words):
    """What the page of a batch without rows shows in their place."""
    return [{"sheet": batch.file_name, "address": "", "message": words}]


class Migration(migrations.Migration):

    dependencies = [
        ('tracker', '0003_entry_sheets'),
    ]

    operations = [
        migrations.RunPython(let_nothing_wait, migrations.RunPython.noop),
        migrations.RemoveConstraint(
            model_name='sheetbatch',
            name='batch_state_known',
        ),
        migrations.RemoveIndex(
            model_name='sheetbatch',
            name='batch_state_beat',
        ),
        migrations.RemoveField(
            model_name='sheetbatch',
            name='beat_at',
        ),
        migrations.RemoveField(
            model_name='sheetbatch',
            name='content',
        ),
        migrations.RemoveField(
            model_name='sheetbatch',
            name='done',
        ),
        migrations.RemoveField(
            model_name='sheetbatch',
            name='worker',
        ),
        migrations.AlterField(
            model_name='sheetbatch',
            name='state',
            field=models.CharField(choices=[('ready', '確認待ち'), ('applied', '取込済'), ('undone', '取消済')], default='ready', max_length=20, verbose_name='状態'),
        ),
        migrations.AddConstraint(
            model_name='sheetbatch',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['ready', 'applied', 'undone'])), name='batch_state_known', violation_error_message='その状態はありません。'),
        ),
    ]
