"""Two people in one row: base, theirs and mine, field by field. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tracker.choices import ActionField
from tracker.cycle.workflow import Content
from tracker.words.three_way import BOTH, MINE, THEIRS, Verdict, joined, verdict

SUGGESTIONS = {Verdict.CHANGED: MINE, Verdict.MERGED: THEIRS}
# The rating is two columns, a step or the explicit "none": they are one answer.
PARTS: dict[str, tuple[str, ...]] = {
    ActionField.RESULT: ("result",),
    ActionField.RATING: ("rating_id", "is_unrated"),
    ActionField.RATING_REASON: ("rating_reason",),
    ActionField.PLAN: ("plan",),
}


@dataclass(frozen=True)
class FieldConflict:
    """A field in which what is stored (theirs) and what was typed (mine) differ. `base` None: not known."""

    field: str
    base: Any
    theirs: Any
    mine: Any

    @property
    def suggestion(self) -> str:
        """The side that follows from who changed what; "" where both did, or nobody can tell."""
        return SUGGESTIONS.get(verdict(self.base, self.theirs, self.mine), "")

    @property
    def is_text(self) -> bool:
        return self.field != ActionField.RATING

    @property
    def choices(self) -> list[str]:
        """What may be chosen; two texts can be kept one after the other."""
        both = [BOTH] if self.is_text and self.theirs and self.mine else []
        return [THEIRS, MINE, *both]

    def chosen(self, choice: str) -> Any:
        """The value that a choice stands for. Raises KeyError for what is none."""
        if choice not in self.choices:
            raise KeyError(choice)
        return {
            MINE: self.mine,
            THEIRS: self.theirs,
            BOTH: joined(self.theirs, self.mine) if self.is_text else None,
        }[choice]


def compare(base: Content | None, theirs: Content, mine: Content) -> list[FieldConflict]:
    """The fields in which what is stored and what was typed differ, in the form's order."""
    found = []
    for field in PARTS:
        value = {side: _value(content, field) for side, content in (("theirs", theirs), ("mine", mine))}
        if value["theirs"] != value["mine"]:
            found.append(FieldConflict(str(field), None if base is None else _value(base, field), **value))
    return found


def merge(conflicts: list[FieldConflict], theirs: Content, choices: Mapping[str, str]) -> Content:
    """What is stored, with the chosen side of every conflict. Raises KeyError for a missing choice."""
    values = dict(vars(theirs))
    for conflict in conflicts:
        chosen = conflict.chosen(choices[conflict.field])
        parts = PARTS[conflict.field]
        values |= dict(zip(parts, chosen if len(parts) > 1 else (chosen,), strict=True))
    return Content(**values)


def _value(content: Content, field: str) -> Any:
    values = tuple(getattr(content, part) for part in PARTS[field])
    return values[0] if len(values) == 1 else values
