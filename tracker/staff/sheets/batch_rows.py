"""The rows of an uploaded sheet as its preview shows them: each cell in words, what was chosen, what will
come of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from tracker.entry_sheets.file.columns import COLUMNS, UNRATED
from tracker.entry_sheets.file.comparison import CellPlan, Outcome, RowPlan
from tracker.entry_sheets.planning import Decided, Plan
from tracker.models import SheetBatch, YearlyAction
from tracker.staff.rows import marked
from tracker.words import differences
from tracker.words.three_way import BOTH, MINE, THEIRS

COLUMN = {column.name: column for column in COLUMNS}
CHOICES = {
    THEIRS: "いまの内容を残す",
    MINE: "シートの内容にする",
    BOTH: "両方を続けて残す（いまの内容、シートの内容の順）",
}
OUTCOME_ORDER = (Outcome.ERROR, Outcome.CONFLICT, Outcome.CHANGED, Outcome.IGNORED, Outcome.MERGED)


@dataclass(frozen=True)
class ShownCell:
    """A cell in words. `picked` is the side chosen in a conflict; "" where none is yet."""

    plan: CellPlan
    label: str
    base: str
    database: str
    file: str
    picked: str

    @property
    def difference(self) -> SafeString:
        """From what is stored to what the sheet says, word by word."""
        return marked(differences.words(self.database, self.file))

    @property
    def choices(self) -> list[tuple[str, str]]:
        return [(value, str(CHOICES[value])) for value in self.plan.choices]


@dataclass(frozen=True)
class Shown:
    """A row of the sheet. `action` None: there is no such row for this person. `merged` are the cells changed
    elsewhere.
    """

    plan: RowPlan
    action: YearlyAction | None
    cells: list[ShownCell]
    merged: list[ShownCell]
    is_left_out: bool
    lacks: list[str]
    saves: bool
    submits: bool
    hands_in: bool  # whether the sheet is to hand in at all

    @property
    def can_be_taken(self) -> bool:
        """Whether there is anything to take or to leave out."""
        is_written = any(cell.plan.outcome in {Outcome.CHANGED, Outcome.CONFLICT} for cell in self.cells)
        return not self.plan.has_error and (
            is_written or self.submits or (self.is_left_out and self.hands_in)
        )


def shown_rows(
    batch: SheetBatch, plan: Plan, rows: Sequence[RowPlan], decided: Mapping[int, Decided]
) -> list[Shown]:
    """Some rows of a plan, with what the database knows about them in two queries."""
    found = (
        YearlyAction.objects.filter(pk__in=[row.id for row in rows if row.id in plan.current])
        .with_place()
        .select_related("saved_by")
    )
    actions = {action.pk: action for action in found}
    words = {step.code: str(step) for step in batch.round.manifesto.ratings.all()} | {
        UNRATED: "評価を付けない"
    }
    return [
        _shown(
            batch,
            row,
            actions.get(row.id or 0),
            decided.get(row.id or 0),
            plan.picked(row, batch.picks),
            words,
        )
        for row in rows
    ]


def _shown(
    batch: SheetBatch,
    row: RowPlan,
    action: YearlyAction | None,
    decided: Decided | None,
    picks: Mapping[str, str],
    words: Mapping[str, str],
) -> Shown:
    ordered = sorted(row.cells, key=lambda cell: OUTCOME_ORDER.index(cell.outcome))
    cells = [_cell(cell, picks.get(cell.name, ""), words, batch.round.fiscal_year) for cell in ordered]
    merged = [cell for cell in cells if cell.plan.outcome is Outcome.MERGED]
    # In a row that is another's altogether every reference cell differs: that is not what is wrong with it.
    untold = {Outcome.MERGED, Outcome.IGNORED} if row.message else {Outcome.MERGED}
    writing = decided.writing(batch.submits) if decided else None
    lacking = decided.lacks if decided and batch.submits and decided.changes else {}
    return Shown(
        row,
        action,
        [cell for cell in cells if cell.plan.outcome not in untold],
        merged,
        row.id in set(batch.left_out),
        list(lacking.values()),
        saves=decided is not None and decided.changes,
        submits=writing is not None and writing.submits,
        hands_in=batch.submits,
    )


def _cell(cell: CellPlan, picked: str, words: Mapping[str, str], fiscal_year: int) -> ShownCell:
    def said(value: str | None) -> str:
        return words.get(value or "", value or "") if cell.name in {"rating", "last_rating"} else value or ""

    return ShownCell(
        cell,
        COLUMN[cell.name].heading_for(fiscal_year),
        said(cell.base),
        said(cell.database),
        said(cell.file),
        picked,
    )
