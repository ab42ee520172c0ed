"""The definitions as tables: every column of every table, and the values of the columns that are choices."""

from collections.abc import Iterator
from typing import NamedTuple

from tracker.public.open_data.columns import DataColumn, flag, number, text
from tracker.public.open_data.table import DataTable, EditionData


class Defined(NamedTuple):
    """A column in its table."""

    table: DataTable
    position: int
    column: DataColumn


def _columns(edition: EditionData) -> Iterator[Defined]:
    for table in edition.tables:
        for position, column in enumerate(table.columns, start=1):
            yield Defined(table, position, column)


class Choice(NamedTuple):
    """A value of a column."""

    table: DataTable
    column: DataColumn
    value: str
    meaning: str


def _choices(edition: EditionData) -> Iterator[Choice]:
    for table, _position, column in _columns(edition):
        for value, meaning in column.choices.items():
            yield Choice(table, column, str(value), meaning)


DEFINITIONS = DataTable(
    name="definitions",
    title="列の定義",
    about="1行が1つの列です。すべての表のすべての列の意味、型、単位、空欄の意味があります。",
    group="about",
    key=("table_name", "column_name"),
    own_columns=(
        text("table_name", "表の名前", "table.name"),
        text("table_title", "表の日本語名", "table.title"),
        number("column_position", "列の順", "position"),
        text(
            "column_name", "列名", "column.name", "変えないように保ち、変えたときは column_changes に記録する"
        ),
        text("column_title", "列の日本語名", "column.title"),
        text("meaning", "意味", "column.meaning", blank="日本語名のとおり"),
        text(
            "type",
            "型",
            "column.type",
            choices={"文字列": "文字", "整数": "半角の数字", "日付": "2024-03-31 の形の西暦の年月日"},
        ),
        text("unit", "単位", "column.unit", blank="単位のない値"),
        flag(
            "is_key",
            "行を決める列かどうか",
            lambda row: row.column.name in row.table.key,
            "組で一つの行を決める列",
            "それ以外",
        ),
        flag("may_be_blank", "空欄の有無", "column.blank", "空欄のことがある", "空欄はない"),
        text("blank_meaning", "空欄の意味", "column.blank", blank="空欄はない"),
        flag(
            "has_allowed_values",
            "選択肢の有無",
            "column.choices",
            "値は allowed_values にあるものだけ",
            "選択肢の列ではない",
        ),
        text(
            "refers_to_table",
            "参照する表",
            "column.refers_to",
            "この列の値の一覧がある表",
            blank="ほかの表を参照しない",
        ),
        text(
            "refers_to_column",
            "参照する列",
            lambda row: row.column.refers_to and row.column.name,
            "この列の値の一覧がある列",
            blank="ほかの表を参照しない",
        ),
        flag(
            "has_rewriting",
            "機種依存文字の書き換えの有無",
            "column.is_wording",
            "元の表記に機種依存文字・改行・前後の空白があれば、CSV と Excel では書き換える"
            "（rewritten_characters）",
            "書き換えはない",
        ),
    ),
    rows=_columns,
)

ALLOWED_VALUES = DataTable(
    name="allowed_values",
    title="選択肢の値",
    about="1行が、決まった値から選ぶ列の1つの値です。",
    group="about",
    key=("table_name", "column_name", "allowed_value"),
    own_columns=(
        text("table_name", "表の名前", "table.name"),
        text("column_name", "列名", "column.name"),
        text("allowed_value", "値", "value"),
        text("meaning", "意味", "meaning"),
    ),
    rows=_choices,
)
