"""Published tables written as .xlsx with vertically merged cells, and small tables as text, for the readers' tests."""

import io
import zipfile
from collections.abc import Iterable, Mapping

from openpyxl import Workbook
from openpyxl.cell import MergedCell
from openpyxl.worksheet.worksheet import Worksheet

from tracker.fiscal_years import date_label, short_label
from tracker.spreadsheets.cells import DepartmentTerm
from tracker.spreadsheets.grid import Grid
from tracker.spreadsheets.table import Initiative, Table

LEGEND = "<実施状況>\nA : 達成（進捗率100%）\nB : おおむね達成（進捗率75%程度）\nC : 一部達成（進捗率50%程度）\n"
HEADINGS = (
    *("マニフェスト", "総合計画実施計画の関連事業", "SDGs関連項目", "令和3年度までの主な取組", "令和4年度の主な取組"),
    *("令和5年度の主な取組", "令和6年度の取組予定", "実施状況", "担当課"),
)
PLEDGE_ROW = (
    "①駅を直します",
    "2-2-3①③ 駅前 整備事業",
    "11",
    "・調べました。",
    "・図りました。",
    "・建てました。",
    "・開きます。",
    "A",
    "土木課",
)
NEXT_ROW = ("", "—", "", "・甲です。", "・乙です。", "・丙です。", "・丁です。", "B", "農政課")


def small_text(
    *rows: Iterable[str], headings: Iterable[str] = HEADINGS, legend: str = LEGEND, as_of: str = "令和6年3月末"
) -> str:
    """A text file of one section that holds the rows (by default two). The first row is line 12."""
    table = rows or (PLEDGE_ROW, NEXT_ROW)
    head = f"市長マニフェストの達成状況（{as_of}時点）\n\n{legend}\n1. まち\n\n(1) 道路\n" + "\t".join(headings) + "\n"
    return head + "".join("\t".join(row) + "\n" for row in table)


def replaced(row: tuple[str, ...], changes: Mapping[int, str]) -> tuple[str, ...]:
    """The row with other texts in some of its cells."""
    return tuple(changes.get(index, cell) for index, cell in enumerate(row))


def book_bytes(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def raw_workbook(grid: Grid) -> bytes:
    """A text grid on a sheet as it is; blank year, rating and department cells of a continuing row merged with the cell above."""
    book, sheet = _new()
    anchors: dict[int, tuple[int, int]] = {}  # per column, the first and last row of the area that is growing
    for row in grid.rows:
        for column, cell in enumerate(row.cells, start=1):
            _put(sheet, row.number, column, cell)
        continues = len(row.cells) == len(HEADINGS) and not row.cells[0].strip() and not row.is_blank
        for column in range(4, len(HEADINGS) + 1):
            if continues and not row.cells[column - 1].strip():
                first, _ = anchors.get(column, (row.number - 1, 0))
                anchors[column] = (first, row.number)
            elif column in anchors:
                _merge(sheet, column, *anchors.pop(column))
    for column, (first, last) in anchors.items():
        _merge(sheet, column, first, last)
    return book_bytes(book)


def merged_workbook(table: Table, *, sheet_per_category: bool = False) -> bytes:
    """A parsed table in the published layout. A pledge is merged over its initiatives; a year, rating or department cell
    with the equal one above it; an initiative has a row per plan project, the rest of its cells merged over them."""
    book, sheet = _new()
    sheet.append([f"## {table.title}"])
    sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(HEADINGS))
    sheet.append([])
    sheet.append(["<実施状況>"])
    for step in table.ratings:
        sheet.append([f"{step.code} : {step.label}（{step.definition}）"])
    for category in table.categories:
        if sheet_per_category and category.number > 1:
            sheet = book.create_sheet(f"分野{category.number}")
            sheet.append([f"{table.title} 抜粋 {date_label(table.as_of)}"])
        sheet.append([])
        sheet.append([f"### {category.number}. {category.name}"])
        for section in category.sections:
            sheet.append([f"({section.number}) {section.name}"])
            sheet.append(_headings(table))
            for pledge in section.pledges:
                first = sheet.max_row + 1
                above: list[str] | None = None
                areas: dict[int, list[int]] = {}
                for initiative in pledge.initiatives:
                    above = _write_initiative(sheet, table, initiative, above, areas)
                _put(sheet, first, 1, pledge.number + pledge.text)
                _merge(sheet, 1, first, sheet.max_row)
                for column, rows in areas.items():
                    _merge_runs(sheet, column, rows)
    return book_bytes(book)


