"""The published table (掲載表) as plain values: reads a grid by the rules of ARCHITECTURE.md, 「表の読み方」.

The rows are walked once. Here is the outline: title, fields, sections, headings, pledges; `initiative_rows`
reads what stands in a pledge's rows. Nothing is dropped: every cell is kept with its initiative, and whatever
had to be interpreted, or could not be, is one `Anomaly`.
"""

from collections.abc import Sequence
from datetime import date

from tracker.published_tables.file import cells, initiative_rows
from tracker.published_tables.file.columns import TableColumn, is_heading_row, read_headings
from tracker.published_tables.file.grid import Grid, Row
from tracker.published_tables.file.headings import Kind
from tracker.published_tables.file.scale import read_scale
from tracker.published_tables.file.table import PublishedTable, TableCategory, TablePledge, TableSection
from tracker.words.fiscal_years import as_of_in
from tracker.words.folding import fold
from tracker.workbooks.problems import FileProblem

MAX_NAME = 200  # what the models hold


def parse_table(grid: Grid) -> PublishedTable:
    """The table of a grid. Raises FileProblem, with row and column, for what could only be guessed."""
    return _Parser(grid).table()


class _Parser:
    """The walk's state: where in the outline the next row belongs, and the columns in force."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.title = ""
        self.as_of: date | None = None
        self.scale = read_scale(grid.rows)
        self.columns: tuple[TableColumn, ...] = ()
        self.heading_sheet: str | None = None
        self.categories: list[TableCategory] = []
        self.section: TableSection | None = None
        self.reader = initiative_rows.InitiativeRows(grid, self.scale)
        self.last_cells: tuple[str, ...] = ()

    def table(self) -> PublishedTable:
        for index, row in enumerate(self.grid.rows):
            if row.filled and index not in self.scale.rows:
                self._read(index, row)
        question = "市長マニフェストの達成状況の表ですか。"
        if self.as_of is None:
            raise FileProblem(f"表題と時点（「…（令和6年3月末時点）」）が見つかりません。{question}")
        if not any(section.pledges for category in self.categories for section in category.sections):
            raise FileProblem(f"公約の表が見つかりません。{question}")
        results = [column for column in self.columns if column.kind is Kind.RESULT]
        return PublishedTable(
            title=self.title,
            as_of=self.as_of,
            ratings=list(self.scale.steps),
            years=sorted(column.year for column in results),
            plan_years=sorted(column.year for column in self.columns if column.kind is Kind.PLAN),
            cumulative_year=next((column.year for column in results if column.cumulative), None),
            categories=self.categories,
            anomalies=self.reader.anomalies,
        )

    def _read(self, index: int, row: Row) -> None:
        is_head = self._is_head(row)
        if is_heading_row(row.cells):
            self._read_columns(index, row)
        elif not is_head and (row.filled > 1 or (self._in_table(row) and not row.cells[0].strip())):
            self._read_initiative(row)
        elif self._read_line(row):
            pass
        elif not is_head and cells.read_pledge(row.line):
            self._read_initiative(row)
        else:
            what = "表の前にある行なので" if is_head else "表の行ではないので"
            self.reader.tell(row, "", "unread_line", row.line, f"{what}、取り込まなかった")

    def _is_head(self, row: Row) -> bool:
        """Whether a row of several cells stands above everything else, as the title beside its date does."""
        is_above = not self.columns and not self.categories
        return row.filled > 1 and is_above and not any(map(cells.read_pledge, row.cells))

    def _in_table(self, row: Row) -> bool:
        """Whether the row stands below a heading; on a further sheet only once the heading has come again."""
        return bool(self.columns) and self.heading_sheet == row.sheet

    def _read_columns(self, index: int, row: Row) -> None:
        columns = read_headings(row.cells, row.number, row.sheet, width=self._width(index))
        if self.columns and _known(columns) != _known(self.columns):
            raise row.problem("見出しが、前の表の見出しと違います。")
        self.heading_sheet = row.sheet
        # The first table's wording stays in force; a later heading may be broken over lines.
        first = {_meaning(column): column for column in self.columns}
        self.columns = tuple(first.get(_meaning(column), column) for column in columns)
        self.reader.begin_table(self.columns)
        for column, heading in zip(self.columns, row.cells, strict=False):
            if column.kind is Kind.NOTE and heading.strip():
                self.reader.tell_unknown(row, column)

    def _width(self, index: int) -> int:
        """How many columns of a sheet are filled below a heading row; 0 in a text, whose rows may err."""
        row, width = self.grid.rows[index], 0
        for below in self.grid.rows[index + 1 :] if self.grid.sheets else ():
            if below.sheet != row.sheet or is_heading_row(below.cells):
                break
            if below.filled > 1:
                width = max(width, *(place + 1 for place, cell in enumerate(below.cells) if cell.strip()))
        return width

    def _read_line(self, row: Row) -> bool:
        """Reads a line of its own: title, category or section. False where it is none of them."""
        line = row.line
        if self.as_of is None and (as_of := as_of_in(line)):
            self.title, self.as_of = initiative_rows.within(line.lstrip("# "), MAX_NAME, row), as_of
        elif category := cells.read_category(line):
            self._begin_category(*category, row)
        elif section := cells.read_section(line):
            self._begin_section(*section, row)
        else:
            return False
        return True

    def _begin_category(self, number: int, name: str, row: Row) -> None:
        if any(category.number == number for category in self.categories):
            raise row.problem(f"分野の番号 {number} が 2 回あります。")
        self.categories.append(TableCategory(number, initiative_rows.within(name, MAX_NAME, row)))
        self.section = None

    def _begin_section(self, number: int, name: str, row: Row) -> None:
        if not self.categories:
            raise row.problem("分野の見出し（「1. …」）より前に、項目の見出しがあります。")
        category = self.categories[-1]
        if any(section.number == number for section in category.sections):
            raise row.problem(f"項目の番号 ({number}) が同じ分野に 2 回あります。")
        self.section = TableSection(number, initiative_rows.within(name, MAX_NAME, row))
        category.sections.append(self.section)
        self.reader.above = {}  # the next rows share no cell with those above

    def _read_initiative(self, row: Row) -> None:
        if not self._in_table(row):
            raise row.problem("見出しの行（「マニフェスト」「担当課」など）より前に、表の行があります。")
        if self.section is None:
            raise row.problem("分野と項目の見出し（「1. …」「(1) …」）より前に、表の行があります。")
        if row.cells == self.last_cells:
            done = "上の行とまったく同じだが、別の行として読んだ"
            self.reader.tell(row, "", "row_repeated", initiative_rows.shortened(row.line), done)
        self.last_cells = row.cells
        placed = self.reader.place(row)
        begins = cells.read_pledge(initiative_rows.cell_of(placed, Kind.PLEDGE))
        if begins:
            self._tell_number(begins[0], row, self.section)
            self.section.pledges.append(TablePledge(len(self.section.pledges) + 1, *begins))
        elif not self.section.pledges:
            heading = self.reader.heading(Kind.PLEDGE)
            raise row.problem("公約（①…）のない行が、項目の最初にあります。", heading)
        there = self.section.pledges[-1].initiatives
        if not begins and initiative_rows.adds_to_the_row_above(placed):
            self.reader.add_to(there[-1], row, placed)
        else:
            there.append(self.reader.read(row, placed, len(there) + 1, begins_pledge=bool(begins)))

    def _tell_number(self, number: str, row: Row, section: TableSection) -> None:
        """Tells that a pledge's number does not follow the one before."""
        before = [pledge.number for pledge in section.pledges]
        heading, done = self.reader.heading(Kind.PLEDGE), "の公約として、順番で区別した"
        if number in before:
            self.reader.tell(row, heading, "number_repeated", number, f"同じ番号の別{done}")
        elif before and not _follows(number, before[-1]):
            self.reader.tell(row, heading, "number_skipped", number, f"{before[-1]} の次{done}")


def _follows(number: str, before: str) -> bool:
    """Whether a printed number comes after another; one that is no number never jumps."""
    now, last = fold(number), fold(before)
    return not (now.isdigit() and last.isdigit()) or int(now) == int(last) + 1


def _meaning(column: TableColumn) -> tuple[Kind, int | str | None]:
    """What a column is, whatever the wording of its heading."""
    return column.kind, column.heading if column.kind is Kind.NOTE else column.fiscal_year


def _known(columns: Sequence[TableColumn]) -> set[tuple[Kind, int | str | None]]:
    return {_meaning(column) for column in columns if column.kind is not Kind.NOTE}
