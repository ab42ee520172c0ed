"""What the looks of cells may mean: hidden, struck out, coloured, shown otherwise. All is read, and told."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from openpyxl.utils import get_column_letter

from tracker.published_tables.file.grid import Grid, Row
from tracker.published_tables.file.headings import Kind
from tracker.published_tables.file.layout import HeadingBlock, Layout
from tracker.published_tables.file.table import Anomaly
from tracker.words.bullets import is_blank
from tracker.words.cutting import cut
from tracker.workbooks.noted_cells import addresses

MOST_SHOWN = 60  # characters of what stood there
MOST_CELLS = 10
ASIDE = {  # what lies over cells, and what is done with it
    "comments": "セルに付いたコメント（メモ）は取り込まない（{}）。要るものは、セルに書き写す",
    "pictures": "絵・図形・グラフは取り込まない（{}）。要る文字と記号は、セルに書き写す",
}


def doubts_of_looks(grid: Grid, rows: Sequence[Row], layout: Layout) -> list[Anomaly]:
    """Everything that a person sees, or does not see, beside the text of the cells."""
    several = len(grid.sheets) > 1
    found = [*_of_rows(rows, layout), *_of_columns(grid, layout), *_of_colours(rows, layout)]
    found += [*_of_dates(rows, layout), *doubts_of_aside(grid)]
    return [anomaly if several else _without_sheet(anomaly) for anomaly in found]


def _without_sheet(anomaly: Anomaly) -> Anomaly:
    return Anomaly(anomaly.row, anomaly.column, anomaly.kind, anomaly.read, anomaly.done)


def _of_rows(rows: Sequence[Row], layout: Layout) -> Iterator[Anomaly]:
    for row in rows:
        if row.place in layout.skipped or not row.filled:
            continue
        sheet = row.sheet or ""
        if row.is_hidden:
            done = "非表示の行だが、ほかの行と同じように読んだ"
            yield Anomaly(row.number, "", "hidden_row", cut(row.line, MOST_SHOWN), done, sheet)
        if struck := {at: words for at, words in row.struck.items() if row.cell(at).strip()}:
            told = "・".join(words or row.cell(at) for at, words in struck.items())
            done = "取り消し線の引かれた文字だが、そのまま読んだ"
            where = "・".join(f"{get_column_letter(at + 1)}{row.number}" for at in struck)
            yield Anomaly(row.number, "", "struck_out", cut(told, MOST_SHOWN), f"{done}（{where}）", sheet)
        for at in sorted(row.unshown):
            where = f"{get_column_letter(at + 1)}{row.number}"
            done = f"表示形式が分からないので、セルの中の数値のまま読んだ（{where}）"
            yield Anomaly(row.number, "", "number_format", row.cell(at), done, sheet)
        for at, words in row.quotes.items():
            where = f"{words}（{get_column_letter(at + 1)}{row.number}）"
            yield Anomaly(row.number, "", "quotes", cut(row.cell(at), MOST_SHOWN), where, sheet)


def _of_columns(grid: Grid, layout: Layout) -> Iterator[Anomaly]:
    told = set()
    for block in layout.blocks:
        for at in sorted(grid.hidden_columns.get(block.sheet or "", ())):
            if at < len(block.columns) and (block.sheet, at) not in told:
                told.add((block.sheet, at))
                heading = block.columns[at].heading
                done = f"非表示の列（{get_column_letter(at + 1)}列）だが、ほかの列と同じように読んだ"
                yield Anomaly(block.first, heading, "hidden_column", heading, done, block.sheet or "")


def _of_dates(rows: Sequence[Row], layout: Layout) -> Iterator[Anomaly]:
    """Dates, once a column: what a person sees of one, a text cannot always say."""
    unread = {
        (block.sheet, at)
        for block in layout.blocks
        for at, column in enumerate(block.columns)
        if column.kind is Kind.IGNORE
    }
    found = defaultdict[tuple[str | None, int], list[Row]](list)
    for row in rows:
        for at in row.dates if row.place not in layout.skipped else ():
            if (row.sheet, at) not in unread:
                found[row.sheet, at].append(row)
    for (sheet, at), dated in found.items():
        where = "・".join(f"{get_column_letter(at + 1)}{row.number}" for row in dated[:MOST_CELLS])
        more = f"など {len(dated)} か所" if len(dated) > MOST_CELLS else ""
        done = f"日付のセルなので、この形の文字にして読んだ（{where}{more}）"
        yield Anomaly(dated[0].number, "", "date_cell", dated[0].cell(at), done, sheet or "")


def doubts_of_aside(grid: Grid) -> Iterator[Anomaly]:
    """Notes and pictures over cells, once a sheet: they are no text of a cell, and none of them is taken."""
    for kind, by_sheet in (("comments", grid.comments), ("pictures", grid.pictures)):
        for sheet, places in by_sheet.items():
            done = ASIDE[kind].format(addresses(places))
            yield Anomaly(places[0][0] + 1, "", kind, f"{len(places)} か所", done, sheet)


def _of_colours(rows: Sequence[Row], layout: Layout) -> Iterator[Anomaly]:
    """Ratings told by colour alone: no cell of the column says one, and several colours are there."""
    for block in layout.blocks[:1]:
        for at, column in enumerate(block.columns):
            if column.kind is Kind.RATING and column.fiscal_year is None:
                yield from _of_colour_column(rows, layout, block, at)


def _of_colour_column(rows: Sequence[Row], layout: Layout, block: HeadingBlock, at: int) -> Iterator[Anomaly]:
    heads = {(each.sheet, number) for each in layout.blocks for number in range(each.first, each.last + 1)}
    body = [
        row for row in rows if row.sheet == block.sheet and row.number > block.last and row.place not in heads
    ]
    coloured = [row for row in body if at in row.fills]
    if len({row.fills[at] for row in coloured}) > 1 and all(is_blank(row.cell(at)) for row in body):
        where = "・".join(f"{get_column_letter(at + 1)}{row.number}" for row in coloured[:MOST_CELLS])
        done = "評価が色だけで示されているとみられる。色は読めないので、評価なしとした"
        heading = block.columns[at].heading
        yield Anomaly(block.first, heading, "colour_ratings", where, done, block.sheet or "")
