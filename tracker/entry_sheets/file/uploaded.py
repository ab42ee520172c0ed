"""What an uploaded entry sheet says: its rows, and what was not read of it. Plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class UnreadPlace:
    """What was not read outside the rows, and why. `address` is a cell's, or "" for the whole sheet."""

    sheet: str
    address: str
    message: str


@dataclass(frozen=True)
class UploadedRow:
    """One row of the table, as it was typed. `row` is 1-based.

    `values` has the columns that the sheet has, by name; ratings as a code, UNRATED or "", or as they were
    typed if they are none of these. `problems` are messages by column name, "" for the whole row: a value
    with a problem is not to be believed. `letters` are the columns' in the sheet; `elsewhere` are the
    addresses of cells in another sheet: those of indicators. What a row has in neither, it says nothing of.
    """

    sheet: str
    row: int
    id: int | None
    version: int | None
    values: dict[str, str]
    problems: dict[str, str]
    letters: Mapping[str, str] = field(default_factory=dict)
    elsewhere: dict[str, str] = field(default_factory=dict)

    def address(self, name: str) -> str:
        """The cell of a column, 「L12」; where there is no such column, or for "", the row: 「12 行目」."""
        if name in self.elsewhere:
            return self.elsewhere[name]
        return f"{self.letters[name]}{self.row}" if name in self.letters else f"{self.row} 行目"
