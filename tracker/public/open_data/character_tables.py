"""The tables of the characters that were rewritten or replaced: which, where and how often."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from tracker.public.open_data.characters import Rewriting, apostrophe, in_csv, plain, replacements, rewritings
from tracker.public.open_data.columns import DataColumn, DataValue, number, text
from tracker.public.open_data.table import DataTable, EditionData


class Wording(NamedTuple):
    """A wording in a table. `row` counts from 1; None stands for every row, where all say the same."""

    table: DataTable
    column: str
    row: int | None
    record: Sequence[DataValue]
    wording: str

    @property
    def key(self) -> str:
        return "" if self.row is None else self.table.key_of(self.record)


class Found(NamedTuple):
    """A character that another is written for, and where."""

    table: str
    column: str
    row: int | None
    key: str
    rewriting: Rewriting
    occurrences: int


def _cells(edition: EditionData, tables: Iterable[DataTable]) -> Iterator[Wording]:
    """Every wording of the report in every table; of tables about tables, the columns of the report only."""
    for table in tables:
        own = slice(len(table.report_columns), None)
        for column in table.report_columns:
            if isinstance(value := column.value(edition), str):
                yield Wording(table, column.name, None, (), value)
        names = [column.name for column in table.own_columns]
        for row, record in enumerate(table.records(edition) if table.group != "about" else (), start=1):
            for name, value in zip(names, record[own], strict=True):
                if isinstance(value, str):
                    yield Wording(table, name, row, record, value)


def rewritten(edition: EditionData) -> list[Found]:
    """What `in_csv` does to a report: once per table, column and character, with how often."""
    counted: Counter[tuple[str, str, Rewriting]] = Counter()
    written = cache(in_csv)  # most wordings stand in many rows; it lives as long as this call
    for cell in _cells(edition, edition.tables):
        if written(cell.wording) != cell.wording:
            found = [*rewritings(cell.wording), *apostrophe(cell.wording)]
            counted.update((cell.table.name, cell.column, each) for each in found)
    return [Found(table, column, None, "", each, count) for (table, column, each), count in counted.items()]


def replaced(edition: EditionData, tables: Iterable[DataTable] | None = None) -> list[Found]:
    """What cp932 cannot hold of a report's tables: once per table, column, row and character."""
    lost_of = cache(_lost)  # as above
    return [
        Found(cell.table.name, cell.column, cell.row, cell.key, each, count)
        for cell in _cells(edition, edition.tables if tables is None else tables)
        for each, count in lost_of(cell.wording).items()
    ]


def _lost(wording: str) -> Counter[Rewriting]:
    return Counter(replacements(str(plain(wording))))


APOSTROPHE = "。（'）は、表計算ソフトが式として動かさないように、CSV だけで文の前に付けた ' を表す"
WHERE = (text("table_name", "表の名前", "table"), text("column_name", "列名", "column"))


def _what(occurrences: str, written_as: str = "") -> tuple[DataColumn, ...]:
    return (
        text("code_point", "文字の番号", "rewriting.code_point", "Unicode の符号位置"),
        text("character_name", "文字の名前", "rewriting.name", "Unicode での名前。制御文字は CONTROL"),
        text(
            "written_as",
            "書いた文字",
            "rewriting.words",
            f"（なし）は何も書かないこと、（空白）は半角の空白を書くことを表す{written_as}",
        ),
        number("occurrences", "数", "occurrences", occurrences, unit="文字"),
    )


# What CSV and Excel write otherwise than JSON.
REWRITTEN_CHARACTERS = DataTable(
    name="rewritten_characters",
    title="書き換えた機種依存文字",
    about="1行が、1つの列の中の1種類の文字です。CSV と Excel で書き換えた文字があります。",
    group="about",
    key=("table_name", "column_name", "code_point", "written_as"),
    own_columns=(*WHERE, *_what("その列での数。すべての行で同じ値の列では、1行あたりの数", APOSTROPHE)),
    rows=rewritten,
)

# What the CSV in cp932 writes otherwise than the one in UTF-8.
CP932_REPLACEMENTS = DataTable(
    name="cp932_replacements",
    title="Shift_JIS の CSV で書き換えた文字",
    about="1行が、1つのセルの中の1種類の文字です。Shift_JIS で書けない文字と、その場所があります。",
    group="about",
    key=("table_name", "column_name", "row_number", "code_point"),
    own_columns=(
        *WHERE,
        number("row_number", "行の番号", "row", "列名の行を除き、1 から数える", blank="すべての行"),
        text(
            "row_key",
            "行の値",
            lambda row: plain(row.key),
            "行を決める列の値を / でつないだもの",
            blank="すべての行",
        ),
        *_what("その行での数", "。〓は、形の同じ文字がないことを表す"),
    ),
    rows=replaced,
)
