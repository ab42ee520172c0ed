"""One part of a workbook, scanned for what exhausts or deceives the real parser, or what it does not tell."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache

from tracker.workbooks.empty_cells import without_empty_cells
from tracker.workbooks.findings import CellStyle, Place, ScannedBook, ScannedSheet
from tracker.workbooks.problems import FileProblem
from tracker.workbooks.xml_stream import UNUSUAL, Attributes, XmlStream

MISCOUNT = "ブックの中の文字列の数が正しくないか、多すぎます。表だけを新しいブックに写して保存してください。"
TOO_MUCH_TEXT = "ブックの中の文字が多すぎます。シートや行を分けて、別のブックに保存してください。"

MAX_FINDINGS = 100_000
MAX_LOOKS = 20_000  # coloured cells, and cells with words struck out, that are told of a sheet
MAX_ANCHOR = 20  # characters of a number
MAX_STRUCK = 200  # characters of struck-out words that are told of a cell
LARGE_PART = 1024 * 1024  # bytes; of a larger one the empty cells, and so their colours, are passed over
OFF = {"0", "false"}
MAX_SHEETS = 300
ASIDE = ("/comments", "/threadedComment", "/drawing")  # kinds of relations to what lies over the cells
INDEX = re.compile(r"[0-9]{1,9}")
ADDRESS = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
# Those that calamine knows.
CALCULATED_ERRORS = {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"}


def scan(pieces: Callable[[], Iterable[bytes]], book: ScannedBook, *, is_small: bool) -> ScannedSheet:
    """Scans a part, all of it where it is small, and adds to the book.

    Raises FileProblem for what must not be opened, or ExpatError.
    """
    before = replace(book.counts)
    if is_small:
        return Scanner(book).scanned(pieces())
    try:
        return Scanner(book, is_thinned=True).scanned(without_empty_cells(pieces()))
    except UnplacedCell:  # where it stands depends on the cells that were taken out
        book.counts = before
        return Scanner(book).scanned(pieces())


class UnplacedCell(Exception):  # noqa: N818 - it is no error
    """A cell that does not name its place, in a part without its empty cells."""


class Scanner(XmlStream):
    """What is seen of one part. Any part may hold cells, whatever it is called."""

    def __init__(self, book: ScannedBook, *, is_thinned: bool = False) -> None:
        super().__init__()
        self.book, self.counts, self.limits, self.sheet = book, book.counts, book.limits, ScannedSheet()
        self.is_thinned = is_thinned
        self.row = self.column = self.last_row = self.last_column = -1
        self.text_length = self.value_begins = 0
        self.is_in_cell = self.is_in_value = self.is_in_styles = False
        self.has_formula = self.has_value = False
        self.address = self.type = self.style = self.value = self.struck = ""
        self.parent = ""  # the list of styles that is being read
        self.is_in_anchor, self.anchor_text = False, ""
        self.anchor: list[str] = []  # column, offset, row, offset
        self.is_in_run = self.is_struck_run = self.is_in_struck_text = self.is_solid = False
        self.starts = {
            "sheetData": self.start_table, "row": self.start_row, "c": self.start_cell,
            "f": self.start_formula, "v": self.start_value, "is": self.start_text, "mergeCell": self.merge,
            "sst": self.count_shared, "si": self.start_shared,
            "numFmt": self.number_format, "cellXfs": self.start_styles, "xf": self.cell_style,
            "sheet": self.sheet_name, "Relationship": self.relation,
            "col": self.start_columns, "rPr": self.start_run, "strike": self.strike, "t": self.start_words,
            "fonts": self.start_fonts, "font": self.start_font,
            "fills": self.start_fills, "fill": self.start_fill,
            "patternFill": self.pattern, "fgColor": self.colour,
            "comment": self.comment, "threadedComment": self.comment,
            "from": self.start_anchor,
        }  # fmt: skip
        self.ends = {
            "c": self.end_cell, "v": self.end_value, "si": self.end_shared, "cellXfs": self.end_styles,
            "rPr": self.end_run, "r": self.end_piece, "t": self.end_words,
            "fonts": self.end_list, "fills": self.end_list,
            "col": self.end_anchored, "colOff": self.end_anchored, "row": self.end_anchored,
            "rowOff": self.end_anchored, "from": self.end_anchor,
        }  # fmt: skip

    def scanned(self, pieces: Iterable[bytes]) -> ScannedSheet:
        """Reads the part to its end and says what it saw."""
        self.read(pieces)
        self.counts.cells += (self.last_row + 1) * (self.last_column + 1)
        if self.counts.cells > self.limits.cells:
            raise FileProblem(self.too_large())
        return self.sheet

    def aside(self, *content: object) -> None:
        """Inside a cell calamine would lose a part of the value."""
        if self.is_in_cell:
            raise FileProblem(UNUSUAL)

    def text(self, text: str) -> None:
        super().text(text)
        self.text_length += len(text)
        if self.is_in_value and len(self.value) < 64:
            self.value += text
        if self.is_in_struck_text and len(self.struck) < MAX_STRUCK:
            self.struck += text
        if self.is_in_anchor and len(self.anchor_text) < MAX_ANCHOR:
            self.anchor_text += text

    # --- cells ---

    def start_table(self, attributes: Attributes) -> None:
        self.sheet.tables += 1
        self.bounds_texts = True  # whatever the part calls itself

    def start_row(self, attributes: Attributes) -> None:
        self.row = int(attributes["r"]) - 1 if "r" in attributes else self.row + 1
        self.column = -1
        if attributes.get("hidden", "0") not in OFF and self.row < self.limits.rows:
            self.sheet.hidden_rows.append(self.row)

    def start_columns(self, attributes: Attributes) -> None:
        if attributes.get("hidden", "0") not in OFF and len(self.sheet.hidden_columns) < self.limits.columns:
            first, last = (int(attributes.get(end, 0)) - 1 for end in ("min", "max"))
            self.sheet.hidden_columns.append((first, min(last, self.limits.columns)))

    def start_cell(self, attributes: Attributes) -> None:
        self.address = attributes.get("r", "")
        self.type, self.style = attributes.get("t", "n"), attributes.get("s", "0")
        self.is_in_cell, self.has_formula, self.has_value = True, False, False
        self.text_length, self.struck = 0, ""
        place = self.place(self.address)
        if place is None:
            if self.is_thinned:
                raise UnplacedCell
            self.column += 1
        else:
            self.row, self.column = place

    def check_place(self, row: int, column: int, address: str) -> None:
        """Raises FileProblem for a cell beyond the limits."""
        if row >= self.limits.rows or column >= self.limits.columns:
            far = f"表から遠く離れたセル（{address}）があります。そのセルを削除してください。"
            raise FileProblem(far if address else self.too_large())

    def too_large(self) -> str:
        return f"シートが大きすぎます（{self.limits.rows} 行、{self.limits.columns} 列まで）。"

    def start_formula(self, attributes: Attributes) -> None:
        self.start_content()
        self.has_formula = True

    def start_value(self, attributes: Attributes) -> None:
        self.start_content()
        self.is_in_value, self.value = self.is_in_cell, ""
        self.value_begins = self.parser.CurrentByteIndex + len("<v>") + self.prefix_length
        self.has_value = self.type == "str"  # a text may be the empty one

    def start_text(self, attributes: Attributes) -> None:
        self.start_content()
        self.has_value = True

    def start_content(self) -> None:
        """Of two values calamine takes the last, of a value and a formula after it neither."""
        if self.is_in_cell and self.has_value:
            raise FileProblem(UNUSUAL)
        if self.is_in_cell:
            self.check_place(self.row, self.column, self.address)
            self.last_row, self.last_column = max(self.last_row, self.row), max(self.last_column, self.column)

    def end_value(self) -> None:
        if not self.is_in_value:
            return
        self.is_in_value = False
        self.has_value = self.has_value or bool(self.value)
        if self.type != "str" and self.value:
            self.check_spelling()
        if self.type == "s":
            self.text_length = self.shared_length()
            self.struck = self.book.struck_texts.get(int(self.value or 0), "")
        elif self.type == "e":
            self.found()
            self.sheet.errors[self.row, self.column] = self.value
        elif self.type == "n" and self.has_value and (code := self.book.format_of(self.cell_style_now())):
            self.found()
            self.sheet.formatted[self.row, self.column] = code

    def check_spelling(self) -> None:
        """calamine loses a number written with character references, and an error that it does not know."""
        if self.parser.CurrentByteIndex != self.value_begins + len(self.value.encode()):
            raise FileProblem(UNUSUAL)
        if self.type == "e" and self.value not in CALCULATED_ERRORS:
            raise FileProblem(
                f"セル {self.address} がエラー値（{self.value}）です。文字に直してください。",
                row=self.row + 1,
            )

    def end_cell(self) -> None:
        self.is_in_cell = False
        if self.has_formula and not self.has_value:
            self.found()
            self.sheet.uncalculated.append((self.row, self.column))
        self.note_looks()
        self.counts.characters += self.text_length
        if self.counts.characters > self.limits.characters:
            raise FileProblem(TOO_MUCH_TEXT)

    def cell_style_now(self) -> CellStyle | None:
        return self.book.style(self.style)

    def note_looks(self) -> None:
        """Keeps a cell's struck-out words and its colour."""
        style, place = self.cell_style_now(), (self.row, self.column)
        is_whole = self.has_value and self.book.is_struck(style)
        if (is_whole or self.struck) and len(self.sheet.struck) < MAX_LOOKS:
            self.sheet.struck[place] = "" if is_whole else self.struck[:MAX_STRUCK]
        if (fill := self.book.fill_of(style)) and len(self.sheet.fills) < MAX_LOOKS:
            self.sheet.fills[place] = fill

    def comment(self, attributes: Attributes) -> None:
        """A note on a cell. No reader tells them; of far too many the first are known."""
        match = ADDRESS.fullmatch(attributes.get("ref", ""))
        if match and len(self.sheet.comments) < MAX_LOOKS:
            self.sheet.comments.add((int(match[2]) - 1, column_number(match[1])))

    def start_anchor(self, attributes: Attributes) -> None:
        self.is_in_anchor, self.anchor_text, self.anchor = True, "", []

    def end_anchored(self) -> None:
        if self.is_in_anchor:
            self.anchor.append(self.anchor_text.strip())
            self.anchor_text = ""

    def end_anchor(self) -> None:
        """The cell where a picture, a shape or a chart begins. No reader tells them."""
        self.is_in_anchor = False
        numbers = [int(each) for each in self.anchor[::2] if INDEX.fullmatch(each)]  # column and row
        is_known = len(numbers) == 2 and numbers[0] < self.limits.columns
        if is_known and len(self.sheet.pictures) < MAX_LOOKS:
            self.sheet.pictures.add((numbers[1], numbers[0]))

    def found(self) -> None:
        self.counts.findings += 1
        if self.counts.findings > MAX_FINDINGS:
            raise FileProblem("エラー値や計算結果のない数式が多すぎます。Excel で開いて直してください。")

    def place(self, address: str) -> Place | None:
        """Row and column of an address, or None where there is none that counts."""
        match = ADDRESS.fullmatch(address)
        if match is None:
            if address:
                raise FileProblem(UNUSUAL)
            return None
        return int(match[2]) - 1, column_number(match[1])

    def merge(self, attributes: Attributes) -> None:
        first, _, last = attributes.get("ref", "").partition(":")
        corners = []
        for address in (first, last or first):
            corners.append(self.place(address) or (0, 0))
            self.check_place(*corners[-1], address)
        (top, bottom), (left, right) = map(sorted, zip(*corners, strict=True))
        self.counts.merges += 1
        self.counts.merged_cells += (right - left + 1) * (bottom - top + 1)
        if self.counts.merges > self.limits.merges or self.counts.merged_cells > self.limits.merged_cells:
            raise FileProblem(
                f"結合セルが多すぎます（{self.limits.merges} か所、{self.limits.merged_cells} セルまで）。"
            )
        self.sheet.merges.append((top, left, bottom, right))

    # --- shared texts, styles, names ---

    def count_shared(self, attributes: Attributes) -> None:
        """A parser makes room for as many texts as the part says it has."""
        if max(int(attributes.get("count", 0)), int(attributes.get("uniqueCount", 0))) > self.limits.strings:
            raise FileProblem(MISCOUNT)

    def start_run(self, attributes: Attributes) -> None:
        self.is_in_run, self.is_struck_run = True, False

    def end_run(self) -> None:
        self.is_in_run = False

    def end_piece(self) -> None:
        self.is_struck_run = False

    def strike(self, attributes: Attributes) -> None:
        is_on = attributes.get("val", "1") not in OFF
        if self.is_in_run:
            self.is_struck_run = is_on
        elif self.parent == "fonts" and self.book.struck_fonts:
            self.book.struck_fonts[-1] = is_on

    def start_words(self, attributes: Attributes) -> None:
        self.is_in_struck_text = self.is_struck_run

    def end_words(self) -> None:
        self.is_in_struck_text = False

    def start_shared(self, attributes: Attributes) -> None:
        self.text_length, self.struck = 0, ""
        self.bounds_texts = True

    def end_shared(self) -> None:
        if self.struck:
            self.book.struck_texts[len(self.book.lengths)] = self.struck[:MAX_STRUCK]
        self.book.lengths.append(self.text_length)
        if len(self.book.lengths) > self.limits.strings:
            raise FileProblem(MISCOUNT)

    def shared_length(self) -> int:
        """The length of the shared text of the index just read. calamine makes a blank of a wrong index."""
        if INDEX.fullmatch(self.value) and int(self.value) < len(self.book.lengths):
            return self.book.lengths[int(self.value)]
        if self.value:
            raise FileProblem(UNUSUAL)
        return 0

    def number_format(self, attributes: Attributes) -> None:
        self.book.formats[int(attributes.get("numFmtId", 0))] = attributes.get("formatCode", "")

    def start_styles(self, attributes: Attributes) -> None:
        self.is_in_styles = True

    def end_styles(self) -> None:
        self.is_in_styles = False

    def cell_style(self, attributes: Attributes) -> None:
        if self.is_in_styles:
            numbers = (int(attributes.get(name, 0)) for name in ("numFmtId", "fontId", "fillId"))
            self.book.styles.append(CellStyle(*numbers))

    def start_fonts(self, attributes: Attributes) -> None:
        self.parent = "fonts"

    def start_fills(self, attributes: Attributes) -> None:
        self.parent = "fills"

    def end_list(self) -> None:
        self.parent = ""

    def start_font(self, attributes: Attributes) -> None:
        if self.parent == "fonts":
            self.book.struck_fonts.append(False)

    def start_fill(self, attributes: Attributes) -> None:
        if self.parent == "fills":
            self.book.fills.append("")

    def pattern(self, attributes: Attributes) -> None:
        self.is_solid = attributes.get("patternType") == "solid"

    def colour(self, attributes: Attributes) -> None:
        if self.parent == "fills" and self.book.fills and self.is_solid:
            told = (f"{name} {value}" for name, value in sorted(attributes.items()))
            self.book.fills[-1] = " ".join(told)[:40]

    def sheet_name(self, attributes: Attributes) -> None:
        """A sheet as the workbook lists it. The writer chooses the prefix of its relationship's attribute."""
        relation = next((value for name, value in attributes.items() if name.endswith(":id")), "")
        self.book.sheets.append((attributes.get("name", ""), relation))
        if len(self.book.sheets) > MAX_SHEETS:
            raise FileProblem("シートが多すぎます（300 枚まで）。使わないシートを削除してください。")

    def relation(self, attributes: Attributes) -> None:
        self.book.relations[attributes.get("Id", "")] = attributes.get("Target", "")
        if attributes.get("Type", "").endswith(ASIDE) and len(self.sheet.aside) < MAX_SHEETS:
            self.sheet.aside.append(attributes.get("Target", ""))


@cache
def column_number(letters: str) -> int:
    """The 0-based number of a column. Three letters at most: so few names that all may be remembered."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1
