"""Base, theirs and mine: the one rule of every comparison of three sides, for the entry form and the entry
sheet. Pure.

Who did not touch a thing follows who did; where both did, a person chooses.
"""

from enum import StrEnum
from typing import TypeVar

Value = TypeVar("Value")

MINE, THEIRS, BOTH = "mine", "theirs", "both"


class Verdict(StrEnum):
    """What became of one thing since the base."""

    SAME = "same"
    CHANGED = "changed"  # mine only
    MERGED = "merged"  # theirs only: it stays
    CONFLICT = "conflict"


def verdict(base: Value | None, theirs: Value, mine: Value) -> Verdict:
    """The rule. `base` None: nobody knows what it was, so that any difference is a conflict."""
    if theirs == mine:
        return Verdict.SAME
    if base is None or base not in (theirs, mine):
        return Verdict.CONFLICT
    return Verdict.CHANGED if theirs == base else Verdict.MERGED


def joined(theirs: str, mine: str) -> str:
    """Two texts kept one after the other."""
    return f"{theirs}\n{mine}"
