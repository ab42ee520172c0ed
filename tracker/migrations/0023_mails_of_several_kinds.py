"""A reminder becomes one kind of mail among others; what it was about is its day, in words.

Manifestos that are there now tell of what happens from now on, not of what happened before. On the way back
only reminders are left.
"""

from datetime import date

import django.db.models.deletion
from django.db import migrations, models
from django.utils import timezone

KINDS = [
    ("opened", "報告の開始"),
    ("returned", "差戻し"),
    ("due_changed", "締切の変更"),
    ("reminder", "催促"),
    ("weekly", "課長への週ごとの状況"),
    ("published", "公表"),
]
KIND = {"max_length": 20, "choices": KINDS, "verbose_name": "メールの種類"}
KNOWN = models.Q(kind__in=[value for value, _label in KINDS])
TO_PLANNING = models.Q(department__isnull=True)


def name_the_days(apps, schema_editor):
    SentMail = apps.get_model("tracker", "SentMail")
    for day in list(SentMail.objects.order_by().values_list("sent_on", flat=True).distinct()):
        SentMail.objects.filter(sent_on=day).update(occasion=day.isoformat())
    schema_editor.connection.check_constraints()  # PostgreSQL alters no table with checks pending


def days_of_reminders(apps, schema_editor):
    SentMail = apps.get_model("tracker", "SentMail")
    SentMail.objects.exclude(kind="reminder").delete()
    for occasion in list(SentMail.objects.order_by().values_list("occasion", flat=True).distinct()):
        SentMail.objects.filter(occasion=occasion).update(sent_on=date.fromisoformat(occasion))
    schema_editor.connection.check_constraints()


def begin_now(apps, schema_editor):
    MailSwitch, now = apps.get_model("tracker", "MailSwitch"), timezone.now()
    MailSwitch.objects.bulk_create(
        MailSwitch(manifesto=manifesto, kind=kind, is_on=True, since=now)
        for manifesto in apps.get_model("tracker", "Manifesto").objects.all()
        for kind, _label in KINDS
        if kind != "reminder"
    )
    schema_editor.connection.check_constraints()


def once(model, name, fields, message, **values):
    constraint = models.UniqueConstraint(fields=fields, name=name, violation_error_message=message, **values)
    return migrations.AddConstraint(model_name=model, constraint=constraint)


def kind_known(model, name):
    words = "その種類のメールはありません。"
    constraint = models.CheckConstraint(condition=KNOWN, name=name, violation_error_message=words)
    return migrations.AddConstraint(model_name=model, constraint=constraint)


def to(model, related_name, on_delete=django.db.models.deletion.CASCADE, **values):
    return models.ForeignKey(on_delete=on_delete, related_name=related_name, to=model, **values)


KEY = ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))
PROTECT = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    dependencies = [("tracker", "0022_section_check")]

    operations = [
        migrations.RemoveConstraint("reminder", "one_reminder_a_day"),
        migrations.RemoveConstraint("reminder", "one_reminder_to_planning_a_day"),
        migrations.RenameModel("Reminder", "SentMail"),
        migrations.AlterModelOptions(
            "sentmail",
            {
                "ordering": ["-sent_at", "-pk"],
                "verbose_name": "送ったメール",
                "verbose_name_plural": "送ったメール",
            },
        ),
        migrations.AlterField(
            "sentmail", "round", to("tracker.reportinground", "sent_mails", on_delete=PROTECT)
        ),
        migrations.AlterField(
            "sentmail",
            "department",
            to("tracker.department", "sent_mails", on_delete=PROTECT, null=True, blank=True),
        ),
        migrations.AddField(
            "sentmail", "kind", models.CharField(**KIND, default="reminder"), preserve_default=False
        ),
        migrations.AddField(
            "sentmail",
            "occasion",
            models.CharField("きっかけ", max_length=40, default=""),
            preserve_default=False,
        ),
        migrations.AlterField("sentmail", "sent_on", models.DateField("送信日", null=True)),
        migrations.RunPython(name_the_days, days_of_reminders),
        migrations.RemoveField("sentmail", "sent_on"),
        kind_known("sentmail", "sent_mail_kind_known"),
        once(
            "sentmail",
            "one_mail_an_occasion",
            ("round", "kind", "occasion", "department", "recipient"),
            "この課のこの宛先には、同じメールをすでに送っています。",
        ),
        once(
            "sentmail",
            "one_mail_to_planning_an_occasion",
            ("round", "kind", "occasion", "recipient"),
            "企画のこの宛先には、同じメールをすでに送っています。",
            condition=TO_PLANNING,
        ),
        migrations.CreateModel(
            "RefusedMail",
            [
                KEY,
                ("kind", models.CharField(**KIND)),
                ("occasion", models.CharField("きっかけ", max_length=40)),
                ("recipient", models.EmailField("宛先", max_length=254)),
                ("why", models.TextField("理由")),
                ("tries", models.PositiveIntegerField("試した回数", default=0)),
                ("tried_at", models.DateTimeField("最後に試した日時")),
                ("next_try_at", models.DateTimeField("次に試す日時")),
                ("department", to("tracker.department", "refused_mails", null=True, blank=True)),
                ("round", to("tracker.reportinground", "refused_mails")),
            ],
            {
                "ordering": ["-tried_at", "-pk"],
                "verbose_name": "届けられなかったメール",
                "verbose_name_plural": "届けられなかったメール",
            },
        ),
        kind_known("refusedmail", "refused_mail_kind_known"),
        once(
            "refusedmail",
            "one_refusal_a_kind",
            ("round", "kind", "department", "recipient"),
            "この課のこの宛先に届かなかったことは、すでに記録しています。",
        ),
        once(
            "refusedmail",
            "one_refusal_to_planning_a_kind",
            ("round", "kind", "recipient"),
            "企画のこの宛先に届かなかったことは、すでに記録しています。",
            condition=TO_PLANNING,
        ),
        migrations.CreateModel(
            "MailSwitch",
            [
                KEY,
                ("kind", models.CharField(**KIND)),
                ("is_on", models.BooleanField("送る", default=True)),
                ("since", models.DateTimeField("切り替えた日時")),
                ("manifesto", to("tracker.manifesto", "mail_switches")),
            ],
            {"verbose_name": "送るメールの種類", "verbose_name_plural": "送るメールの種類"},
        ),
        kind_known("mailswitch", "mail_switch_kind_known"),
        once(
            "mailswitch",
            "one_switch_a_kind",
            ("manifesto", "kind"),
            "この種類の設定は、すでにあります。",
        ),
        migrations.RunPython(begin_now, migrations.RunPython.noop),
    ]
