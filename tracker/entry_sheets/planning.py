"""What an uploaded sheet would do now: compared anew with the database each time that it is asked."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from tracker.choices import ActionState, ColumnKind
from tracker.cycle.workflow_in_bulk import Answer
from tracker.entry_sheets.bases import bases_of
from tracker.entry_sheets.file.comparison import CellOutcome, ComparedRow, compare
from tracker.entry_sheets.receiving import rows_of
from tracker.entry_sheets.rows import (
    content_of,
    indicator_columns,
    round_columns,
    round_indicators,
    stored_rows,
)
from tracker.models import ExtraColumn, Indicator, SheetBatch, User
from tracker.words.answers import lacking
from tracker.words.digests import canonical_json, sha256
from tracker.words.extra_values import field_of

# By the row's id as text, then by column name; under PICKED_VERSION that of the row when they were made.
Picks = Mapping[str, Mapping[str, str]]
PICKED_VERSION = "version"


@dataclass(frozen=True)
class Plan:
    """A whole sheet with the choices made. `scale` has the ratings' ids by code, `columns` the extra columns
    that are asked of departments, `measured` the round's indicators by initiative.

    `digest` stands for the database's side: while it is the same, so is the plan.
    """

    rows: list[ComparedRow]
    scale: Mapping[str, int]
    submits: bool
    digest: str
    columns: Sequence[ExtraColumn] = ()
    measured: Mapping[int, Sequence[Indicator]] = field(default_factory=dict)

    @cached_property
    def counts(self) -> Counter[CellOutcome]:
        return Counter(cell.outcome for row in self.rows for cell in row.cells)

    @cached_property
    def answers(self) -> dict[int, Answer]:
        """What applying the plan writes, by the row's id."""
        found = (self._answer(row) for row in self.rows)
        return {answer.pk: answer for answer in found if answer}

    @property
    def submitted(self) -> int:
        """How many rows are handed in."""
        return sum(answer.submits for answer in self.answers.values())

    @property
    def submitted_as_they_stand(self) -> int:
        """How many are handed in without a word written into them."""
        return sum(row.id in self.answers and not row.writes for row in self.rows)

    @property
    def undecided(self) -> list[ComparedRow]:
        """Rows that would be taken if every one of their conflicts was decided."""
        return [row for row in self.rows if row.is_taken and row.undecided]

    @property
    def same_count(self) -> int:
        """Rows in which there is nothing to tell."""
        return sum(not row.cells and not row.message for row in self.rows)

    def lacks(self, row: ComparedRow) -> dict[str, str]:
        """What handing in a row with its changes would lack, by column name."""
        if row.now is None:
            return {}
        content = content_of(row.now.with_writes(row.writes), self.scale)
        return lacking(content, row.now.reference_rating_id, row.now.was_reported, self.columns)

    def is_offered(self, row: ComparedRow) -> bool:
        """Whether there is anything in a row to take or to leave out."""
        says_something = row.of(CellOutcome.CHANGED, CellOutcome.CONFLICT) or row.id in self.answers
        return not row.has_error and bool(says_something or (row.is_left_out and self.submits))

    def _answer(self, row: ComparedRow) -> Answer | None:
        """What taking a row writes; None for nothing.

        A sheet hands in what it changed, and what waits as a complete draft. A returned row that nobody
        touched is not handed in again.
        """
        if row.id is None or row.now is None or not row.is_taken:
            return None
        writes = row.writes
        waits = row.now.state == ActionState.DRAFT and not row.now.refusal
        submits = self.submits and (bool(writes) or waits) and not self.lacks(row)
        if not writes and not submits:
            return None
        content = content_of(row.now.with_writes(writes), self.scale)
        return Answer(row.id, row.now.version, content, submits)


def plan_of(batch: SheetBatch, by: User) -> Plan:
    """The batch beside the database as it is now, for what `by` may write. Eight queries, for any size."""
    measured = round_indicators(batch.round)
    uploaded, stored = list(rows_of(batch)), stored_rows(batch.round, by, measured)
    # A choice that was made for another version counts for nothing: nobody has seen the row's newer words.
    picks = {
        int(pk): own
        for pk, own in batch.picks.items()
        if (now := stored.get(int(pk))) and own.get(PICKED_VERSION, str(now.version)) == str(now.version)
    }
    columns = round_columns(batch.round)
    single = {"rating", *(field_of(each.code) for each in columns if each.kind != ColumnKind.TEXT)}
    single.update(map(field_of, numbers := indicator_columns(measured)))
    bases = bases_of(batch.export, uploaded)
    rows = compare(uploaded, bases, stored, picks, set(batch.left_out), single)
    scale = dict(batch.round.manifesto.ratings.values_list("code", "pk"))
    seen = [[row.id, row.now.version, row.now.refusal] for row in rows if row.now]
    defined = [[each.code, each.is_required, each.filled_by] for each in columns]
    defined += [[code, each.decimals, each.unit] for code, each in sorted(numbers.items())]
    digest = sha256(canonical_json([sorted(scale), seen, *([defined] if defined else [])]))
    of_departments = [each for each in columns if not each.is_of_planning]
    return Plan(rows, scale, batch.submits, digest, of_departments, measured)
