"""Writes the list of people as a workbook: every cell is text, with lists to choose from."""

from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from tracker.organisation.people.file.cells import ListedOffice
from tracker.organisation.people.file.columns import (
    CHOICES_SHEET,
    COLUMNS,
    HEAD,
    MAIN_SHEET,
    OFFICE,
    ROLE,
    YES,
)
from tracker.organisation.people.file.comparison import Person
from tracker.workbooks.bytes import without_time
from tracker.workbooks.cell_text import held, put_text
from tracker.workbooks.text_lines import FONT

BETWEEN_NAMES = "、"
MOST_PEOPLE_TYPED = 2_000  # rows below the table that offer the choices, too
HEADING_FILL, LINE = "DCE6FF", "767676"


def texts_of(person: Person, offices: dict[int, ListedOffice], role_words: dict[str, str]) -> list[str]:
    """The cells of a person, in the order of the columns."""
    main, others = person.offices[:1], person.offices[1:]

    def names(ids: Iterable[int]) -> str:
        return BETWEEN_NAMES.join(_called(offices[each], offices.values()) for each in ids)

    is_plain_head = person.heads == frozenset(main)
    heads = (
        YES
        if person.heads and is_plain_head
        else names(each for each in person.offices if each in person.heads)
    )
    role = role_words[person.role]
    return [person.username, person.full_name, person.email, names(main), names(others), heads, role]


def _called(office: ListedOffice, offices: Iterable[ListedOffice]) -> str:
    """Its name, or its code where another one has the name, too."""
    return office.code if sum(each.name == office.name for each in offices) > 1 else office.name


def write(rows: Sequence[Sequence[str]], choices: dict[str, Sequence[str]]) -> bytes:
    """The workbook (.xlsx). `choices` are offered in columns by name. The same rows give the same bytes."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = MAIN_SHEET
    _write_headings(sheet)
    style = _style_of_a_cell(sheet)
    for number, row in enumerate(rows, start=2):
        for column, text in enumerate(row, start=1):
            _put(sheet, number, column, held(text))._style = style  # type: ignore[attr-defined]
    _set_up(sheet, len(rows))
    _offer(book, sheet, choices, len(rows))
    return without_time(book)


_FONT = Font(name=FONT, size=10)
_SIDE = Side("thin", color=LINE)
_BORDER = Border(_SIDE, _SIDE, _SIDE, _SIDE)


def _style_of_a_cell(sheet: Worksheet) -> Any:
    """How every cell looks; made once: made cell by cell, it would take most of the time."""
    cell = Cell(sheet, 1, 1)
    cell.number_format = "@"
    cell.font, cell.border = _FONT, _BORDER
    cell.alignment = Alignment(vertical="top", wrap_text=True)
    return cell._style  # type: ignore[attr-defined]


def _put(sheet: Worksheet, row: int, column: int, text: str) -> Cell:
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)  # noqa: S101 - nothing is merged here
    put_text(cell, text)
    return cell


def _write_headings(sheet: Worksheet) -> None:
    for number, column in enumerate(COLUMNS, start=1):
        cell = _put(sheet, 1, number, column.heading)
        cell.font = Font(name=FONT, size=10, bold=True)
        cell.fill, cell.border = PatternFill("solid", fgColor=HEADING_FILL), _BORDER
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        if column.note:
            cell.comment = Comment(column.note, MAIN_SHEET, height=80, width=300)
        dimension = sheet.column_dimensions[get_column_letter(number)]
        dimension.width = column.width
        dimension.number_format = "@"  # what is typed below stays text: 00123 keeps its zeros
        dimension.font = _FONT
    sheet.row_dimensions[1].height = 24


def _set_up(sheet: Worksheet, count: int) -> None:
    last = get_column_letter(len(COLUMNS))
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = f"A1:{last}{max(count, 1) + 1}"
    setup = sheet.page_setup
    setup.paperSize, setup.orientation, setup.fitToWidth, setup.fitToHeight = 9, "landscape", 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"


def _offer(book: Workbook, sheet: Worksheet, choices: dict[str, Sequence[str]], count: int) -> None:
    """The drop-down lists. They stand on a hidden sheet: a list inside the rule ends at 255 characters."""
    hidden = book.create_sheet(CHOICES_SHEET)
    hidden.sheet_state = "hidden"
    names = [column.name for column in COLUMNS]
    for place, (name, texts) in enumerate(choices.items(), start=1):
        for number, text in enumerate(texts, start=1):
            _put(hidden, number, place, held(text))
        letter, column = get_column_letter(place), get_column_letter(names.index(name) + 1)
        rule = DataValidation(
            type="list",
            formula1=f"'{CHOICES_SHEET}'!${letter}$1:${letter}${max(len(texts), 1)}",
            allow_blank=True,
            showErrorMessage=name == ROLE,  # a code, or several names, may be typed elsewhere
            errorStyle="stop",
            errorTitle="役割",
            error="セルの右の ▼ を押すと出る一覧から選んでください。",
        )
        rule.add(f"{column}2:{column}{count + MOST_PEOPLE_TYPED}")
        sheet.add_data_validation(rule)


def choices_of(offices: Iterable[ListedOffice], roles: Iterable[str]) -> dict[str, Sequence[str]]:
    """What the columns offer: departments of the year, roles, and the mark of a head."""
    there = list(offices)
    return {OFFICE: [_called(office, there) for office in there], HEAD: [YES], ROLE: list(roles)}