def _write_initiative(
    sheet: Worksheet, table: Table, initiative: Initiative, above: list[str] | None, areas: dict[int, list[int]]
) -> list[str]:
    values = [
        *(initiative.results[year] or "—" for year in table.years),
        *(initiative.plans[year] or "—" for year in table.plan_years),
        initiative.rating or "—",
        department_text(initiative.departments, initiative.others),
    ]
    references = [reference.text for reference in initiative.plan_projects] or ["—"]
    row = sheet.max_row + 1
    # All of them equal would read as a row that only adds a plan reference.
    may_merge = above is not None and above != values
    for column, value in enumerate(values, start=4):
        if may_merge and above and above[column - 4] == value:
            areas.setdefault(column, []).append(row)
        else:
            _put(sheet, row, column, value)
    goals = initiative.sdgs
    _put(sheet, row, 3, "" if goals is None else " ".join(map(str, goals)) or "—")
    for offset, reference in enumerate(references):
        _put(sheet, row + offset, 2, reference)
        if offset:
            for column in range(3, len(values) + 4):
                areas.setdefault(column, []).append(row + offset)
    return values


def department_text(terms: tuple[DepartmentTerm, ...], others: bool) -> str:
    """A department cell: limited duties with brackets of their own, the unlimited ones last, or they would share brackets."""
    limited = [term for term in terms if term.from_year or term.to_year]
    rest = [term for term in terms if term not in limited]
    assert [*limited, *rest] == list(terms), "not writable in this order"
    return " ".join([*map(_limited, limited), *(term.name for term in rest), *(["外"] if others else [])]) or "—"


def _limited(term: DepartmentTerm) -> str:
    first = f"{short_label(term.from_year)}" if term.from_year else ""
    last = f"～{short_label(term.to_year)}" if term.to_year else "以降"
    return f"{term.name}（{first}{last}）"


def _headings(table: Table) -> list[str]:
    years = [f"{short_label(year)}{'まで' if year == table.cumulative_year else ''}の主な取組" for year in table.years]
    plans = [f"{short_label(year)}の取組予定" for year in table.plan_years]
    return [*HEADINGS[:3], *years, *plans, *HEADINGS[-2:]]


def _new() -> tuple[Workbook, Worksheet]:
    book = Workbook()
    assert isinstance(book.active, Worksheet)
    return book, book.active


def _put(sheet: Worksheet, row: int, column: int, text: str) -> None:
    cell = sheet.cell(row, column)
    assert not isinstance(cell, MergedCell)
    if text:
        cell.value = text
        cell.data_type = "s"


def _merge(sheet: Worksheet, column: int, first: int, last: int) -> None:
    if last > first:
        sheet.merge_cells(start_row=first, end_row=last, start_column=column, end_column=column)


def _merge_runs(sheet: Worksheet, column: int, rows: list[int]) -> None:
    """Merges each run of following rows with the row above it."""
    start = rows[0]
    for row, following in zip(rows, [*rows[1:], 0], strict=True):
        if following != row + 1:
            _merge(sheet, column, start - 1, row)
            start = following


def part_replaced(content: bytes, name: str, change: Mapping[bytes, bytes]) -> bytes:
    """A workbook with bytes replaced in one of its parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            xml = old.read(part)
            if part.filename == name:
                for before, after in change.items():
                    assert before in xml
                    xml = xml.replace(before, after, 1)
            new.writestr(part.filename, xml)
    return file.getvalue()


def part_text(content: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name).decode()


SHEET = "xl/worksheets/sheet1.xml"
