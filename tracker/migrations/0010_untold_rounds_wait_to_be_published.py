"""A table's year that no report tells is closed, not published: the planning office publishes it."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def let_wait(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    Manifesto, Report = (apps.get_model("tracker", name) for name in ("Manifesto", "Report"))
    for manifesto in Manifesto.objects.all():
        newest = manifesto.rounds.filter(state="published").order_by("-fiscal_year").first()
        if newest is None or newest.actions.filter(is_imported=False).exists():
            continue
        if not Report.objects.filter(slug=manifesto.slug, as_of__gte=newest.as_of).exists():
            manifesto.rounds.filter(pk=newest.pk).update(state="closed")


class Migration(migrations.Migration):
    dependencies = [("tracker", "0009_codes_checked_where_they_enter")]
    operations = [migrations.RunPython(let_wait, migrations.RunPython.noop)]
