"""Writes entry sheets (入力シート) from plain values: what a department answers, beside what it must see."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.formatting.rule import Rule
from openpyxl.styles import PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from tracker.entry_sheets.file import looks as entry_looks
from tracker.entry_sheets.file.columns import COLUMNS, HIDDEN, INPUTS, RATED, EntryColumn, Use
from tracker.entry_sheets.file.looks import CellLook, Looks
from tracker.entry_sheets.file.ratings import UNRATED_WORDS, Step, written
from tracker.words.extra_values import CHOICE
from tracker.words.fiscal_years import label
from tracker.workbooks import cell_text
from tracker.workbooks.bytes import without_time
from tracker.workbooks.sheet_names import sheet_names

META_SHEET, CHOICES_SHEET = "_meta", "_choices"
UNNAMED = "入力シート"
MOST_PROMPT, MOST_ADDRESSES = 255, 8
FIRST_SEEN = len(HIDDEN)  # which are before it
BANDS = {
    Use.REFERENCE: ("参考（灰色の欄は書き換えられません）", entry_looks.BAND_REFERENCE),
    Use.INPUT: ("入力（白い欄に書いてください）", entry_looks.BAND_INPUT),
}
WORDS_TO = "last_plan"  # the words above the table stretch from the first visible column to this one
MANUAL = (
    "白い欄に入力してください。灰色の欄は参考で、書き換えられません。"
    "行を消しても取組は消えず、行を足しても取組は増えません。\n"
    "入力したら保存してファイルを閉じ、このシートを受け取った画面で取り込みます。途中まででも取り込めます。"
    "どこがどう変わるかを画面で確かめるまで、何も書き込まれません。"
)
NO_ROWS = "この報告回で入力をお願いする取組はありません。"
MEASURED = "指標の実績は、このシートには書けません。取組の画面で入力してください（指標のある取組：%d 件）。"
REFUSED_CHOICE = "セルの右の ▼ を押すと出る一覧から選んでください。"


@dataclass(frozen=True)
class EntryRow:
    """One yearly action as the sheet shows it. `id` None: a row of nobody, which only an error workbook has.

    `values` has every column but id and version by its name: `rating` and `last_rating` as a step's code,
    UNRATED or "". The inputs of a row that `is_locked` cannot be written into. `marks` are messages by column
    name, "" for the whole row.
    """

    id: int | None
    version: int
    is_locked: bool
    values: Mapping[str, str]
    marks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class EntryBook:
    """A workbook: rows by their sheet's name; `due` in words; `meta`, which comes back on a hidden sheet.

    `round_name` says which round of the year, where there are several. `extra` are the manifesto's own
    columns. `measured`: how many rows of a sheet have indicators, for which there are no cells.
    """

    fiscal_year: int
    manifesto: str
    due: str
    scale: Sequence[Step]
    sheets: Mapping[str, Sequence[EntryRow]]
    meta: Mapping[str, str]
    round_name: str = ""
    extra: Sequence[EntryColumn] = ()
    measured: Mapping[str, int] = field(default_factory=dict)

    @property
    def columns(self) -> list[EntryColumn]:
        """All columns in order: what is for reference, then what is written into."""
        every = [*COLUMNS, *self.extra]
        return sorted(every, key=lambda column: column.use is Use.INPUT)

    @property
    def title(self) -> str:
        """「令和6年度（2024年度）上半期 入力シート」."""
        return f"{label(self.fiscal_year)}{self.round_name} {UNNAMED}"


def write(book: EntryBook) -> bytes:
    """The workbook (.xlsx): a visible sheet per department, the choices and `meta` on hidden ones.

    Every text reads back as `as_written` says. The same book gives the same bytes.
    """
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    workbook.properties.creator, workbook.properties.title = UNNAMED, book.title
    looks = Looks(workbook)
    sheets = book.sheets or {"": []}
    titles = sheet_names(sheets, taken=(META_SHEET, CHOICES_SHEET), unnamed=UNNAMED)
    for title, (name, rows) in zip(titles, sheets.items(), strict=True):
        _Form(workbook.create_sheet(title), looks, book).fill(name, rows)
    lists = [[*(step.words for step in book.scale), UNRATED_WORDS], *_lists(book).values()]
    lines = zip_longest(*lists, fillvalue="")
    _hidden_sheet(workbook, looks, CHOICES_SHEET, lines, "hidden")
    _hidden_sheet(workbook, looks, META_SHEET, book.meta.items(), "veryHidden")
    return without_time(workbook)


def _lists(book: EntryBook) -> dict[str, list[str]]:
    """What may be chosen in extra columns, by their names."""
    return {
        each.name: each.extra.open_choices
        for each in book.extra
        if each.extra and each.extra.kind == CHOICE and each.use is Use.INPUT
    }


def as_written(name: str, text: str) -> str:
    """What reading back a cell of this column gives: the text, unless a cell cannot hold it."""
    return text if name in RATED else cell_text.held(text)


def _hidden_sheet(
    workbook: Workbook, looks: Looks, name: str, rows: Iterable[Iterable[str]], state: str
) -> None:
    sheet = workbook.create_sheet(name)
    for texts in rows:
        sheet.append([looks.cell(sheet, text, entry_looks.WORDS) for text in texts])
    sheet.sheet_state = state
    sheet.protection.sheet = True


class _Form:
    """One sheet on its way: words, bands and headings on top, then a row per yearly action."""

    def __init__(self, worksheet: Worksheet, looks: Looks, book: EntryBook) -> None:
        self.sheet, self.looks, self.book = worksheet, looks, book
        self.row = 0
        self.columns = book.columns
        self.names = [column.name for column in self.columns]
        self.letters = {name: get_column_letter(number) for number, name in enumerate(self.names, start=1)}
        self.seen = [column for column in self.columns if column.use is not Use.HIDDEN]

    def fill(self, name: str, rows: Sequence[EntryRow]) -> None:
        self._say_what_it_is(name, rows)
        self._write_bands()
        self._write_headings()
        header = self.row
        for row in rows:
            self._write_row(row)
        self._set_up_screen(header)
        self._set_up_print(header)
        if rows:
            self._offer_ratings(header + 1)
            self._offer_choices(header + 1)
            self._ask_for_reasons(header + 1)

    def _say_what_it_is(self, name: str, rows: Sequence[EntryRow]) -> None:
        self._say(f"{self.book.title}　{name}" if name else self.book.title, entry_looks.TITLE, 22)
        due = f"締切：{self.book.due}" if self.book.due else ""
        self._say("　".join(filter(None, [self.book.manifesto, due])))
        self._say(MANUAL if rows else NO_ROWS)
        if count := self.book.measured.get(name):
            self._say(MEASURED % count)
        first = self.row + 4  # after the alert, the bands and the headings
        marked = [
            f"{self.letters[column]}{number}"
            for number, marks in enumerate(map(self._marks, rows), start=first)
            for column in sorted(marks, key=self.names.index)
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
        last = self.names.index(WORDS_TO) + 1
        self._append([*[None] * FIRST_SEEN, self.looks.cell(self.sheet, text, look)])
        self._merge(FIRST_SEEN + 1, last)
        width = sum(column.width for column in self.columns[FIRST_SEEN:last])
        self.sheet.row_dimensions[self.row].height = entry_looks.height([(text, width)], points_a_line)

    def _write_bands(self) -> None:
        cells = [self.looks.cell(self.sheet, *BANDS[column.use]) for column in self.seen]
        self._append([*[None] * FIRST_SEEN, *cells])
        first_input = self.names.index(INPUTS[0]) + 1
        self._merge(FIRST_SEEN + 1, first_input - 1)
        self._merge(first_input, len(self.columns))
        self.sheet.row_dimensions[self.row].height = 20

    def _write_headings(self) -> None:
        texts = {column: column.heading_for(self.book.fiscal_year) for column in self.columns}
        cells = []
        for column, text in texts.items():
            is_input = column.use is Use.INPUT
            look = entry_looks.HEADING_INPUT if is_input else entry_looks.HEADING_REFERENCE
            cells.append(self.looks.cell(self.sheet, text, look))
            if note := self._definitions() if column.name == "rating" else column.note:
                cells[-1].comment = _comment(note)
            dimension = self.sheet.column_dimensions[self.letters[column.name]]
            dimension.width, dimension.hidden = column.width, column.use is Use.HIDDEN
        self._append(cells)
        height = entry_looks.height((texts[column], column.width - 4) for column in self.seen)
        self.sheet.row_dimensions[self.row].height = height

    def _write_row(self, row: EntryRow) -> None:
        marks = self._marks(row)
        texts = [(self._text(row, column.name), column) for column in self.seen]
        cells = [self.looks.cell(self.sheet, key, entry_looks.HIDDEN_CELL) for key in (row.id, row.version)]
        cells += [self.looks.cell(self.sheet, text, _look(row, each, text, marks)) for text, each in texts]
        for name, message in marks.items():
            cells[self.names.index(name)].comment = _comment(message)
        self._append(cells)
        height = entry_looks.height((text, column.width) for text, column in texts)
        self.sheet.row_dimensions[self.row].height = height

    def _marks(self, row: EntryRow) -> dict[str, str]:
        """Messages by the visible column that shows them: the first one, for the row and for hidden cells.

        What is about a column that has ended since the upload, the preview alone tells.
        """
        marks: dict[str, str] = {}
        for name, message in row.marks.items():
            shown = self.seen[0].name if name in {"", *HIDDEN} else name
            if shown in self.letters:
                marks[shown] = f"{marks[shown]}\n{message}" if shown in marks else message
        return marks

    def _append(self, cells: Sequence[Cell | None]) -> None:
        self.sheet.append(list(cells))
        self.row += 1

    def _merge(self, first: int, last: int) -> None:
        """Makes one cell of these columns in the row that was appended last."""
        self.sheet.merge_cells(start_row=self.row, end_row=self.row, start_column=first, end_column=last)

    def _text(self, row: EntryRow, name: str) -> str:
        value = row.values.get(name, "")
        return written(value, self.book.scale) if name in RATED else cell_text.held(value)

    def _definitions(self) -> str:
        """The scale in full, as the note of its heading."""
        steps = ["：".join(filter(None, [step.words, step.definition])) for step in self.book.scale]
        return "\n".join([*steps, f"{UNRATED_WORDS}：評価できる段階にないとき"])

    def _offer_ratings(self, first: int) -> None:
        """The drop-down list. It is on a sheet of its own: a list inside the rule ends at 255 characters."""
        definitions, letter = self._definitions(), self.letters["rating"]
        is_short = cell_text.units(definitions) <= MOST_PROMPT
        elsewhere = f"{REFUSED_CHOICE}評価の基準は、見出しのメモにあります。"
        choice = DataValidation(
            type="list",
            formula1=f"'{CHOICES_SHEET}'!$A$1:$A${len(self.book.scale) + 1}",
            allow_blank=True,
            errorStyle="stop",
            errorTitle="実施状況",
            error=REFUSED_CHOICE,
            showErrorMessage=True,
            promptTitle="実施状況（▼ から選びます）",
            prompt=cell_text.spelled(definitions) if is_short else elsewhere,
            showInputMessage=True,
        )
        choice.add(f"{letter}{first}:{letter}{self.row}")
        self.sheet.add_data_validation(choice)

    def _offer_choices(self, first: int) -> None:
        """The lists of extra columns, each a column of the hidden sheet after that of the ratings."""
        for number, (name, choices) in enumerate(_lists(self.book).items(), start=2):
            there = get_column_letter(number)
            choice = DataValidation(
                type="list",
                formula1=f"'{CHOICES_SHEET}'!${there}$1:${there}${len(choices)}",
                allow_blank=True,
                errorStyle="stop",
                errorTitle="選択肢",
                error=REFUSED_CHOICE,
                showErrorMessage=True,
            )
            choice.add(f"{self.letters[name]}{first}:{self.letters[name]}{self.row}")
            self.sheet.add_data_validation(choice)

    def _ask_for_reasons(self, first: int) -> None:
        """Once another rating is chosen, the cell of the reason has a colour until it is filled."""
        letters = [self.letters[name] for name in ("last_rating", "rating", "rating_reason")]
        last, now, reason = (f"${letter}{first}" for letter in letters)
        amber = DifferentialStyle(fill=PatternFill(bgColor=entry_looks.AMBER))
        formula = f'AND({last}<>"",{now}<>"",{now}<>{last},{reason}="")'
        area = f"{letters[-1]}{first}:{letters[-1]}{self.row}"
        self.sheet.conditional_formatting.add(area, Rule("expression", formula=[formula], dxf=amber))

    def _set_up_screen(self, header: int) -> None:
        beside = get_column_letter(self.names.index("pledge") + 2)
        self.sheet.freeze_panes = f"{beside}{header + 1}"
        begin = self.sheet.sheet_view.selection[-1]  # of the pane that scrolls; else it is the hidden A1
        begin.activeCell = begin.sqref = f"{self.letters[INPUTS[0]]}{header + 1}"
        first, last = self.letters[self.seen[0].name], self.letters[self.names[-1]]
        self.sheet.auto_filter.ref = f"{first}{header}:{last}{max(self.row, header + 1)}"
        self.sheet.sheet_view.zoomScale, self.sheet.sheet_view.showGridLines = 85, False
        # Against slips of the hand: without a password, and columns and rows may be resized and filtered.
        protection = self.sheet.protection
        protection.sheet = True
        protection.formatColumns = protection.formatRows = protection.autoFilter = protection.sort = False

    def _set_up_print(self, header: int) -> None:
        """A3 landscape, as wide as one page, the headings on each."""
        setup = self.sheet.page_setup
        setup.paperSize, setup.orientation, setup.fitToWidth, setup.fitToHeight = 8, "landscape", 1, 0
        self.sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        self.sheet.print_title_rows = f"{header - 1}:{header}"
        self.sheet.page_margins.left = self.sheet.page_margins.right = 0.4
        self.sheet.page_margins.top = self.sheet.page_margins.bottom = 0.5
        footer = HeaderFooterItem()
        footer.left.text, footer.center.text = "&A", "&P / &N"
        self.sheet.HeaderFooter.oddFooter = footer


def _look(row: EntryRow, column: EntryColumn, text: str, marks: Mapping[str, str]) -> CellLook:
    is_open = column.use is Use.INPUT and not row.is_locked and text not in cell_text.NOTICES
    if column.name in marks:
        return entry_looks.MARKED_OPEN if is_open else entry_looks.MARKED
    if column.name in {"state", "return_reason"} and row.values.get("return_reason"):
        return entry_looks.RETURNED
    return entry_looks.INPUT_CELL if is_open else entry_looks.REFERENCE_CELL


def _comment(text: str) -> Comment:
    """A note large enough for its text."""
    height = 22 * entry_looks.lines(text, 40) + 16
    return Comment(cell_text.spelled(cell_text.held(text)), UNNAMED, height=height, width=320)
