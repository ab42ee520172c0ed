"""The city's name and whom to ask become data: one row, empty, so that the settings go on saying it."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

import tracker.models.city


def add_the_row(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("tracker", "City").objects.create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("tracker", "0023_mails_of_several_kinds")]

    operations = [
        migrations.AlterField(
            "department",
            "is_contact",
            models.BooleanField(
                "公開ページの問い合わせ先",
                default=False,
                help_text="どの課にも付けなければ、「市の名前と問い合わせ先」にあるものを示します。",
            ),
        ),
        migrations.CreateModel(
            "City",
            [
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("name", models.CharField("市の名前", max_length=50, blank=True)),
                (
                    "code",
                    models.CharField(
                        "全国地方公共団体コード",
                        max_length=6,
                        blank=True,
                        validators=[tracker.models.city.refuse_no_city_code],
                    ),
                ),
                ("contact", models.CharField("市民の問い合わせ先", max_length=201, blank=True)),
                ("contact_url", models.URLField("問い合わせ先のページ", blank=True)),
                ("office_name", models.CharField("企画の課名", max_length=100, blank=True)),
                ("office_telephone", models.CharField("企画の電話番号", max_length=50, blank=True)),
                ("office_mail", models.EmailField("企画のメールアドレス", blank=True, max_length=254)),
            ],
            options={
                "verbose_name": "市の名前と問い合わせ先",
                "verbose_name_plural": "市の名前と問い合わせ先",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(pk=1), name="one_city", violation_error_message="市は 1 つだけです。"
                    )
                ],
            },
        ),
        migrations.RunPython(add_the_row, migrations.RunPython.noop),
    ]
