"""What a cell of a list of people means: a department by its name or code, in the year of the list. Pure."""

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tracker.words.fiscal_years import label, term_in
from tracker.words.folding import fold

BETWEEN = re.compile(r"[、，,;；\n]")


@dataclass(frozen=True)
class ListedOffice:
    """A department with the fiscal years in which it is there, the names of its successors, and what it is
    called besides: by its newest name, or in short.
    """

    id: int
    code: str
    name: str
    first_fiscal_year: int | None = None
    last_fiscal_year: int | None = None
    successors: tuple[str, ...] = field(default=())
    also_called: tuple[str, ...] = field(default=())

    def is_there_in(self, fiscal_year: int) -> bool:
        return term_in(fiscal_year, self.first_fiscal_year, self.last_fiscal_year) == "current"


def squeezed(text: str) -> str:
    """A name as it is compared: without spaces, whatever the width. Names keep their own characters."""
    return re.sub(r"\s+", "", text)


class OfficeFinder:
    """Finds departments by what a list calls them; each text is looked for once."""

    def __init__(self, offices: Iterable[ListedOffice], fiscal_year: int) -> None:
        self.all, self.fiscal_year = list(offices), fiscal_year
        self.there = [office for office in self.all if office.is_there_in(fiscal_year)]
        self.known: dict[str, ListedOffice | str] = {}

    def find(self, text: str) -> ListedOffice | str:
        """The department, or in words why there is none."""
        key = fold(text)
        if key not in self.known:
            self.known[key] = self._find(key, " ".join(text.split()))
        return self.known[key]

    def divided(self, text: str) -> list[str]:
        """The names in a cell that may have several. A space divides where it is not within a name."""
        pieces: list[str] = []
        for piece in filter(str.strip, BETWEEN.split(text)):
            words = piece.split()
            is_one = len(words) == 1 or not isinstance(self.find(piece), str)
            are_names = not is_one and not any(isinstance(self.find(word), str) for word in words)
            pieces += words if are_names else [piece.strip()]
        return pieces

    def _find(self, key: str, shown: str) -> ListedOffice | str:
        found = _called(self.there, key)
        if len(found) == 1:
            return found[0]
        if found:
            codes = "、".join(office.code for office in found)
            return f"「{shown}」は 2 つ以上あります。名称の代わりにコード（{codes}）を書いてください。"
        if elsewhen := _called(self.all, key):
            return self._not_in_this_year(elsewhen[0])
        return f"「{shown}」という課はありません。{self._suggestion(key)}"

    def _not_in_this_year(self, office: ListedOffice) -> str:
        first, last = office.first_fiscal_year, office.last_fiscal_year
        is_over = last is not None and last < self.fiscal_year
        when = f"{label(last)}まで" if is_over and last else f"{label(first)}から" if first else ""
        heirs = f"引継ぎ先は {'、'.join(office.successors)} です。" if is_over and office.successors else ""
        return f"「{office.name}」は {label(self.fiscal_year)}にはありません（{when}）。{heirs}"

    def _suggestion(self, key: str) -> str:
        names = {fold(office.name): office.name for office in self.there}
        near = difflib.get_close_matches(key, names, n=2, cutoff=0.5)
        if not near:
            return "名称かコードを確かめてください。"
        return f"もしかして：{'、'.join(names[each] for each in near)}"


def _called(offices: Sequence[ListedOffice], key: str) -> list[ListedOffice]:
    """By its code; else by its name; else by what follows the division in it: 「情報政策課」."""
    by_code = [office for office in offices if fold(office.code).lower() == key.lower()]
    by_name = [office for office in offices if key in map(fold, (office.name, *office.also_called))]
    by_section = [office for office in offices if fold("".join(office.name.split()[1:])) == key]
    return by_code or by_name or by_section
