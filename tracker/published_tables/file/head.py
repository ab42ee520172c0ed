"""What stands above a table: its title, and the date that it is true as of. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tracker.published_tables.file.cells import one_line
from tracker.published_tables.file.grid import Row
from tracker.published_tables.file.layout import RowPlace
from tracker.published_tables.file.table import Anomaly
from tracker.words.fiscal_years import as_of_in, fiscal_years_in
from tracker.words.folding import fold

MAX_TITLE = 200  # what the models hold
DATE = (
    r"(?:令和|平成|昭和|R|H|S|西暦)?\.?(?:\d{1,4}|元)(?:年度?|[./])(?:\d{1,2}(?:月|[./])(?:\d{1,2}日?)?)?末?"
)
DATE_ALONE = re.compile(rf"^[(\[【]?(?:(?:{DATE})(?:時点|現在)?|時点|現在)[)\]】]?$")
BARE_MONTH = re.compile(r"^[(\[]?((?:令和|平成|R|H)(?:\d{1,2}|元)年\d{1,2}月)[)\]]?$")
MADE_ON = re.compile(r"作成|更新|公表|発行|印刷|改訂|修正|作成日")
CLEAR = re.compile(r"時点|現在|末")


@dataclass(frozen=True)
class TableHead:
    """Title and date as found, the rows that say them, and what is to be told of them."""

    title: str = ""
    as_of: date | None = None
    rows: frozenset[RowPlace] = frozenset()
    doubts: tuple[Anomaly, ...] = ()


def find_head(lines: Sequence[Row], above: frozenset[RowPlace]) -> TableHead:
    """Title and date among lines of their own and, before all, the rows `above` the table."""
    dated = [(row, day) for row in lines if (day := _date_of(row)) and not _is_made_on(row.line)]
    doubts: list[Anomaly] = []
    if not dated:
        dated = [(row, day) for row in lines if row.place in above and (day := _bare_month(row))]
        doubts = [
            Anomaly(row.number, "", "as_of_guessed", row.line, f"月の末日 {day} 時点の表とみた")
            for row, day in dated[:1]
        ]
    if not dated:
        years = [
            (row, found[0])
            for row in lines
            if row.place in above and len(found := fiscal_years_in(row.line)) == 1
        ]
        dated = [(row, date(year + 1, 3, 31)) for row, year in years]
        doubts = [
            Anomaly(
                row.number, "", "as_of_guessed", row.line, f"時点がないので、年度の末日 {day} 時点の表とみた"
            )
            for row, day in dated[:1]
        ]
    if not dated:
        return TableHead()
    clear = [each for each in dated if CLEAR.search(fold(each[0].line))] or dated
    row, as_of = clear[0]
    used = {row.place}
    title = _title_in(row)
    if not title and (named := _nearest(lines, row, above)):
        title, used = one_line(named.line.lstrip("# ")), used | {named.place}
    title = title or one_line(row.line.lstrip("# "))
    for other, day in dated:
        if other.place in above and day != as_of and other.place not in used:
            done = f"表題の時点は {as_of} とした"
            doubts.append(Anomaly(other.number, "", "as_of_other", other.line, done))
            used.add(other.place)
    doubts += [
        Anomaly(made.number, "", "date_of_making", made.line, "作成などの日付とみて、時点にしなかった")
        for made in lines
        if made.place in above and _date_of(made) and _is_made_on(made.line)
    ]
    used |= {
        made.place for made in lines if made.place in above and _date_of(made) and _is_made_on(made.line)
    }
    return TableHead(title, as_of, frozenset(used), tuple(doubts))


def _date_of(row: Row) -> date | None:
    return as_of_in(row.line)


def _is_made_on(line: str) -> bool:
    return bool(MADE_ON.search(line)) and not re.search("時点|現在", line)


def _bare_month(row: Row) -> date | None:
    match = BARE_MONTH.match(fold(row.line))
    return as_of_in(f"{match[1]}末") if match else None


def _title_in(row: Row) -> str:
    """The row's own words as a title: without a date in a cell of its own, "" where it says nothing else."""
    filled = [cell.strip() for cell in row.cells if cell.strip()]
    words = [cell for cell in filled if not DATE_ALONE.match(fold(cell))]
    if not words:
        return ""
    bracketed = [cell for cell in filled if cell in words or cell[0] in "（(【["]
    return " ".join(bracketed).lstrip("# ")


def _nearest(lines: Sequence[Row], row: Row, above: frozenset[RowPlace]) -> Row | None:
    """The line that names the table whose date stands alone: the last before it, or the first after it.

    Where the date stands on a sheet of its own, such as a cover, so does the name.
    """
    is_apart = row.place not in above
    others = [
        each
        for each in lines
        if (is_apart or each.place in above) and each.sheet == row.sheet and not _date_of(each)
    ]
    before = [each for each in others if each.number < row.number]
    after = [each for each in others if each.number > row.number]
    return before[-1] if before else after[0] if after else None
