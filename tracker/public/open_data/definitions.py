"""The definitions as tables: every column of every table, and the values of the columns that are choices."""

from collections.abc import Iterator
from typing import NamedTuple

from tracker.public.open_data.columns import (
    DataColumn,
    DataValue,
    Reference,
    flag_column,
    number_column,
    text_column,
)
from tracker.public.open_data.table import DataTable, DataTables


class Defined(NamedTuple):
    """A column in its table."""

    table: DataTable
    position: int
    column: DataColumn


class Choice(NamedTuple):
    """A value of a column."""

    table: DataTable
    column: DataColumn
    value: DataValue
    meaning: str


def _columns(tables: DataTables) -> Iterator[Defined]:
    for table in tables():
        for position, column in enumerate(table.columns, start=1):
            yield Defined(table, position, column)


def _choices(tables: DataTables) -> Iterator[Choice]:
    for table, _position, column in _columns(tables):
        for value, meaning in column.choices.items():
            yield Choice(table, column, value, meaning)


def _reference(defined: Defined) -> Reference:
    return defined.column.refers_to or Reference("", "")


def definitions(tables: DataTables) -> DataTable:
    """The table of all columns."""
    return DataTable(
        name="definitions",
        title="列の定義",
        about="1行が1つの列です。すべての表のすべての列の意味、型、単位、空欄の意味があります。",
        group="about",
        key=("table_name", "column_name"),
        own_columns=(
            text_column("table_name", "表の名前", lambda row: row.table.name),
            text_column("table_title", "表の日本語名", lambda row: row.table.title),
            number_column("column_position", "列の順", lambda row: row.position),
            text_column(
                "column_name",
                "列名",
                lambda row: row.column.name,
                "変えないように保ち、変えたときは column_changes に記録する",
            ),
            text_column("column_title", "列の日本語名", lambda row: row.column.title),
            text_column("meaning", "意味", lambda row: row.column.meaning, blank="日本語名のとおり"),
            text_column(
                "type",
                "型",
                lambda row: row.column.type,
                choices={"文字列": "文字", "整数": "半角の数字", "日付": "2024-03-31 の形の西暦の年月日"},
            ),
            text_column("unit", "単位", lambda row: row.column.unit, blank="単位のない値"),
            flag_column(
                "is_key",
                "行を決める列かどうか",
                lambda row: row.column.name in row.table.key,
                "組で一つの行を決める列",
                "それ以外",
            ),
            flag_column(
                "may_be_blank",
                "空欄の有無",
                lambda row: bool(row.column.blank),
                "空欄のことがある",
                "空欄はない",
            ),
            text_column("blank_meaning", "空欄の意味", lambda row: row.column.blank, blank="空欄はない"),
            flag_column(
                "has_allowed_values",
                "選択肢の有無",
                lambda row: bool(row.column.choices),
                "値は allowed_values にあるものだけ",
                "選択肢の列ではない",
            ),
            text_column(
                "refers_to_table",
                "参照する表",
                lambda row: _reference(row).table,
                "この列の値の一覧がある表",
                blank="ほかの表を参照しない",
            ),
            text_column(
                "refers_to_column",
                "参照する列",
                lambda row: _reference(row).column,
                "この列の値の一覧がある列",
                blank="ほかの表を参照しない",
            ),
            flag_column(
                "has_rewriting",
                "機種依存文字の書き換えの有無",
                lambda row: row.column.is_wording,
                (
                    "元の表記に機種依存文字・改行・前後の空白があれば、CSV と Excel "
                    "では書き換える（rewritten_characters）"
                ),
                "書き換えはない",
            ),
        ),
        rows=lambda _material: _columns(tables),
    )


def allowed_values(tables: DataTables) -> DataTable:
    """The table of the values of all columns that are choices."""
    return DataTable(
        name="allowed_values",
        title="選択肢の値",
        about="1行が、決まった値から選ぶ列の1つの値です。",
        group="about",
        key=("table_name", "column_name", "allowed_value"),
        own_columns=(
            text_column("table_name", "表の名前", lambda row: row.table.name),
            text_column("column_name", "列名", lambda row: row.column.name),
            text_column("allowed_value", "値", lambda row: str(row.value)),
            text_column("meaning", "意味", lambda row: row.meaning),
        ),
        rows=lambda _material: _choices(tables),
    )
