"""Rows of the indicators' sheet become cells of their initiatives' rows. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from tracker.entry_sheets.file.indicator_cells import CODE, UNKNOWN, cell_name
from tracker.entry_sheets.file.indicator_cells import INPUTS as PARTS_WRITTEN
from tracker.entry_sheets.file.uploaded import UploadedRow
from tracker.words.extra_values import ColumnProblem, DescribedColumn, value_of
from tracker.words.folding import fold

BAD_INDICATOR = (
    "どの指標の行か分かりません（隠れている「指標ID」の列が書き換えられています）。"
    "画面から入力シートをもう一度ダウンロードして、この行に書いたことを写してください。"
)
DOUBLED_INDICATOR = "同じ指標の行が 2 つあり、書いてあることが違います。どちらか 1 行だけにしてください。"
OTHER_VERSION = (
    "この取組のほかの行とは別のときに作った入力シートの行です（隠れている「版」の列が違います）。"
    "画面から入力シートをもう一度ダウンロードして、この行に書いたことを写してください。"
)


def with_indicators(
    rows: Iterable[UploadedRow], lines: Iterable[UploadedRow], measured: Mapping[str, DescribedColumn]
) -> list[UploadedRow]:
    """The rows, each with the cells of its indicators' `lines`; an initiative that has no row gets one.

    `measured` are the columns of indicators by code. A line that is nobody's stands for itself.
    """
    found = list(rows)
    by_id: dict[int | None, UploadedRow] = {}
    for row in found:
        if row.id is not None:
            by_id.setdefault(row.id, row)
    for line in lines:
        cells = _cells_of(line, measured)
        if cells.id in by_id:
            _add(by_id[cells.id], cells)
            continue
        found.append(cells)
        if cells.id is not None:
            by_id[cells.id] = cells
    return found


def _cells_of(line: UploadedRow, measured: Mapping[str, DescribedColumn]) -> UploadedRow:
    """A line as a row that says nothing but this."""
    code = fold(line.values.get("indicator", "")).casefold()
    pk, problems = line.id, dict(line.problems)
    if "indicator" in problems or not CODE.fullmatch(code):
        code, problems = UNKNOWN, {"": problems.get("", BAD_INDICATOR)}
    pk = None if "" in problems else pk  # it cannot be told whose it is
    parts = [part for part in line.letters if part not in {"id", "version", "indicator"}]
    values = {cell_name(part, code): line.values[part] for part in parts}
    told = {"": problems.pop("")} if "" in problems else {}
    told |= {cell_name(part, code): words for part, words in problems.items()}
    for part, suffix in PARTS_WRITTEN.items():
        if column := measured.get(code + suffix):
            _read(cell_name(part, code), column, values, told)
    places = {cell_name(part, code): f"{line.sheet}!{line.letters[part]}{line.row}" for part in parts}
    return replace(line, id=pk, values=values, problems=told, letters={}, elsewhere=places)


def _read(name: str, column: DescribedColumn, values: dict[str, str], problems: dict[str, str]) -> None:
    """Makes a value of what is typed."""
    if name in values and name not in problems:
        try:
            values[name] = value_of(column, _plain(values[name]))
        except ColumnProblem as problem:
            problems[name] = str(problem)


def _plain(text: str) -> str:
    """A small number that Excel holds, 5E-05, in digits."""
    if "E-" not in text:
        return text
    try:
        return f"{Decimal(text):f}"
    except InvalidOperation:
        return text


def _add(row: UploadedRow, cells: UploadedRow) -> None:
    """Puts the cells of an indicator into its initiative's row."""
    for name in cells.elsewhere:
        value = cells.values[name]
        if name in row.elsewhere and row.values[name] != value:
            row.problems[name] = DOUBLED_INDICATOR
        elif row.version != cells.version:
            row.problems[name] = OTHER_VERSION
        row.values.setdefault(name, value)
        row.elsewhere.setdefault(name, cells.elsewhere[name])
    for name, words in cells.problems.items():
        row.problems.setdefault(name, words)
