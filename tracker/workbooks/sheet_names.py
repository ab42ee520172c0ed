"""Names that Excel takes for the sheets of a workbook: 31 characters, some not allowed, each only once."""

from collections.abc import Collection, Iterable

from tracker.words.folding import fold
from tracker.workbooks.cell_text import NOT_IN_ANY_FILE, TO_SPELL, units

MOST_NAME_UNITS = 31
FORBIDDEN = str.maketrans("[]:*?/\\", "［］：＊？／＼")
KEPT_BY_EXCEL = ("history", "履歴")  # the sheet of its change log


def sheet_names(wanted: Iterable[str], taken: Collection[str] = (), unnamed: str = "シート") -> list[str]:
    """A valid name for each of the wanted ones, in order, none of them twice or among those taken."""
    names: list[str] = []
    used = {_key(name) for name in (*taken, *KEPT_BY_EXCEL)}
    for each in wanted:
        base = _allowed(each) or unnamed
        name, number = _cut(base, MOST_NAME_UNITS), 1
        while _key(name) in used:
            number += 1
            name = _cut(base, MOST_NAME_UNITS - len(f" ({number})")) + f" ({number})"
        used.add(_key(name))
        names.append(name)
    return names


def _allowed(name: str) -> str:
    name = NOT_IN_ANY_FILE.sub("", " ".join(name.split())).translate(FORBIDDEN)
    return _cut(TO_SPELL.sub("", name).strip("' "), MOST_NAME_UNITS).strip("' ")


def _cut(name: str, most: int) -> str:
    while units(name) > most:
        name = name[:-1]
    return name


def _key(name: str) -> str:
    """Names that differ in case or width only are one to Excel."""
    return fold(name).casefold()
