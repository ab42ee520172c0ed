"""A manifesto defines columns as data; rows and reports have their values (docs/adr/0024)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tracker', '0026_keys_of_the_desk'),
    ]

    operations = [
        migrations.AddField(
            model_name='report',
            name='extra_columns',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='reportentry',
            name='extra_values',
            field=models.JSONField(default=None, null=True),
        ),
        migrations.AddField(
            model_name='yearlyaction',
            name='extra_values',
            field=models.JSONField(blank=True, default=dict, verbose_name='追加の項目'),
        ),
        migrations.CreateModel(
            name='ExtraColumn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='順序')),
                ('code', models.CharField(editable=False, max_length=12, verbose_name='記号')),
                ('label', models.CharField(max_length=40, verbose_name='名称')),
                ('kind', models.CharField(choices=[('text', '文章'), ('number', '数'), ('date', '日付'), ('choice', '選択肢'), ('link', 'リンク')], default='text', max_length=10, verbose_name='種類')),
                ('unit', models.CharField(blank=True, help_text='数のときに書きます（千円、人、％など）。', max_length=20, verbose_name='単位')),
                ('decimals', models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(6, '6 桁までです。')], verbose_name='小数の桁数')),
                ('choice_lines', models.TextField(blank=True, help_text='1 行に 1 つずつ書きます。', max_length=4000, verbose_name='選択肢')),
                ('ended_choice_lines', models.TextField(blank=True, help_text='新しくは選べませんが、すでに選ばれているものはそのまま残ります。1 行に 1 つずつ書きます。', max_length=4000, verbose_name='使わなくなった選択肢')),
                ('is_once', models.BooleanField(default=False, help_text='年度ごとに変わらないものです。次の報告回は、前の値から始まります。', verbose_name='取組ごとに 1 つ')),
                ('is_public', models.BooleanField(default=False, help_text='付けると、承認された値が、次の公表から、公開ページとオープンデータに出ます。', verbose_name='市民に公表する')),
                ('filled_by', models.CharField(choices=[('department', '担当課'), ('planning', '企画')], default='department', max_length=20, verbose_name='入力する人')),
                ('is_required', models.BooleanField(default=False, help_text='担当課の項目は提出の前に、企画の項目は承認の前に、入力しなければなりません。', verbose_name='必須')),
                ('first_fiscal_year', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='始まりの年度')),
                ('last_fiscal_year', models.PositiveSmallIntegerField(blank=True, help_text='項目を使わなくなったら、最後に使う年度を書きます。それまでの値は残ります。', null=True, verbose_name='終わりの年度')),
                ('manifesto', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='extra_columns', to='tracker.manifesto', verbose_name='マニフェスト')),
            ],
            options={
                'verbose_name': '追加の項目',
                'verbose_name_plural': '追加の項目',
                'ordering': ['manifesto', 'position'],
                'constraints': [models.UniqueConstraint(fields=('manifesto', 'code'), name='extra_column_code_once', violation_error_message='同じ記号の項目があります。'), models.UniqueConstraint(fields=('manifesto', 'label'), name='extra_column_label_once', violation_error_message='同じ名称の項目があります。'), models.UniqueConstraint(fields=('manifesto', 'position'), name='extra_column_position_once', violation_error_message='同じ順序の項目があります。'), models.CheckConstraint(condition=models.Q(('kind__in', ['text', 'number', 'date', 'choice', 'link'])), name='extra_column_kind_known', violation_error_message='その種類はありません。'), models.CheckConstraint(condition=models.Q(('filled_by__in', ['department', 'planning'])), name='extra_column_filler_known', violation_error_message='入力する人は、担当課か企画です。'), models.CheckConstraint(condition=models.Q(('first_fiscal_year__isnull', True), ('last_fiscal_year__isnull', True), ('last_fiscal_year__gte', models.F('first_fiscal_year')), _connector='OR'), name='extra_column_ends_after_start', violation_error_message='終わりの年度が、始まりの年度より前です。')],
            },
        ),
    ]
