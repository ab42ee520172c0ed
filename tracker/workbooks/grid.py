"""The one shape that every reader makes: rows of text cells, each knowing where it stood in the file."""

from dataclasses import dataclass, field


class FileProblem(Exception):  # noqa: N818 - the field's own word for it
    """A file that cannot be read as a published table. The message is for the person who chose the file.

    `row` is 1-based (a line of the text form, a row of the sheet), `column` a heading or a sheet's column letter.
    """

    def __init__(self, message: str, *, row: int | None = None, column: str | None = None, sheet: str | None = None) -> None:
        super().__init__(message)
        self.message, self.row, self.column, self.sheet = message, row, column, sheet

    def in_words(self, file_name: str) -> str:
        """File, place and message in one line."""
        places = [file_name]
        if self.sheet:
            places.append(f"シート「{self.sheet}」")
        if self.row is not None:
            places.append(f"{self.row}行目")
        if self.column:
            places.append(f"「{self.column}」の列")
        return f"{' '.join(places)}：{self.message}"


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
