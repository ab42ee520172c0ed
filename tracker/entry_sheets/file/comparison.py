"""An uploaded entry sheet beside its base and the database, cell by cell. Pure: plain values in and out.

The rule is `three_way.verdict`. Only cells that are not the same in file and database are told.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from tracker.entry_sheets.file.columns import may_be_input
from tracker.entry_sheets.file.entry_book import as_written
from tracker.entry_sheets.file.uploaded import UploadedRow
from tracker.words import bullets, three_way, typed_text
from tracker.words.extra_values import FIELD


class CellOutcome(StrEnum):
    """What a cell comes to: a `three_way.Verdict`, an error, or a reference cell that was written into."""

    SAME = "same"
    CHANGED = "changed"
    MERGED = "merged"
    CONFLICT = "conflict"
    ERROR = "error"
    IGNORED = "ignored"


@dataclass(frozen=True)
class StoredRow:
    """A row as the database has it, or as the sheet said it when it was made: its base, without the rest.

    `values` are by column name, a rating as its code; the database's are those that its reader may write.
    `unasked` are values that the sheet has no cell for: they stay. `refusal` says why the row takes no answer
    now, or "".
    """

    version: int
    values: Mapping[str, str]
    refusal: str = ""
    state: str = ""
    was_reported: bool = False
    reference_rating_id: int | None = None
    unasked: Mapping[str, str] = field(default_factory=dict)

    def with_writes(self, writes: Mapping[str, str]) -> dict[str, str]:
        """All that the row says once it is written, by column name."""
        return {**self.unasked, **self.values, **writes}


@dataclass(frozen=True)
class ComparedCell:
    """One cell that is not the same in file and database. `base` None: not known."""

    name: str
    address: str
    outcome: CellOutcome
    base: str | None
    database: str
    file: str
    message: str = ""
    is_text: bool = True  # two of them can be kept one after the other

    @property
    def sides(self) -> dict[str, str]:
        """What a person may choose in a conflict, and the value that each choice stands for."""
        return three_way.sides(self.database, self.file, is_text=self.is_text)


@dataclass(frozen=True)
class ComparedRow:
    """One row of the sheet beside the database, with the choices that were made for it.

    `now` None: there is no such row for this person. `message` says what is wrong with the row as a whole; ""
    where nothing is. `picks` are the sides chosen in conflicts, by column name.
    """

    id: int | None
    sheet: str
    row: int
    now: StoredRow | None
    cells: tuple[ComparedCell, ...]
    message: str = ""
    picks: Mapping[str, str] = field(default_factory=dict)
    is_left_out: bool = False

    def of(self, *outcomes: CellOutcome) -> list[ComparedCell]:
        """The row's cells that come to one of these."""
        return [cell for cell in self.cells if cell.outcome in outcomes]

    @property
    def has_error(self) -> bool:
        """Whether the row cannot be taken before it is mended in the file."""
        return bool(self.message) or any(cell.outcome is CellOutcome.ERROR for cell in self.cells)

    @property
    def is_taken(self) -> bool:
        """Whether the row is written if it says anything new."""
        return self.now is not None and not self.is_left_out and not self.has_error

    @property
    def undecided(self) -> list[ComparedCell]:
        """The conflicts for which no side was chosen."""
        conflicts = self.of(CellOutcome.CONFLICT)
        return [cell for cell in conflicts if self.picks.get(cell.name, "") not in cell.sides]

    @property
    def writes(self) -> dict[str, str]:
        """What the row would change, by column name, with the chosen side of every decided conflict."""
        changed = {cell.name: cell.file for cell in self.of(CellOutcome.CHANGED)}
        decided = {
            cell.name: value
            for cell in self.of(CellOutcome.CONFLICT)
            if (value := cell.sides.get(self.picks.get(cell.name, ""), cell.database)) != cell.database
        }
        return changed | decided


MARKED = ("result", "plan")  # whose lines get their marks when they are handed in
VOLATILE = ("state", "return_reason")  # reference columns that may say something newer in an error workbook

UNKNOWN_ROW = (
    "この行の取組は、この報告回で入力をお願いしている取組の中にありません（ほかの課の取組か、もうない取組です）。"
    "この行は取り込めません。"
)
TAMPERED = (
    "この行の隠れた列（行の番号と版）が書き換えられています。"
    "画面からシートをもう一度ダウンロードして、入力し直してください。"
)
DOUBLED = "同じ取組の行が、ほかにもあります（%s）。どちらか 1 行だけにしてください。"
NOT_ASKED = (
    "この取組では、いま、この指標の実績を入力できません（ほかの取組の指標か、終わった指標です）。"
    "画面からシートをもう一度ダウンロードして、確かめてください。"
)
REFERENCE_IGNORED = "参考の欄は書き換えても取り込まれません。入力欄（白い欄）に書いてください。"


