"""Two people in one row: base, theirs and mine, field by field. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tracker.choices import ActionField, ColumnKind
from tracker.cycle.workflow import Content
from tracker.staff.entry.form import answers_of, content_of
from tracker.words.extra_values import FilledColumn, field_of
from tracker.words.three_way import MINE, THEIRS, Verdict, sides, verdict

SUGGESTIONS = {Verdict.CHANGED: MINE, Verdict.MERGED: THEIRS}


@dataclass(frozen=True)
class FieldConflict:
    """A field in which what is stored (theirs) and what was typed (mine) differ. `base` None: not known.

    `column` is the extra column that it is of, if any.
    """

    field: str
    base: str | None
    theirs: str
    mine: str
    column: FilledColumn | None = None

    @property
    def label(self) -> str:
        return self.column.heading if self.column else str(ActionField(self.field).label)

    @property
    def suggestion(self) -> str:
        """The side that follows from who changed what; "" where both did, or nobody can tell."""
        return SUGGESTIONS.get(verdict(self.base, self.theirs, self.mine), "")

    @property
    def sides(self) -> dict[str, str]:
        """What may be chosen, and the value that each choice stands for."""
        is_text = self.column.kind == ColumnKind.TEXT if self.column else self.field != ActionField.RATING
        return sides(self.theirs, self.mine, is_text=is_text)


def compare(
    base: Content | None, theirs: Content, mine: Content, columns: Sequence[FilledColumn] = ()
) -> list[FieldConflict]:
    """The fields in which what is stored and what was typed differ, in the form's order.

    Of extra columns, `columns` are looked at: those that the person fills in.
    """
    known, stored = answers_of(base, columns) if base else {}, answers_of(theirs, columns)
    of_field = {field_of(column.code): column for column in columns}
    return [
        FieldConflict(field, known.get(field), stored[field], typed, of_field.get(field))
        for field, typed in answers_of(mine, columns).items()
        if stored[field] != typed
    ]


def merge(
    conflicts: list[FieldConflict],
    theirs: Content,
    choices: Mapping[str, str],
    columns: Sequence[FilledColumn] = (),
) -> Content:
    """What is stored, with the chosen side of every conflict. Raises KeyError for a missing choice."""
    chosen = {each.field: each.sides[choices[each.field]] for each in conflicts}
    return content_of(answers_of(theirs, columns) | chosen)
