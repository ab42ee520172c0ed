"""Who answers today for a row of a fiscal year, whatever departments are made of."""

from collections.abc import Callable, Collection
from typing import TypeVar

Office = TypeVar("Office")


def answering(
    holders_in: Callable[[int], Collection[Office]],
    is_there: Callable[[Office], bool],
    fiscal_year: int,
    today: int,
) -> list[Office]:
    """The departments that are there and have the duty in the row's fiscal year, each once.

    Where one that had it is there no more, those that have the duty in the fiscal year `today` too.
    `models/reporting.answered_by` is the same in SQL.
    """
    then = holders_in(fiscal_year)
    heirs = () if all(map(is_there, then)) else holders_in(today)
    return [office for office in dict.fromkeys([*then, *heirs]) if is_there(office)]
