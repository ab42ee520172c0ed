"""A row's cells under the headings of its table, and why a row cannot be laid under them."""

from collections.abc import Sequence

from tracker.published_tables.file import cells
from tracker.published_tables.file.alignment import (
    IMPOSSIBLE,
    TOO_MUCH,
    Alignment,
    Fit,
    align,
    lay_exactly,
    lay_straight,
)
from tracker.published_tables.file.columns import TableColumn
from tracker.published_tables.file.fits import MAX_CODE, Fits, is_unbelievable, pledge_cost
from tracker.published_tables.file.grid import Row
from tracker.published_tables.file.headings import Kind
from tracker.published_tables.file.scale import HOW_TO_WRITE, SAY_STEP, Scale
from tracker.words.bullets import unmarked
from tracker.workbooks.problems import FileProblem


def align_row(row: Row, fits: Fits, costs: Sequence[Fit], *, is_last: bool) -> Alignment:
    """A row under its headings. Raises FileProblem where no reading is believable.

    With a column of notes, which anything suits, no row is ever put straight: it has its cells in place, or
    is refused. A file's last row may itself be cut.
    """
    own = ["" if index in row.merged else unmarked(cell) for index, cell in enumerate(row.cells)]
    decisive = [
        _counts(column, cost, in_sheet=row.sheet is not None)
        for column, cost in zip(fits.columns, costs, strict=True)
    ]
    if straight := lay_straight(own, decisive):
        return straight
    is_note = [column.kind is Kind.NOTE for column in fits.columns]
    if any(is_note):
        alignment = lay_exactly(own, costs, optional=is_note)
    else:
        if _is_trimmed_reference(own) and not is_last:
            own += [""] * (len(fits.columns) - len(own))
        alignment = align(own, costs, inventing=fits.inventing(), split=fits.split)
    if alignment is None or is_unbelievable(own, alignment, len(fits.columns)):
        raise _refusal(row, own, fits)
    return alignment


def _counts(column: TableColumn, cost: Fit, *, in_sheet: bool) -> Fit:
    """The cost of a cell in its own column: in a workbook a number or a word is a year's text, too."""
    if not in_sheet or column.kind not in {Kind.RESULT, Kind.PLAN}:
        return cost
    return lambda cell: 0 if (found := cost(cell)) >= TOO_MUCH else found


def unknown_rating(said: str, scale: Scale) -> str:
    """What to say to a rating that the legend does not have."""
    if not scale.steps:
        return HOW_TO_WRITE
    known = "・".join(step.code for step in scale.steps)
    return f"評価「{said}」は凡例（{known}）にありません。{SAY_STEP}"


def _is_trimmed_reference(own: list[str]) -> bool:
    """Whether an editor may have cut the blanks off a plan project's row."""
    return len(own) < 4 and not own[0].strip() and bool(cells.PLAN_CODE.match("".join(own[1:2]).strip()))


def _refusal(row: Row, own: list[str], fits: Fits) -> FileProblem:
    """The problem that tells most: no legend, a rating outside it, a pledge without number, a bad fit."""
    while len(own) > len(fits.columns) and not own[-1].strip():
        own.pop()
    places = {column.kind: place for place, column in enumerate(fits.columns)}
    codes = "・".join(step.code for step in fits.scale.steps)
    kind, is_exact = Kind.RATING, len(own) == len(fits.columns)
    rating, pledge = (own[places[each]].strip() if is_exact else "" for each in (Kind.RATING, Kind.PLEDGE))
    if rating and (not codes or (len(rating) <= MAX_CODE and fits.rating_cost(rating) == IMPOSSIBLE)):
        message = unknown_rating(rating, fits.scale)
    elif pledge_cost(pledge) == IMPOSSIBLE:
        kind = Kind.PLEDGE
        message = (
            f"「{pledge[:20]}」に番号（①、1. など）がないので、公約と読めません。"
            "番号を付けるか、列のずれを直してください。"
        )
    else:
        message = (
            f"列がずれていて、どの見出しの下に入るか決められません（セル {len(own)} 個、"
            f"見出し {len(fits.columns)} 個）。"
            "セルの数と、評価・担当課の位置を元の表のとおりに直してください。"
        )
    return row.problem(message, fits.columns[places[kind]].heading)
