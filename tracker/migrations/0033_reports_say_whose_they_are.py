"""What a manifesto says of itself (mayor, who evaluates, its original …), and reports freeze (docs/adr/0035)."""

from django.db import migrations, models

NEXT = "市民には次の公表から出ます。"


class Migration(migrations.Migration):
    dependencies = [("tracker", "0032_indicators")]

    operations = [
        migrations.AddField(
            "manifesto",
            "mayor",
            models.CharField(
                "市長の名前", max_length=50, blank=True, help_text=f"この任期の市長です。{NEXT}"
            ),
        ),
        migrations.AddField(
            "manifesto",
            "evaluator",
            models.CharField(
                "だれが評価しているか",
                max_length=400,
                blank=True,
                help_text="空のときは「市の自己評価です。取組ごとに担当課が評価し、企画部門が確かめています。」と出ます。"
                f"外部評価などがあれば、それに代わる文を書いてください。{NEXT}",
            ),
        ),
        migrations.AddField(
            "manifesto",
            "consideration",
            models.CharField(
                "「検討する」公約の評価",
                max_length=400,
                blank=True,
                help_text="「検討します」という公約で、最も進んだ評価が何を意味するかです。例：「検討する」とした公約は、"
                f"検討して結論を出したときに「達成」とします。評価の件数のそばと、その公約のページに出ます。{NEXT}",
            ),
        ),
        migrations.AddField(
            "manifesto",
            "original_url",
            models.URLField(
                "マニフェストの原本のページ",
                max_length=500,
                blank=True,
                help_text=f"選挙のときのマニフェストや、市の計画にした文書のあるページです。{NEXT}",
            ),
        ),
        migrations.AddField("report", "about", models.JSONField(default=dict)),
    ]
