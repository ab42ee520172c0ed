"""An uploaded entry sheet beside its base and the database, cell by cell. Pure: plain values in, a plan out.

The rule is `three_way.verdict`. Only cells that are not the same on both sides are told.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tracker.entry_sheets.file.columns import INPUTS
from tracker.entry_sheets.file.reading import UploadedRow
from tracker.entry_sheets.file.writing import as_written
from tracker.words import three_way, typed_text


class Outcome(StrEnum):
    """What a cell comes to: a `three_way.Verdict`, a cell that cannot be taken, or a reference cell that was
    written into.
    """

    SAME = "same"
    CHANGED = "changed"
    MERGED = "merged"
    CONFLICT = "conflict"
    ERROR = "error"
    IGNORED = "ignored"


@dataclass(frozen=True)
class Stored:
    """A row as the database has it now. `refusal` says why it takes no answer; "" where it does."""

    version: int
    values: Mapping[str, str]
    refusal: str = ""


@dataclass(frozen=True)
class Base:
    """A row as the sheet said it when it was made."""

    version: int
    values: Mapping[str, str]


@dataclass(frozen=True)
class CellPlan:
    """One cell that is not the same in file and database. `base` None: not known."""

    name: str
    address: str
    outcome: Outcome
    base: str | None
    database: str
    file: str
    message: str = ""

    @property
    def choices(self) -> list[str]:
        """What a person may choose in a conflict; two texts can be kept one after the other."""
        both = [three_way.BOTH] if self.name != "rating" and self.database and self.file else []
        return [three_way.THEIRS, three_way.MINE, *both]

    def chosen(self, choice: str) -> str:
        """The value that a choice stands for. Raises KeyError for what is none."""
        if choice not in self.choices:
            raise KeyError(choice)
        both = three_way.joined(self.database, self.file)
        return {three_way.THEIRS: self.database, three_way.MINE: self.file, three_way.BOTH: both}[choice]


@dataclass(frozen=True)
class RowPlan:
    """One row of the sheet. `message` says what is wrong with the row as a whole; "" where nothing is."""

    id: int | None
    sheet: str
    row: int
    cells: tuple[CellPlan, ...]
    message: str = ""

    def of(self, outcome: Outcome) -> list[CellPlan]:
        """The row's cells that come to this."""
        return [cell for cell in self.cells if cell.outcome is outcome]

    @property
    def has_error(self) -> bool:
        """Whether the row cannot be taken before it is mended in the file."""
        return bool(self.message) or any(cell.outcome is Outcome.ERROR for cell in self.cells)

    def undecided(self, picks: Mapping[str, str]) -> list[CellPlan]:
        """The conflicts for which no side was chosen."""
        return [cell for cell in self.of(Outcome.CONFLICT) if picks.get(cell.name, "") not in cell.choices]

    def writes(self, picks: Mapping[str, str]) -> dict[str, str]:
        """What the row would change, by column name, with the chosen side of every decided conflict."""
        changed = {cell.name: cell.file for cell in self.of(Outcome.CHANGED)}
        decided = {
            cell.name: cell.chosen(picks[cell.name])
            for cell in self.of(Outcome.CONFLICT)
            if picks.get(cell.name, "") in cell.choices and cell.chosen(picks[cell.name]) != cell.database
        }
        return changed | decided


VOLATILE = ("state", "return_reason")  # reference columns that may say something newer in an error workbook

UNKNOWN_ROW = (
    "この行の取組は、この報告回で入力をお願いしている取組の中にありません（ほかの課の取組か、"
    "もうない取組です）。"
    "この行は取り込めません。"
)
TAMPERED = (
    "この行の隠れた列（行の番号と版）が書き換えられています。"
    "画面からシートをもう一度ダウンロードして、入力し直してください。"
)
DOUBLED = "同じ取組の行が、ほかにもあります（%s）。どちらか 1 行だけにしてください。"
REFERENCE = "参考の欄は書き換えても取り込まれません。入力欄（白い欄）に書いてください。"
CONTROL = "%d 行目に、使えない文字（制御文字）が入っています。その行を打ち直してください。"


def compare(
    rows: Sequence[UploadedRow], bases: Mapping[int, Base], stored: Mapping[int, Stored]
) -> list[RowPlan]:
    """A plan per row of the file, in its order.

    A row without a base is compared with the database alone while its version is still the one in the file;
    else every difference is a conflict.
    """
    places = _places(rows)
    return [_row(row, bases, stored, places) for row in rows]


def _places(rows: Iterable[UploadedRow]) -> dict[int, list[UploadedRow]]:
    places: dict[int, list[UploadedRow]] = {}
    for row in rows:
        if row.id is not None:
            places.setdefault(row.id, []).append(row)
    return places


def _row(
    row: UploadedRow,
    bases: Mapping[int, Base],
    stored: Mapping[int, Stored],
    places: Mapping[int, Collection[UploadedRow]],
) -> RowPlan:
    now = stored.get(row.id) if row.id is not None else None
    base = bases.get(row.id) if row.id is not None else None
    message = row.problems.get("", "")
    if not message and now is None:
        message = UNKNOWN_ROW
    elif not message and len(places[row.id or 0]) > 1:
        others = [each for each in places[row.id or 0] if each is not row]
        message = DOUBLED % "、".join(f"シート「{each.sheet}」{each.row} 行目" for each in others)
    elif not message and base is not None and base.version != row.version:
        message = TAMPERED
    if now is None:
        return RowPlan(row.id, row.sheet, row.row, tuple(_untaken(row)), message)
    known = base.values if base else now.values if row.version == now.version else None
    unlike = [name for name in INPUTS if row.values.get(name, "") != now.values[name] or name in row.problems]
    cells = [cell for name in unlike if (cell := _cell(row, name, known, now))]
    return RowPlan(row.id, row.sheet, row.row, (*cells, *_ignored(row, base)), message)


def _untaken(row: UploadedRow) -> Iterable[CellPlan]:
    """What is written in a row that is nobody's: shown, so that it can be copied."""
    return (
        CellPlan(name, row.address(name), Outcome.ERROR, None, "", text, row.problems.get(name, ""))
        for name in INPUTS
        if (text := row.values.get(name, ""))
    )


def _cell(row: UploadedRow, name: str, known: Mapping[str, str] | None, now: Stored) -> CellPlan | None:
    file, database = row.values.get(name, ""), as_written(name, now.values[name])
    base = as_written(name, known[name]) if known is not None and name in known else None
    address = row.address(name)
    if problem := row.problems.get(name):
        return CellPlan(name, address, Outcome.ERROR, base, database, file, problem)
    if file == database:
        return None
    mine = file if file == base else typed_text.with_plain_breaks(file)
    outcome = Outcome(three_way.verdict(base, database, mine))
    if outcome is Outcome.SAME:
        return None
    if outcome in {Outcome.CHANGED, Outcome.CONFLICT}:
        if now.refusal:
            return CellPlan(name, address, Outcome.ERROR, base, database, mine, now.refusal)
        if line := typed_text.line_with_control(mine):
            return CellPlan(name, address, Outcome.ERROR, base, database, mine, CONTROL % line)
    return CellPlan(name, address, outcome, base, database, mine)


def _ignored(row: UploadedRow, base: Base | None) -> Iterable[CellPlan]:
    """Reference cells that no longer say what they said when the sheet was made."""
    if base is None:
        return ()
    return (
        CellPlan(
            name, row.address(name), Outcome.IGNORED, base.values[name], base.values[name], file, REFERENCE
        )
        for name, file in row.values.items()
        if name not in (*INPUTS, *VOLATILE) and name in base.values and file != base.values[name]
    )
