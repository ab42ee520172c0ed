"""What an uploaded sheet would do now: compared anew with the database each time that it is asked."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tracker.choices import ActionState
from tracker.cycle import workflow
from tracker.cycle.workflow import Content
from tracker.cycle.workflow_in_bulk import Writing
from tracker.entry_sheets.bases import bases_of
from tracker.entry_sheets.file.comparison import Outcome, RowPlan, compare
from tracker.entry_sheets.file.reading import Problem
from tracker.entry_sheets.receiving import problems_of, rows_of
from tracker.entry_sheets.rows import Current, content_with, current_rows
from tracker.models import SheetBatch, User
from tracker.words.digests import canonical_json, sha256

# By the row's id as text, then by column name; under VERSION that of the row when they were made.
Picks = Mapping[str, Mapping[str, str]]
VERSION = "version"


@dataclass(frozen=True)
class Decided:
    """A row with the choices made: what it would say, and what a submission of that would lack, by column
    name.
    """

    plan: RowPlan
    current: Current
    content: Content
    lacks: Mapping[str, str]

    @property
    def changes(self) -> bool:
        """Whether anything would be saved."""
        return self.content != self.current.content

    @property
    def can_submit(self) -> bool:
        """Whether it would be handed in, where that is asked for: what this sheet changed, and what waits as
        a complete draft.

        A returned row that nobody touched is not handed in again.
        """
        return (
            not self.lacks
            and (self.changes or self.current.state == ActionState.DRAFT)
            and not self.current.stored.refusal
        )

    def writing(self, submits: bool) -> Writing | None:
        """What applying it would write; None for nothing."""
        hands_in = submits and self.can_submit
        if not self.changes and not hands_in:
            return None
        return Writing(self.plan.id or 0, self.current.stored.version, self.content, hands_in)


@dataclass(frozen=True)
class Plan:
    """A whole sheet. `digest` stands for the database's side: while it is the same, so is the plan."""

    rows: list[RowPlan]
    problems: list[Problem]
    current: Mapping[int, Current]
    scale: Mapping[str, int]
    digest: str
    counts: Counter[Outcome] = field(default_factory=Counter)

    @property
    def row_errors(self) -> list[RowPlan]:
        return [row for row in self.rows if row.has_error]

    @property
    def conflicts(self) -> list[RowPlan]:
        return [row for row in self.rows if row.of(Outcome.CONFLICT) and not row.has_error]

    @property
    def with_changes(self) -> list[RowPlan]:
        return [row for row in self.rows if row.cells or row.message]

    @property
    def same_count(self) -> int:
        """Rows in which there is nothing to tell."""
        return len(self.rows) - len(self.with_changes)

    def undecided(self, picks: Picks, left_out: Iterable[int]) -> list[RowPlan]:
        """Rows that would be taken if every one of their conflicts was decided."""
        out = set(left_out)
        return [row for row in self.conflicts if row.id not in out and row.undecided(self.picked(row, picks))]

    def decided(self, picks: Picks, left_out: Iterable[int]) -> list[Decided]:
        """The rows that can be taken, with their choices."""
        out = set(left_out)
        return [
            self._decide(row, self.picked(row, picks))
            for row in self.rows
            if row.id is not None and row.id in self.current and row.id not in out and not row.has_error
        ]

    def picked(self, row: RowPlan, picks: Picks) -> Mapping[str, str]:
        """The choices for a row; none that were made of another version than it has now: nobody has seen its
        newer words.
        """
        own, current = picks.get(str(row.id), {}), self.current.get(row.id or 0)
        return (
            own
            if current and own.get(VERSION, str(current.stored.version)) == str(current.stored.version)
            else {}
        )

    def _decide(self, row: RowPlan, picks: Mapping[str, str]) -> Decided:
        current = self.current[row.id or 0]
        content = content_with(current.content, row.writes(picks), self.scale)
        lacks = workflow.lacking(content, current.reference_rating_id, current.was_reported)
        return Decided(row, current, content, lacks)


def plan_of(batch: SheetBatch, by: User) -> Plan:
    """The batch beside the database as it is now, for what `by` may write. Five queries, whatever its
    size.
    """
    uploaded = list(rows_of(batch))
    current = current_rows(batch.round, by)
    stored = {pk: row.stored for pk, row in current.items()}
    rows = compare(uploaded, bases_of(batch.export, uploaded), stored)
    seen = [
        [row.id, current[row.id].stored.version, current[row.id].state, current[row.id].stored.refusal]
        for row in rows
        if row.id in current and row.id is not None
    ]
    scale = dict(batch.round.manifesto.ratings.values_list("code", "pk"))
    counts = Counter(cell.outcome for row in rows for cell in row.cells)
    return Plan(
        rows, problems_of(batch), current, scale, sha256(canonical_json([sorted(scale), seen])), counts
    )
