"""What the guard is told and what it tells: how much a workbook may hold, and what is in its sheets."""

from array import array
from dataclasses import dataclass, field

Place = tuple[int, int]  # 0-based row and column
Area = tuple[int, int, int, int]  # 0-based top, left, bottom, right; both ends included

# Formats in which a number shows as what it is: [ECMA-376] part 1, 18.8.30, and LibreOffice's "General".
PLAIN_FORMATS = {0: "General", 1: "0", 49: "@"}


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
    formatted: set[Place] = field(default_factory=set)  # numbers that show as something else: 50% is 0.5
    merges: list[Area] = field(default_factory=list)
    tables: int = 0  # a sheet has one; of several calamine reads the first


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
    styles: list[int] = field(default_factory=list)  # the format of each cell style
    sheets: list[tuple[str, str]] = field(default_factory=list)  # name and relationship
    # The part by its key. The workbook's own relations are scanned first.
    relations: dict[str, str] = field(default_factory=dict)

    def shows_as_it_is(self, style: str) -> bool:
        """Whether a number in a cell of this style shows as what it is."""
        number = int(style)
        return number >= len(self.styles) or self.formats.get(self.styles[number]) in PLAIN_FORMATS.values()
