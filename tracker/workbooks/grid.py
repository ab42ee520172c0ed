"""The one shape that every reader makes: rows of text cells, each knowing where it stood in the file."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    """One row. `merged` holds the 0-based columns whose cell is vertically merged with the one above."""

    number: int
    cells: tuple[str, ...]
    sheet: str | None = None
    merged: frozenset[int] = frozenset()

    @property
    def is_blank(self) -> bool:
        return not self.filled

    @property
    def filled(self) -> int:
        """How many cells are not blank."""
        return sum(bool(cell.strip()) for cell in self.cells)

    @property
    def line(self) -> str:
        """All that a row says, as one line."""
        return " ".join(cell.strip() for cell in self.cells if cell.strip())


@dataclass(frozen=True)
class Grid:
    """A file's rows. `knows_merges`: the file says which cells are merged, so a blank one is just blank."""

    rows: tuple[Row, ...]
    knows_merges: bool = False
    sheets: tuple[str, ...] = field(default=())
