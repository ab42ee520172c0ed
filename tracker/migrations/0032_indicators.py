"""Indicators (指標) with targets; reports freeze what they say; steps may be suggested (docs/adr/0030)."""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tracker', '0031_tables_are_read'),
    ]

    operations = [
        migrations.AddField(
            model_name='rating',
            name='from_rate',
            field=models.PositiveSmallIntegerField(blank=True, help_text='指標の達成率がこの値からのとき、入力画面にこの評価を目安として示します。自動では選びません。', null=True, verbose_name='指標の達成率（％以上）'),
        ),
        migrations.AddField(
            model_name='reportentry',
            name='indicators',
            field=models.JSONField(default=None, null=True),
        ),
        migrations.CreateModel(
            name='Indicator',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='順序')),
                ('code', models.CharField(editable=False, max_length=12, unique=True, verbose_name='記号')),
                ('name', models.CharField(max_length=60, verbose_name='名称')),
                ('is_of_pledge', models.BooleanField(default=False, help_text='公開ページでは、公約の初めに出します。実績は、上の取組の担当課が、その取組の入力画面で 1 度だけ書きます。', verbose_name='公約全体の指標')),
                ('unit', models.CharField(blank=True, help_text='件、人、％ など。', max_length=20, verbose_name='単位')),
                ('decimals', models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(6, '6 桁までです。')], verbose_name='小数の桁数')),
                ('direction', models.CharField(choices=[('up', '増やす'), ('down', '減らす'), ('keep', '維持する')], default='up', help_text='増やすものは目標以上で、減らすものは目標以下で、維持するものは目標と同じ値で、達成です。目標を上回ってもよいものは「増やす」を選びます。', max_length=10, verbose_name='目指す方向')),
                ('formula', models.CharField(choices=[('ratio', '実績と目標の比'), ('from_base', '基準値からの進み')], default='ratio', help_text='実績と目標の比は、実績÷目標×100（減らすものは、目標÷実績×100）。基準値からは、（実績－基準値）÷（目標－基準値）×100。小数第 2 位から下は切り捨てます。', max_length=10, verbose_name='達成率の計算')),
                ('base_value', models.CharField(blank=True, max_length=24, verbose_name='基準値')),
                ('base_fiscal_year', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='基準値の年度')),
                ('target_lines', models.TextField(blank=True, help_text='1 行に 1 年度ずつ、「令和6年度：1,200」のように書きます。目標のない年度は書きません。', max_length=4000, verbose_name='目標')),
                ('note', models.TextField(blank=True, help_text='数え方や出典など。市民にも公表されます。', max_length=1000, verbose_name='説明')),
                ('first_fiscal_year', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='始まりの年度')),
                ('last_fiscal_year', models.PositiveSmallIntegerField(blank=True, help_text='指標を使わなくなったら、最後に使う年度を書きます。それまでの実績は残ります。', null=True, verbose_name='終わりの年度')),
                ('initiative', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='indicators', to='tracker.initiative', verbose_name='実績を入力する取組')),
            ],
            options={
                'verbose_name': '指標',
                'verbose_name_plural': '指標',
                'ordering': ['initiative_id', 'position'],
                'constraints': [models.UniqueConstraint(fields=('initiative', 'position'), name='indicator_position_once', violation_error_message='同じ順序の指標があります。'), models.UniqueConstraint(fields=('initiative', 'name'), name='indicator_name_once', violation_error_message='同じ名称の指標があります。'), models.CheckConstraint(condition=models.Q(('direction__in', ['up', 'down', 'keep'])), name='indicator_direction_known', violation_error_message='その方向はありません。'), models.CheckConstraint(condition=models.Q(('formula__in', ['ratio', 'from_base'])), name='indicator_formula_known', violation_error_message='その計算はありません。'), models.CheckConstraint(condition=models.Q(('formula', 'ratio'), models.Q(models.Q(('base_value', ''), _negated=True), models.Q(('direction', 'keep'), _negated=True)), _connector='OR'), name='indicator_base_is_there', violation_error_message='基準値からの達成率には、基準値と、増やすか減らすかの方向が要ります。'), models.CheckConstraint(condition=models.Q(('first_fiscal_year__isnull', True), ('last_fiscal_year__isnull', True), ('last_fiscal_year__gte', models.F('first_fiscal_year')), _connector='OR'), name='indicator_ends_after_start', violation_error_message='終わりの年度が、始まりの年度より前です。')],
            },
        ),
    ]
