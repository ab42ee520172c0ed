"""A reminder is recorded per recipient: a mail server may accept one and refuse another.

A record that is there becomes one for each of its recipients. On the way back they are joined again.
"""

from django.db import migrations, models

SHARED = ("round_id", "department_id", "sent_on")  # what the records of one mail have in common


def split(apps, schema_editor):
    Reminder = apps.get_model("tracker", "Reminder")
    further = []
    for reminder in Reminder.objects.order_by("pk"):
        first, *others = dict.fromkeys(reminder.recipients or [""])
        Reminder.objects.filter(pk=reminder.pk).update(recipient=first)
        for recipient in others:
            values = {name: getattr(reminder, name) for name in (*SHARED, "sent_at", "sent_by", "row_count")}
            further.append(Reminder(**values, recipient=recipient))
    Reminder.objects.bulk_create(further, batch_size=500)
    schema_editor.connection.check_constraints()  # PostgreSQL alters no table with checks pending


def join(apps, schema_editor):
    Reminder = apps.get_model("tracker", "Reminder")
    first = {}
    for reminder in Reminder.objects.order_by("pk"):
        mail = tuple(getattr(reminder, name) for name in SHARED)
        if reminder.recipient:
            first.setdefault(mail, reminder).recipients.append(reminder.recipient)
        if first.setdefault(mail, reminder) is not reminder:
            reminder.delete()
    Reminder.objects.bulk_update(first.values(), ["recipients"], batch_size=500)
    schema_editor.connection.check_constraints()


def once(name, fields, message, **values):
    constraint = models.UniqueConstraint(fields=fields, name=name, violation_error_message=message, **values)
    return migrations.AddConstraint(model_name="reminder", constraint=constraint)


class Migration(migrations.Migration):
    dependencies = [("tracker", "0011_duties_share_a_place")]

    operations = [
        migrations.AddField("reminder", "recipient", models.EmailField("宛先", max_length=254, default="")),
        migrations.RemoveConstraint("reminder", "one_reminder_a_day"),
        migrations.RemoveConstraint("reminder", "one_reminder_to_planning_a_day"),
        migrations.RunPython(split, join),
        once(
            "one_reminder_a_day",
            ("round", "department", "sent_on", "recipient"),
            "この課のこの宛先には、今日すでに送っています。",
        ),
        once(
            "one_reminder_to_planning_a_day",
            ("round", "sent_on", "recipient"),
            "企画のこの宛先には、今日すでに送っています。",
            condition=models.Q(department__isnull=True),
        ),
        migrations.RemoveField("reminder", "recipients"),
        migrations.AlterField("reminder", "recipient", models.EmailField("宛先", max_length=254)),
        migrations.AlterModelOptions(
            "reminder",
            {
                "ordering": ["-sent_at", "-pk"],
                "verbose_name": "催促メール",
                "verbose_name_plural": "催促メール",
            },
        ),
    ]
