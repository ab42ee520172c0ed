"""A row's cells under the headings of its table, and why a row cannot be laid under them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from tracker.published_tables.file import cells
from tracker.published_tables.file.alignment import IMPOSSIBLE, Alignment, align, lay_exactly
from tracker.published_tables.file.columns import TableColumn
from tracker.published_tables.file.fits import Fits, is_unbelievable, pledge_cost
from tracker.published_tables.file.grid import Row
from tracker.published_tables.file.headings import Kind
from tracker.published_tables.file.scale import HOW_TO_WRITE, Scale
from tracker.words.bullets import unmarked
from tracker.workbooks.problems import FileProblem


@dataclass(frozen=True)
class Placing:
    """The columns in force and the table's scale."""

    columns: tuple[TableColumn, ...]
    scale: Scale

    @cached_property
    def fits(self) -> Fits:
        return Fits(self.columns, self.scale)

    def align(self, row: Row, *, is_last: bool) -> Alignment:
        """The row under its headings. Raises FileProblem where no reading is believable.

        With a column of notes, which anything suits, no row is ever put straight: it has its cells in place,
        or is refused.
        """
        own = ["" if index in row.merged else unmarked(cell) for index, cell in enumerate(row.cells)]
        is_note = [column.kind is Kind.NOTE for column in self.columns]
        if any(is_note):
            alignment = lay_exactly(own, self.fits.all(), optional=is_note)
        else:
            if self._is_trimmed_reference(own, is_last):
                own += [""] * (len(self.columns) - len(own))
            alignment = align(own, self.fits.all(), inventing=self.fits.inventing(), split=self.fits.split)
        if alignment is None or is_unbelievable(own, alignment, len(self.columns)):
            raise self._refusal(row, own)
        return alignment

    def _is_trimmed_reference(self, own: Sequence[str], is_last: bool) -> bool:
        """Whether an editor cut the blanks off a plan project's row. A file's last row may itself be cut."""
        is_reference = (
            len(own) < 4 and not own[0].strip() and bool(cells.PLAN_CODE.match("".join(own[1:2]).strip()))
        )
        return is_reference and not is_last

    def _refusal(self, row: Row, own: list[str]) -> FileProblem:
        """The problem that tells most: no legend, a rating outside it, a pledge without number, a bad fit."""
        while len(own) > len(self.columns) and not own[-1].strip():
            own.pop()
        places = {column.kind: place for place, column in enumerate(self.columns)}
        kind, is_exact = Kind.RATING, len(own) == len(self.columns)
        rating, pledge = (
            own[places[kind]].strip() if is_exact else "" for kind in (Kind.RATING, Kind.PLEDGE)
        )
        if rating and not self.scale.steps:
            message = HOW_TO_WRITE
        elif 0 < len(rating) <= 12 and self.fits.rating_cost(rating) == IMPOSSIBLE:
            message = (
                f"評価「{rating}」は凡例（{'・'.join(step.code for step in self.scale.steps)}）にありません。"
            )
        elif pledge_cost(pledge) == IMPOSSIBLE:
            kind = Kind.PLEDGE
            message = (
                f"「{pledge[:20]}」に番号（①、1. など）がないので、公約と読めません。"
                "番号を付けるか、列のずれを直してください。"
            )
        else:
            message = (
                f"列がずれていて、どの見出しの下に入るか決められません（セル {len(own)} 個、"
                f"見出し {len(self.columns)} 個）。"
                "セルの数と、評価・担当課の位置を元の表のとおりに直してください。"
            )
        return row.problem(message, self.columns[places[kind]].heading)
