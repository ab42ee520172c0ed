"""A table to be filled in on a sheet: words, bands and headings on top, then its lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from tracker.entry_sheets.file import looks as entry_looks
from tracker.entry_sheets.file.columns import EntryColumn, Use
from tracker.entry_sheets.file.entry_book import UNNAMED, EntryBook
from tracker.entry_sheets.file.looks import CellLook, Looks
from tracker.workbooks import cell_text

MOST_ADDRESSES = 8
BANDS = {
    Use.REFERENCE: ("参考（灰色の欄は書き換えられません）", entry_looks.BAND_REFERENCE),
    Use.INPUT: ("入力（白い欄に書いてください）", entry_looks.BAND_INPUT),
}


@dataclass(frozen=True)
class FormLine:
    """One line of the table: what the hidden columns say, and texts and marks by column name."""

    keys: Sequence[str | int | None]
    values: Mapping[str, str]
    is_locked: bool
    marks: Mapping[str, str] = field(default_factory=dict)


class SheetForm:
    """One sheet on its way. Its hidden columns are the first ones, those that are written into the last.

    The words above the table stretch from the first visible column to `words_to`; the columns up to `beside`
    stay in sight.
    """

    words_to: str
    beside: str

    def __init__(
        self, worksheet: Worksheet, looks: Looks, book: EntryBook, columns: Sequence[EntryColumn]
    ) -> None:
        self.sheet, self.looks, self.book, self.columns = worksheet, looks, book, columns
        self.row = 0
        self.names = [column.name for column in columns]
        self.letters = {name: get_column_letter(number) for number, name in enumerate(self.names, start=1)}
        self.seen = [column for column in columns if column.use is not Use.HIDDEN]
        self.first_seen = len(columns) - len(self.seen)
        self.first_input = next(column.name for column in columns if column.use is Use.INPUT)

    def fill(self, title: str, words: Sequence[str], lines: Sequence[FormLine]) -> None:
        """Writes all of it. `words` stand under the title and the due date."""
        self._say(title, entry_looks.TITLE, 22)
        due = f"締切：{self.book.due}" if self.book.due else ""
        self._say("　".join(filter(None, [self.book.manifesto, due])))
        for text in words:
            self._say(text)
        self._point_at_marks(lines)
        self._write_bands()
        self._write_headings()
        heading = self.row
        for line in lines:
            self._write_line(line)
        self._set_up_screen(heading)
        self._set_up_print(heading)
        if lines:
            self.offer(heading + 1)

    def offer(self, first: int) -> None:
        """What helps to fill in the rows from this one on."""
        raise NotImplementedError

    def note(self, column: EntryColumn) -> str:
        """What is said at the heading of a column."""
        return column.note

    def text(self, name: str, value: str) -> str:
        """What a cell says."""
        return cell_text.held(value)

    def cell(self, name: str, text: str, look: CellLook) -> Cell:
        return self.looks.cell(self.sheet, text, look)

    def _point_at_marks(self, lines: Sequence[FormLine]) -> None:
        first = self.row + 4  # after the alert, the bands and the headings
        marked = [
            f"{self.letters[column]}{number}"
            for number, line in enumerate(lines, start=first)
            for column in sorted(line.marks, key=self.names.index)
        ]
        if marked:
            shown = "、".join(marked[:MOST_ADDRESSES]) + (" など" if len(marked) > MOST_ADDRESSES else "")
            words = (
                f"直すところが {len(marked)} か所あります"
                f"（赤い太枠の欄。カーソルを合わせると、理由がメモに出ます）：{shown}"
            )
            self._say(words, entry_looks.ALERT)

    def _say(
        self, text: str, look: CellLook = entry_looks.WORDS, points_a_line: float = entry_looks.POINTS_A_LINE
    ) -> None:
        last = self.names.index(self.words_to) + 1
        self._append([*[None] * self.first_seen, self.looks.cell(self.sheet, text, look)])
        self._merge(self.first_seen + 1, last)
        width = sum(column.width for column in self.columns[self.first_seen : last])
        self.sheet.row_dimensions[self.row].height = entry_looks.height([(text, width)], points_a_line)

    def _write_bands(self) -> None:
        cells = [self.looks.cell(self.sheet, *BANDS[column.use]) for column in self.seen]
        self._append([*[None] * self.first_seen, *cells])
        first_input = self.names.index(self.first_input) + 1
        self._merge(self.first_seen + 1, first_input - 1)
        self._merge(first_input, len(self.columns))
        self.sheet.row_dimensions[self.row].height = 20

    def _write_headings(self) -> None:
        texts = {column: column.heading_for(self.book.fiscal_year) for column in self.columns}
        cells = []
        for column, text in texts.items():
            is_input = column.use is Use.INPUT
            look = entry_looks.HEADING_INPUT if is_input else entry_looks.HEADING_REFERENCE
            cells.append(self.looks.cell(self.sheet, text, look))
            if note := self.note(column):
                cells[-1].comment = _comment(note)
            dimension = self.sheet.column_dimensions[self.letters[column.name]]
            dimension.width, dimension.hidden = column.width, column.use is Use.HIDDEN
        self._append(cells)
        height = entry_looks.height((texts[column], column.width - 4) for column in self.seen)
        self.sheet.row_dimensions[self.row].height = height

    def _write_line(self, line: FormLine) -> None:
        texts = [(self.text(column.name, line.values.get(column.name, "")), column) for column in self.seen]
        cells = [self.looks.cell(self.sheet, key, entry_looks.HIDDEN_CELL) for key in line.keys]
        cells += [self.cell(each.name, text, _look(line, each, text)) for text, each in texts]
        for name, message in line.marks.items():
            cells[self.names.index(name)].comment = _comment(message)
        self._append(cells)
        height = entry_looks.height((text, column.width) for text, column in texts)
        self.sheet.row_dimensions[self.row].height = height

    def _append(self, cells: Sequence[Cell | None]) -> None:
        self.sheet.append(list(cells))
        self.row += 1

    def _merge(self, first: int, last: int) -> None:
        """Makes one cell of these columns in the row that was appended last."""
        self.sheet.merge_cells(start_row=self.row, end_row=self.row, start_column=first, end_column=last)

    def _set_up_screen(self, heading: int) -> None:
        beside = get_column_letter(self.names.index(self.beside) + 2)
        self.sheet.freeze_panes = f"{beside}{heading + 1}"
        begin = self.sheet.sheet_view.selection[-1]  # of the pane that scrolls; else it is the hidden A1
        begin.activeCell = begin.sqref = f"{self.letters[self.first_input]}{heading + 1}"
        first, last = self.letters[self.seen[0].name], self.letters[self.names[-1]]
        self.sheet.auto_filter.ref = f"{first}{heading}:{last}{max(self.row, heading + 1)}"
        self.sheet.sheet_view.zoomScale, self.sheet.sheet_view.showGridLines = 85, False
        # Against slips of the hand: without a password, and columns and rows may be resized and filtered.
        protection = self.sheet.protection
        protection.sheet = True
        protection.formatColumns = protection.formatRows = protection.autoFilter = protection.sort = False

    def _set_up_print(self, heading: int) -> None:
        """A3 landscape, as wide as one page, the headings on each."""
        setup = self.sheet.page_setup
        setup.paperSize, setup.orientation, setup.fitToWidth, setup.fitToHeight = 8, "landscape", 1, 0
        self.sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        self.sheet.print_title_rows = f"{heading - 1}:{heading}"
        self.sheet.page_margins.left = self.sheet.page_margins.right = 0.4
        self.sheet.page_margins.top = self.sheet.page_margins.bottom = 0.5
        footer = HeaderFooterItem()
        footer.left.text, footer.center.text = "&A", "&P / &N"
        self.sheet.HeaderFooter.oddFooter = footer


def title_of(book: EntryBook, name: str) -> str:
    """What stands on top of a sheet."""
    return f"{book.title}　{name}" if name else book.title


def _look(line: FormLine, column: EntryColumn, text: str) -> CellLook:
    is_open = column.use is Use.INPUT and not line.is_locked and text not in cell_text.NOTICES
    if column.name in line.marks:
        return entry_looks.MARKED_OPEN if is_open else entry_looks.MARKED
    if column.name in {"state", "return_reason"} and line.values.get("return_reason"):
        return entry_looks.RETURNED
    return entry_looks.INPUT_CELL if is_open else entry_looks.REFERENCE_CELL


def _comment(text: str) -> Comment:
    """A note large enough for its text."""
    height = 22 * entry_looks.lines(text, 40) + 16
    return Comment(cell_text.spelled(cell_text.held(text)), UNNAMED, height=height, width=320)
