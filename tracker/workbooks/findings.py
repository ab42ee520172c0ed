"""What the guard is told and what it tells: how much a workbook may hold, and what is in its sheets."""

from array import array
from dataclasses import dataclass, field

Place = tuple[int, int]  # 0-based row and column
Area = tuple[int, int, int, int]  # 0-based top, left, bottom, right; both ends included

# Formats in which a number shows as what it is: [ECMA-376] part 1, 18.8.30, and LibreOffice's "General".
PLAIN_FORMATS = {0: "General", 1: "0", 49: "@"}
# The others of which a program may write the number alone.
BUILT_IN = {
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    37: "#,##0;-#,##0",
    38: "#,##0;-#,##0",
}
UNKNOWN_FORMAT = "?"


@dataclass(frozen=True)
class Limits:
    """How much a workbook may hold. `rows` and `columns` bound a cell's place, `cells` all filled areas."""

    unpacked_bytes: int
    rows: int
    columns: int
    cells: int
    characters: int  # of all cells, a shared text as often as it is used
    strings: int
    merges: int
    merged_cells: int
    parts: int = 2_000


@dataclass
class ScannedSheet:
    """What a sheet's part says about single cells that its reader would not say."""

    errors: dict[Place, str] = field(default_factory=dict)
    uncalculated: list[Place] = field(default_factory=list)
    formatted: dict[Place, str] = field(default_factory=dict)  # the format of numbers that show otherwise
    merges: list[Area] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)  # first and last
    struck: dict[Place, str] = field(default_factory=dict)  # the words struck out; "" for the whole cell
    fills: dict[Place, str] = field(default_factory=dict)  # the colour behind the cell
    shown: dict[Place, str] = field(default_factory=dict)  # such a number as it shows, "" for who knows how
    comments: set[Place] = field(default_factory=set)  # cells with a note (メモ) or a conversation (コメント)
    pictures: set[Place] = field(default_factory=set)  # cells where a picture, a shape or a chart begins
    aside: list[str] = field(
        default_factory=list
    )  # where a list of relations has its part's notes and pictures
    tables: int = 0  # a sheet has one; of several calamine reads the first


@dataclass(frozen=True)
class CellStyle:
    """A cell style as numbers: its number format, its font, its fill."""

    number_format: int
    font: int
    fill: int


@dataclass
class Counts:
    """What the parts scanned so far add up to, towards the limits."""

    cells: int = 0
    characters: int = 0
    merges: int = 0
    merged_cells: int = 0
    findings: int = 0


@dataclass
class ScannedBook:
    """What a workbook's parts add up to, and what the sheets' scan needs of the parts scanned before them."""

    limits: Limits
    counts: Counts = field(default_factory=Counts)
    lengths: "array[int]" = field(default_factory=lambda: array("L"))  # of the shared texts
    formats: dict[int, str] = field(default_factory=lambda: dict(PLAIN_FORMATS))
    styles: list[CellStyle] = field(default_factory=list)
    struck_fonts: list[bool] = field(default_factory=list)
    fills: list[str] = field(default_factory=list)
    struck_texts: dict[int, str] = field(default_factory=dict)  # words struck out in the shared texts
    sheets: list[tuple[str, str]] = field(default_factory=list)  # name and relationship
    # The part by its key. The workbook's own relations are scanned first.
    relations: dict[str, str] = field(default_factory=dict)

    def style(self, number: str) -> CellStyle | None:
        """The cell style of this number, None where the workbook lists none."""
        return self.styles[int(number)] if int(number) < len(self.styles) else None

    def format_of(self, style: CellStyle | None) -> str:
        """The format in which a number of a style shows, "" for what it is."""
        if style is None:
            return ""
        code = self.formats.get(style.number_format, BUILT_IN.get(style.number_format, UNKNOWN_FORMAT))
        return "" if code in PLAIN_FORMATS.values() else code

    def is_struck(self, style: CellStyle | None) -> bool:
        return style is not None and style.font < len(self.struck_fonts) and self.struck_fonts[style.font]

    def fill_of(self, style: CellStyle | None) -> str:
        """The colour of a style as the file says it, "" for none."""
        return self.fills[style.fill] if style is not None and style.fill < len(self.fills) else ""
