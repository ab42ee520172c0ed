"""Lists of people for tests: as workbooks, CSV and plain tables; and the world beside them."""

import io
from collections.abc import Sequence

from openpyxl import Workbook

from tracker.organisation.people.file.cells import ListedOffice
from tracker.organisation.people.file.columns import COLUMNS
from tracker.organisation.people.file.comparison import Person, StoredPerson, World
from tracker.organisation.people.file.reading import ListedRow, ListedTable

HEADINGS = [column.heading for column in COLUMNS]
NAMES = [column.name for column in COLUMNS]
LETTERS = dict(zip(NAMES, "ABCDEFG", strict=True))
ROLES = {"担当課": "department", "企画": "planning", "管理者": "administrator"}
ROADS = ListedOffice(1, "001", "土木課")
FARMS = ListedOffice(2, "002", "農政課")
TRADE = ListedOffice(3, "003", "商工労働課", None, 2025, ("商工振興課",))
NEW_TRADE = ListedOffice(4, "004", "商工振興課", 2026, None)
POLICY = ListedOffice(5, "005", "総務部 情報政策課")
OFFICES = (ROADS, FARMS, TRADE, NEW_TRADE, POLICY)


def workbook(rows: Sequence[Sequence[object]], headings: Sequence[str] = HEADINGS) -> bytes:
    book = Workbook()
    for row in (headings, *rows):
        book.worksheets[0].append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def table(*rows: Sequence[str], names: Sequence[str] = NAMES) -> ListedTable:
    """A table as it is read: the headings are in row 1, and each row has a cell for each name."""
    letters = dict(zip(names, "ABCDEFG", strict=False))
    listed = [
        ListedRow(number, dict(zip(names, (*row, *[""] * len(names)), strict=False)))
        for number, row in enumerate(rows, start=2)
    ]
    return ListedTable("利用者", letters, listed)


def somebody(pk: int, username: str, *offices: int, **values: object) -> StoredPerson:
    is_demo = bool(values.pop("is_demo", False))
    given = {"last_name": "山田", "first_name": username, "role": "department", "offices": offices, **values}
    return StoredPerson(pk, Person(username, **given), is_demo)  # type: ignore[arg-type]


BOSS = somebody(1, "kanri", role="administrator", last_name="管理", first_name="一")


def world(*people: StoredPerson, fiscal_year: int = 2026) -> World:
    """`kanri` applies."""
    return World(
        fiscal_year,
        OFFICES,
        [BOSS, *people],
        BOSS.id,
        ROLES,
        "department",
        lambda text: "" if text.isascii() else "半角で書いてください。",
        lambda text: "" if "@" in text else "メールアドレスとして読めません。",
    )