def compare(
    rows: Sequence[UploadedRow],
    bases: Mapping[int, StoredRow],
    stored: Mapping[int, StoredRow],
    picks: Mapping[int, Mapping[str, str]] | None = None,
    left_out: Collection[int] = (),
    single: Collection[str] = ("rating",),
) -> list[ComparedRow]:
    """The rows of the file in its order, each with its choices: its `picks`, and whether it is `left_out`.

    `single` are the columns of which two values cannot both be kept. A row without a base is compared with
    the database alone while its version is still the one in the file; otherwise every difference is a
    conflict.
    """
    places: dict[int | None, list[UploadedRow]] = {}
    for row in rows:
        places.setdefault(row.id, []).append(row)
    picks = picks or {}
    compared = []
    for row in rows:
        pk = row.id or 0  # which is nobody's
        base, now = bases.get(pk), stored.get(pk)
        cells, message = tuple(_cells(row, base, now, single)), _message(row, base, now, places[row.id])
        picked, is_left_out = picks.get(pk, {}), pk in left_out
        compared.append(ComparedRow(row.id, row.sheet, row.row, now, cells, message, picked, is_left_out))
    return compared


def _message(
    row: UploadedRow, base: StoredRow | None, now: StoredRow | None, places: Collection[UploadedRow]
) -> str:
    if message := row.problems.get(""):
        return message
    if now is None:
        return UNKNOWN_ROW
    if len(places) > 1:
        others = (each for each in places if each is not row)
        return DOUBLED % "、".join(f"シート「{each.sheet}」{each.row} 行目" for each in others)
    return TAMPERED if base is not None and base.version != row.version else ""


def _cells(
    row: UploadedRow, base: StoredRow | None, now: StoredRow | None, single: Collection[str]
) -> Iterable[ComparedCell]:
    if now is None:
        yield from _untaken(row)
        return
    known = base.values if base else now.values if row.version == now.version else None
    for name in now.values:
        if name not in row.values and (name not in row.problems or (base and name not in base.values)):
            continue  # what the file does not tell, and an extra column that is younger than the sheet
        if row.values.get(name, "") != now.values[name] or name in row.problems:
            yield from _compared(row, name, known, now, name not in single)
    if base is not None:
        yield from _ignored(row, base, now)
    yield from _unasked(row, known or {}, now)


def _untaken(row: UploadedRow) -> Iterable[ComparedCell]:
    """What is written in a row that is nobody's: shown, so that it can be copied."""
    for name in filter(may_be_input, row.values):
        if text := row.values[name]:
            problem = row.problems.get(name, "")
            yield ComparedCell(name, row.address(name), CellOutcome.ERROR, None, "", text, problem)


def _compared(
    row: UploadedRow, name: str, known: Mapping[str, str] | None, now: StoredRow, is_text: bool
) -> Iterable[ComparedCell]:
    """An input cell, unless it is the same in both after all."""
    file, database = row.values.get(name, ""), as_written(name, now.values[name])
    base = as_written(name, known[name]) if known is not None and name in known else None
    stands = bool(file) and name.startswith(FIELD) and file in {base, database}
    problem = "" if stands else row.problems.get(name, "")  # what stands there stays, though it is no choice
    if not problem:
        file = file if file in {base, database} else typed_text.with_plain_breaks(file)
    outcome = CellOutcome(three_way.verdict(base, database, file))
    if outcome is CellOutcome.CONFLICT and name in MARKED and bullets.marked(file) == database:
        return  # the same text: handing in has marked its lines
    if not problem and outcome in {CellOutcome.CHANGED, CellOutcome.CONFLICT}:
        problem = now.refusal or typed_text.control_refusal(file)
    if problem:
        outcome = CellOutcome.ERROR
    if outcome is not CellOutcome.SAME:
        yield ComparedCell(name, row.address(name), outcome, base, database, file, problem, is_text)


def _unasked(row: UploadedRow, known: Mapping[str, str], now: StoredRow) -> Iterable[ComparedCell]:
    """What was typed of an indicator that the row is not asked for (any more): shown, to be copied."""
    for name in filter(may_be_input, row.elsewhere):
        text = row.values[name]
        if name not in now.values and text and text not in {known.get(name), now.unasked.get(name)}:
            yield ComparedCell(name, row.address(name), CellOutcome.ERROR, None, "", text, NOT_ASKED)


def _ignored(row: UploadedRow, base: StoredRow, now: StoredRow) -> Iterable[ComparedCell]:
    """Reference cells that no longer say what they said when the sheet was made."""
    for name, file in row.values.items():
        is_reference = name not in now.values and name not in VOLATILE and name in base.values
        if is_reference and file != (said := base.values[name]):
            address = row.address(name)
            yield ComparedCell(name, address, CellOutcome.IGNORED, said, said, file, REFERENCE_IGNORED)
