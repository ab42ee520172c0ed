"""Two people in one row: base, theirs and mine, field by field. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from tracker.choices import ActionField
from tracker.cycle.workflow import Content
from tracker.staff.entry.form import answers_of, content_of
from tracker.words.three_way import MINE, THEIRS, Verdict, sides, verdict

SUGGESTIONS = {Verdict.CHANGED: MINE, Verdict.MERGED: THEIRS}


@dataclass(frozen=True)
class FieldConflict:
    """A field in which what is stored (theirs) and what was typed (mine) differ. `base` None: not known."""

    field: str
    base: str | None
    theirs: str
    mine: str

    @property
    def suggestion(self) -> str:
        """The side that follows from who changed what; "" where both did, or nobody can tell."""
        return SUGGESTIONS.get(verdict(self.base, self.theirs, self.mine), "")

    @property
    def sides(self) -> dict[str, str]:
        """What may be chosen, and the value that each choice stands for."""
        return sides(self.theirs, self.mine, is_text=self.field != ActionField.RATING)


def compare(base: Content | None, theirs: Content, mine: Content) -> list[FieldConflict]:
    """The fields in which what is stored and what was typed differ, in the form's order."""
    known, stored = answers_of(base) if base else {}, answers_of(theirs)
    return [
        FieldConflict(field, known.get(field), stored[field], typed)
        for field, typed in answers_of(mine).items()
        if stored[field] != typed
    ]


def merge(conflicts: list[FieldConflict], theirs: Content, choices: Mapping[str, str]) -> Content:
    """What is stored, with the chosen side of every conflict. Raises KeyError for a missing choice."""
    chosen = {each.field: each.sides[choices[each.field]] for each in conflicts}
    return content_of(answers_of(theirs) | chosen)
