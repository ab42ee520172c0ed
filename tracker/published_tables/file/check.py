"""What a published table must not hold: no workbook could, or nobody could read it back. Pure."""

import re
from collections.abc import Callable
from typing import TypeVar

from tracker.published_tables.file import own_cells
from tracker.published_tables.file.laid_table import LaidRow, LaidTable
from tracker.published_tables.file.table import PublishedTable, TableInitiative
from tracker.words.fiscal_years import as_of_in
from tracker.workbooks.cell_text import refuse_too_long
from tracker.workbooks.problems import FileProblem

Said = TypeVar("Said")
# No XML can say these, or readers make something else of them (a tab becomes a space).
UNWRITABLE = re.compile("[\x00-\x09\x0b-\x1f\ud800-\udfff\ufffe\uffff]")


def check_table(table: PublishedTable, laid: LaidTable) -> None:
    """Raises FileProblem, with the place, for what would be cut, changed or misread."""
    if as_of_in(table.title) != table.as_of:
        raise FileProblem(
            f"表題「{table.title}」から時点を読み取れません。マニフェストの表題を直してください。"
        )
    for step in table.ratings:
        if _read(own_cells.legend_in, own_cells.legend_line(step)) != step:
            raise FileProblem(
                f"評価「{step.code}」の名称と基準が、凡例の 1 行から読み取れません。"
                "かっこの使い方を直してください。"
            )
    for row in laid.rows:
        _check_cells(row, laid)
    codes = {step.code for step in table.ratings}
    for category, section, pledge in table.pledges():
        place = f"{category.number}-{section.number}-{pledge.position}"
        told = pledge.number, pledge.text
        if own_cells.pledge_in(own_cells.pledge_cell(*told)) != told:
            raise FileProblem(
                f"公約 {place} は、番号「{pledge.number}」と文を、表から読み分けられません。"
                "番号の書き方を直してください。"
            )
        for initiative in pledge.initiatives:
            _check_initiative(initiative, f"{place}-{initiative.position}", codes)


def _check_cells(row: LaidRow, laid: LaidTable) -> None:
    for index, text in enumerate(row.cells):
        column = laid.columns[index].heading if row.place else row.part.value
        where = f"取組 {row.place} の" if row.place else ""
        refuse_too_long(text, f"{where}「{column}」", column=column)
        if found := UNWRITABLE.search(text):
            raise FileProblem(
                f"{where}「{column}」に、Excel のセルに入らない文字（U+{ord(found[0]):04X}）があります。"
                "その文字を除いてから、公表し直してください。",
                column=column,
            )


def _check_initiative(initiative: TableInitiative, place: str, codes: set[str]) -> None:
    told = initiative.departments, initiative.others
    if _read(own_cells.departments_in, own_cells.departments_cell(*told)) != told:
        names = "、".join(term.name for term in initiative.departments)
        raise FileProblem(
            f"取組 {place} の担当課（{names}）は、表から読み分けられません。担当課の名称を直してください。"
        )
    for reference in initiative.plan_projects:
        if _read(own_cells.plan_project_in, own_cells.plan_project_cell(reference)) != [reference]:
            raise FileProblem(
                f"取組 {place} の関連事業「{reference.text}」は、番号と名称を表から読み分けられません。"
                "基本データで、番号と施策の番号を直してください。"
            )
    if initiative.rating is not None and initiative.rating not in codes:
        raise FileProblem(f"取組 {place} の評価「{initiative.rating}」が凡例にありません。")


def _read(read: Callable[[str], Said], cell: str) -> Said | None:
    """What a reader makes of a cell, None where it refuses."""
    try:
        return read(cell)
    except ValueError:
        return None
