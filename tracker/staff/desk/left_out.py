"""Which rows a person leaves out of a bulk approval: ticked page by page, carried from one to the next.

What is left out is sent, not what is picked: a form may have a thousand fields, and a round has more rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest

from tracker.staff.frame.access import row_number
from tracker.words.id_sets import packed_ids, unpacked_ids

UNREADABLE = "外した取組を、アドレスから読み取れませんでした。外すものを、もう一度選んでください。"


@dataclass(frozen=True)
class LeftOut:
    """The rows' ids. `complaint` says what of the address was not understood."""

    ids: frozenset[int]
    complaint: str = ""

    @property
    def packed(self) -> str:
        """As an address and a form's field carry it."""
        return packed_ids(self.ids)


def asked_left_out(request: HttpRequest) -> LeftOut:
    """Those that the address names."""
    try:
        return LeftOut(frozenset(unpacked_ids(request.GET.get("out", ""))))
    except ValueError:
        return LeftOut(frozenset(), UNREADABLE)


def ticked_left_out(request: HttpRequest) -> LeftOut:
    """Those of the other pages, which the form carries, and those ticked on its own. Raises ValueError."""
    before = unpacked_ids(request.POST.get("out", ""))
    ticked = _numbers(request.POST.getlist("leave"))
    return LeftOut(frozenset(before - _numbers(request.POST.get("page_rows", "").split()) | ticked))


def _numbers(texts: Iterable[str]) -> set[int]:
    """Raises ValueError for a text that is no row's number."""
    numbers = [row_number(text) for text in texts]
    if None in numbers:
        raise ValueError(texts)
    return {number for number in numbers if number is not None}
