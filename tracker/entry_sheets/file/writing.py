"""Writes entry sheets (入力シート) from plain values: what a department answers, beside what it must see."""

from collections.abc import Iterable, Sequence
from itertools import zip_longest

from openpyxl import Workbook
from openpyxl.formatting.rule import Rule
from openpyxl.styles import PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from tracker.entry_sheets.file import looks as entry_looks
from tracker.entry_sheets.file.columns import HIDDEN, RATED, EntryColumn
from tracker.entry_sheets.file.entry_book import (
    CHOICES_SHEET,
    INDICATOR_SHEET,
    META_SHEET,
    UNNAMED,
    EntryBook,
    EntryRow,
)
from tracker.entry_sheets.file.forms import FormLine, SheetForm, title_of
from tracker.entry_sheets.file.indicator_cells import codes_in
from tracker.entry_sheets.file.indicator_form import IndicatorSheet
from tracker.entry_sheets.file.looks import Looks
from tracker.entry_sheets.file.ratings import UNRATED_WORDS, written
from tracker.workbooks import cell_text
from tracker.workbooks.bytes import without_time
from tracker.workbooks.sheet_names import sheet_names

MOST_PROMPT = 255
MANUAL = (
    "白い欄に入力してください。灰色の欄は参考で、書き換えられません。"
    "行を消しても取組は消えず、行を足しても取組は増えません。\n"
    "入力したら保存してファイルを閉じ、このシートを受け取った画面で取り込みます。途中まででも取り込めます。"
    "どこがどう変わるかを画面で確かめるまで、何も書き込まれません。"
)
NO_ROWS = "この報告回で入力をお願いする取組はありません。"
MEASURED = f"指標の実績は、シート「{INDICATOR_SHEET}」に書いてください（指標のある取組：%d 件）。"
REFUSED_CHOICE = "セルの右の ▼ を押すと出る一覧から選んでください。"


def write(book: EntryBook) -> bytes:
    """The workbook (.xlsx): a visible sheet per department, and one of all indicators where there are any;
    the choices and `meta` on hidden ones.

    Every text reads back as `as_written` says. The same book gives the same bytes.
    """
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    workbook.properties.creator, workbook.properties.title = UNNAMED, book.title
    looks = Looks(workbook)
    sheets = book.sheets or {"": []}
    titles = sheet_names(sheets, taken=(META_SHEET, CHOICES_SHEET, INDICATOR_SHEET), unnamed=UNNAMED)
    for title, (name, rows) in zip(titles, sheets.items(), strict=True):
        _EntryForm(workbook.create_sheet(title), looks, book, book.columns).write(name, rows)
    if book.measured_rows:
        IndicatorSheet(workbook.create_sheet(INDICATOR_SHEET), looks, book).write()
    lists = [[*(step.words for step in book.scale), UNRATED_WORDS], *book.choices.values()]
    lines = zip_longest(*lists, fillvalue="")
    _hidden_sheet(workbook, looks, CHOICES_SHEET, lines, "hidden")
    _hidden_sheet(workbook, looks, META_SHEET, book.meta.items(), "veryHidden")
    return without_time(workbook)


def _hidden_sheet(
    workbook: Workbook, looks: Looks, name: str, rows: Iterable[Iterable[str]], state: str
) -> None:
    sheet = workbook.create_sheet(name)
    for texts in rows:
        sheet.append([looks.cell(sheet, text, entry_looks.WORDS) for text in texts])
    sheet.sheet_state = state
    sheet.protection.sheet = True


class _EntryForm(SheetForm):
    """A sheet with a line per yearly action."""

    words_to, beside = "last_plan", "pledge"

    def write(self, name: str, rows: Sequence[EntryRow]) -> None:
        measured = sum(bool(codes_in(row.values)) for row in rows)
        words = [MANUAL if rows else NO_ROWS, *([MEASURED % measured] if measured else [])]
        lines = [FormLine((row.id, row.version), row.values, row.is_locked, self._marks(row)) for row in rows]
        self.fill(title_of(self.book, name), words, lines)

    def offer(self, first: int) -> None:
        self._offer_ratings(first)
        self._offer_choices(first)
        self._ask_for_reasons(first)

    def text(self, name: str, value: str) -> str:
        return written(value, self.book.scale) if name in RATED else super().text(name, value)

    def note(self, column: EntryColumn) -> str:
        return self._definitions() if column.name == "rating" else column.note

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
        for number, (name, choices) in enumerate(self.book.choices.items(), start=2):
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
