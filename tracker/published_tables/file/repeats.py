"""What a table has twice by its words: the next table's words do not tell which of them is meant. Pure."""

from collections.abc import Iterable, Iterator

from tracker.published_tables.file.table import Anomaly, PublishedTable, TableInitiative
from tracker.words.cutting import cut
from tracker.words.folding import fold

MOST_OF_A_TEXT = 40
TWICE = ("pledge_repeated", "name_repeated")  # the kinds of doubt
Named = tuple[str, TableInitiative]  # words, and the initiative whose row says them


def repeats_in(table: PublishedTable) -> Iterator[Anomaly]:
    """A doubt for each pledge, and each name of a pledge's initiatives, that stands elsewhere as well."""
    pledges = [pledge for _category, _section, pledge in table.pledges() if pledge.initiatives]
    has_sheets = len({_sheet(initiative) for initiative in table.initiatives()}) > 1
    done = "にも同じ文の公約があるが、別の公約として数えた"
    told = ((pledge.text, pledge.initiatives[0]) for pledge in pledges)
    yield from _told(told, TWICE[0], done, has_sheets=has_sheets)
    for pledge in pledges:
        done = "にも同じ名前の取組がある。別の取組とし、翌年の表とは順番で照らす"
        named = ((initiative.text, initiative) for initiative in pledge.initiatives if initiative.text)
        yield from _told(named, TWICE[1], done, has_sheets=has_sheets)


def _told(named: Iterable[Named], kind: str, done: str, *, has_sheets: bool) -> Iterator[Anomaly]:
    """One for each but the first of the same words; it says where that stands."""
    first: dict[str, TableInitiative] = {}
    for words, initiative in named:
        before = first.setdefault(fold(words), initiative)
        if before is not initiative:
            sheet = _sheet(initiative) if has_sheets else ""
            where = f"{_place(before, has_sheets=has_sheets)}{done}"
            yield Anomaly(initiative.row, "", kind, cut(words, MOST_OF_A_TEXT), where, sheet)


def _place(initiative: TableInitiative, *, has_sheets: bool) -> str:
    sheet = f"シート「{_sheet(initiative)}」の " if has_sheets else ""
    return f"{sheet}{initiative.row} 行目"


def _sheet(initiative: TableInitiative) -> str:
    return next((str(each["sheet"]) for each in initiative.source if each.get("sheet")), "")
