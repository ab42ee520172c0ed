"""The cover of a table that is to be decided on (決裁用の案): what would change by publishing it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

MARK = "案"  # stands on every page
WIDTHS = (0.28, 0.14, 0.14, 0.14, 0.3)  # of the page, of at most so many columns


@dataclass(frozen=True)
class CoverTable:
    """A list on the cover; the first column names an initiative, or what is counted."""

    heading: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    explanation: str = ""

    @property
    def width(self) -> str:
        """How much of the page's width the list takes."""
        return f"{sum(WIDTHS[: len(self.columns)]):.0%}"

    @property
    def shares(self) -> list[str]:
        """Of its columns, in the list."""
        widths = WIDTHS[: len(self.columns)]
        return [f"{width / sum(widths):.1%}" for width in widths]


@dataclass(frozen=True)
class Cover:
    """What stands before the table, and what is too long for that behind it (`behind`). `made` says of which
    moment it is; a fact is a name and its words.
    """

    title: str
    made: str
    facts: Sequence[tuple[str, str]]
    tables: Sequence[CoverTable]
    behind: Sequence[CoverTable] = ()

    @property
    def line(self) -> str:
        """Under the title, and over the table."""
        return f"{MARK}（決裁用。公表前です）　{self.made}"
