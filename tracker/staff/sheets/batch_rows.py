"""The rows of an uploaded sheet as its preview shows them: each cell in words, and what was chosen."""

from collections.abc import Iterable, Mapping

from tracker.entry_sheets.file.columns import COLUMNS, INDICATOR_COLUMNS, RATED, UNRATED
from tracker.entry_sheets.file.comparison import CellOutcome, ComparedCell, ComparedRow
from tracker.entry_sheets.file.indicator_cells import cell_name
from tracker.entry_sheets.file.ratings import UNRATED_WORDS
from tracker.entry_sheets.planning import Plan
from tracker.models import SheetBatch, YearlyAction
from tracker.models.reporting import read_indicators
from tracker.staff.frame.rows import marked
from tracker.words import differences
from tracker.words.extra_values import field_of
from tracker.words.three_way import BOTH, MINE, THEIRS

SIDES = {
    THEIRS: "いまの内容を残す",
    MINE: "シートの内容にする",
    BOTH: "両方を続けて残す（いまの内容、シートの内容の順）",
}
OUTCOME_ORDER = ("error", "conflict", "changed", "ignored", "merged")


def shown_rows(batch: SheetBatch, plan: Plan, rows: Iterable[ComparedRow]) -> list[dict[str, object]]:
    """Some rows of a plan as the template takes them, with their yearly actions, in two queries.

    Each has `plan`, the row; `action`, None where there is no such row for this person; `cells` in words, and
    apart from them those `merged`; and what the row comes to.
    """
    known = [row.id for row in rows if row.now and row.id]
    found = YearlyAction.objects.filter(pk__in=known).with_place().select_related("saved_by").in_bulk()
    read_indicators(found.values())
    words = {step.code: str(step) for step in batch.round.manifesto.ratings.all()} | {UNRATED: UNRATED_WORDS}
    fiscal_year = batch.round.fiscal_year
    labels = {column.name: column.heading_for(fiscal_year) for column in COLUMNS}
    columns = batch.round.manifesto.columns  # what has ended since the upload, too
    labels |= {field_of(each.code): each.heading for each in columns}
    shown = []
    for row in rows:
        action = found.get(row.id or 0)
        own = _indicator_labels(action, fiscal_year) if action else {}
        shown.append(_shown(row, plan, action, words, labels | own))
    return shown


def _indicator_labels(action: YearlyAction, fiscal_year: int) -> dict[str, str]:
    """How the cells of a row's indicators are called, of ended ones too."""
    return {
        cell_name(column.name, each.code): f"指標「{each.name}」：{column.heading_for(fiscal_year)}"
        for each in action.known_indicators
        for column in INDICATOR_COLUMNS
    }


def _shown(
    row: ComparedRow,
    plan: Plan,
    action: YearlyAction | None,
    words: Mapping[str, str],
    labels: Mapping[str, str],
) -> dict[str, object]:
    ordered = sorted(row.cells, key=lambda cell: OUTCOME_ORDER.index(cell.outcome))
    cells = [(cell, _cell(cell, row.picks.get(cell.name, ""), words, labels)) for cell in ordered]
    # In a row that is another's altogether every reference cell differs: that is not what is wrong with it.
    untold = {CellOutcome.MERGED, CellOutcome.IGNORED} if row.message else {CellOutcome.MERGED}
    saves, answer = row.is_taken and bool(row.writes), plan.answers.get(row.id or 0)
    return {
        "plan": row,
        "action": action,
        "cells": [told for cell, told in cells if cell.outcome not in untold],
        "merged": [told for cell, told in cells if cell.outcome is CellOutcome.MERGED],
        "lacks": list(plan.lacks(row).values()) if plan.submits and saves else [],
        "saves": saves,
        "submits": answer is not None and answer.submits,
        "can_be_taken": plan.is_offered(row),
    }


def _cell(
    cell: ComparedCell, picked: str, words: Mapping[str, str], labels: Mapping[str, str]
) -> dict[str, object]:
    """A cell in words; how it changes, word by word; and the side chosen in a conflict, "" while none is."""
    said = {"base": cell.base or "", "database": cell.database, "file": cell.file}
    if cell.name in RATED:
        said = {side: words.get(value, value) for side, value in said.items()}
    pieces = differences.words(said["database"], said["file"]) if cell.outcome is CellOutcome.CHANGED else []
    return {
        "plan": cell,
        "label": labels.get(cell.name, cell.address),
        "difference": marked(pieces),
        "choices": [(side, SIDES[side]) for side in cell.sides],
        "picked": picked,
        **said,
    }
