"""The tables of a manifesto's own columns (追加の項目): what an entry says in each, and what they mean."""

from collections.abc import Iterator
from typing import NamedTuple

from tracker.choices import ColumnKind
from tracker.models import ReportEntry
from tracker.public.open_data.columns import flag, number, text, wording, year
from tracker.public.open_data.shared_columns import place_columns
from tracker.public.open_data.table import DataTable, EditionData
from tracker.words.fiscal_years import short_label
from tracker.words.reported import ONCE, ReportedColumn


class ExtraValue(NamedTuple):
    """What an initiative says in an extra column, of a fiscal year or (None) whatever the year."""

    entry: ReportEntry
    column: ReportedColumn
    fiscal_year: int | None
    value: str

    @property
    def when(self) -> str:
        return str(self.fiscal_year or "all")

    @property
    def year_label(self) -> str:
        return short_label(self.fiscal_year) if self.fiscal_year else ""


def _values(edition: EditionData) -> Iterator[ExtraValue]:
    for entry in edition.entries:
        said = entry.extra_values or {}
        for column in edition.report.extra_columns:
            for when, value in said.get(column["code"], {}).items():
                yield ExtraValue(entry, column, int(when) if when != ONCE else None, value)


EVERY_YEAR = "年度によらない項目"
EXTRA_VALUES = DataTable(
    name="extra_values",
    title="取組の追加の項目の値",
    about="1行が、1つの取組の、1つの追加の項目の、1つの年度の値です。空の値の行はありません。",
    group="further",
    key=("initiative_key", "extra_column_code", "value_of"),
    own_columns=(
        *place_columns(),
        text(
            "extra_column_code",
            "項目の記号",
            lambda row: row.column["code"],
            "意味、種類、単位は extra_columns にある",
            refers_to="extra_columns",
        ),
        wording("extra_column_label", "項目の名称", lambda row: row.column["label"], "公表したときの名称"),
        text("value_of", "いつの値か", "when", "西暦の年度。年度によらない項目は all"),
        year("fiscal_year", "値の年度（西暦）", "fiscal_year", blank=EVERY_YEAR),
        text(
            "fiscal_year_label", "値の年度（和暦）", "year_label", "fiscal_year と同じ年度", blank=EVERY_YEAR
        ),
        wording("value", "値", "value", "数は桁区切りのない半角の数字、日付は 2024-03-31 の形"),
    ),
    rows=_values,
)


class ExtraColumnRow(NamedTuple):
    """An extra column and its place among the others."""

    column: ReportedColumn
    position: int


EXTRA_COLUMNS = DataTable(
    name="extra_columns",
    title="追加の項目の定義",
    about="1行が、1つの追加の項目です。extra_values の値の意味、種類、単位があります。",
    group="codes",
    key=("extra_column_code",),
    own_columns=(
        text("extra_column_code", "項目の記号", lambda row: row.column["code"], "任期の間、変わらない"),
        number("extra_column_position", "項目の順", "position"),
        wording("extra_column_label", "項目の名称", lambda row: row.column["label"], "公表したときの名称"),
        text(
            "extra_column_kind",
            "項目の種類",
            lambda row: row.column["kind"],
            choices={kind.value: str(kind.label) for kind in ColumnKind},
        ),
        wording("extra_column_unit", "単位", lambda row: row.column["unit"], blank="単位のない値"),
        number(
            "extra_column_decimals",
            "小数の桁数",
            lambda row: row.column["decimals"] if row.column["kind"] == ColumnKind.NUMBER else None,
            unit="桁",
            blank="数でない項目",
        ),
        wording(
            "extra_column_choices",
            "選択肢",
            lambda row: "、".join(row.column["choices"]),
            "使わなくなったものも含む",
            blank="選択肢でない項目",
        ),
        flag("is_once", "年度によるか", lambda row: row.column["is_once"], "年度によらない", "年度ごとの値"),
    ),
    rows=lambda edition: (
        ExtraColumnRow(column, position)
        for position, column in enumerate(edition.report.extra_columns, start=1)
    ),
)
