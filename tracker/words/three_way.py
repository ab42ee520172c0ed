"""Base, theirs and mine: the one rule for comparing three sides, in entry form and entry sheet. Pure.

The side that was changed wins. Where both were changed, a person chooses.
"""

from enum import StrEnum

MINE, THEIRS, BOTH = "mine", "theirs", "both"


class Verdict(StrEnum):
    """What became of one thing since the base."""

    SAME = "same"
    CHANGED = "changed"  # mine only
    MERGED = "merged"  # theirs only: it stays
    CONFLICT = "conflict"


def verdict(base: object, theirs: object, mine: object) -> Verdict:
    """The rule. `base` None: nobody knows what it was, so any difference is a conflict."""
    if theirs == mine:
        return Verdict.SAME
    if base not in (theirs, mine):
        return Verdict.CONFLICT
    return Verdict.CHANGED if theirs == base else Verdict.MERGED


def sides(theirs: str, mine: str, *, is_text: bool) -> dict[str, str]:
    """What may be chosen in a conflict, and its value; two texts can be kept one after the other."""
    both = {BOTH: f"{theirs}\n{mine}"} if is_text and theirs and mine else {}
    return {THEIRS: theirs, MINE: mine, **both}
