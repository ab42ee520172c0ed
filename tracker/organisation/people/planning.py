"""An uploaded list of people: read, kept, and compared with the database each time that it is asked."""

from collections.abc import Iterator

from django.utils import timezone

from tracker.choices import BatchState
from tracker.cycle import permissions
from tracker.models import PeopleList, User
from tracker.models.organisation import this_fiscal_year
from tracker.organisation.people.file import reading, writing
from tracker.organisation.people.file.comparison import PeoplePlan, compare
from tracker.organisation.people.file.reading import ListedRow, ListedTable
from tracker.organisation.people.stored import ROLE_WORDS, ROLES, stored_offices, stored_people, world_for
from tracker.words.packing import pack, unpack
from tracker.workbooks.problems import FileProblem

FILE_KINDS = (".xlsx", ".csv")
MAX_LIST_BYTES = 5 * 1024 * 1024
MAX_LIST_NAME = 200
LIST_TOO_LARGE = f"ファイルが大きすぎます（{MAX_LIST_BYTES // 1024 // 1024} MB まで）。"


def years_to_choose() -> list[int]:
    """The fiscal years that a list may be for: this one, and the next, which is prepared in March."""
    return [this_fiscal_year(), this_fiscal_year() + 1]


def receive_list(
    content: bytes, *, file_name: str, fiscal_year: int, closes_missing: bool, by: User
) -> PeopleList:
    """Keeps what an uploaded list says. Raises FileProblem for what is none."""
    permissions.require_people_keeper(by)
    if len(content) > MAX_LIST_BYTES:
        raise FileProblem(LIST_TOO_LARGE)
    table = reading.read(content)
    forget_unconfirmed()
    return PeopleList.objects.create(
        owner=by,
        file_name=file_name[-MAX_LIST_NAME:],
        fiscal_year=fiscal_year,
        closes_missing=closes_missing,
        rows=pack(_parts_of(table)),
    )


def forget_unconfirmed() -> int:
    """Lets go of lists that nobody confirmed in time: the names in them are kept no longer."""
    late = PeopleList.objects.filter(state=BatchState.READY, expires_at__lt=timezone.now())
    return late.delete()[1].get("tracker.PeopleList", 0)


def _parts_of(table: ListedTable) -> Iterator[object]:
    yield [table.sheet, dict(table.letters), list(map(list, table.unread))]
    for row in table.rows:
        yield [row.row, dict(row.cells), dict(row.problems)]


def table_of(listed: PeopleList) -> ListedTable:
    """What was read."""
    kept = unpack(listed.rows)
    sheet, letters, unread = next(kept)
    rows = [ListedRow(row, cells, problems) for row, cells, problems in kept]
    return ListedTable(sheet, letters, rows, [(address, words) for address, words in unread])


def plan_of_list(listed: PeopleList, by: User) -> PeoplePlan:
    """The list beside the database as it is now. Four queries, for any size."""
    world = world_for(by, listed.fiscal_year)
    return compare(table_of(listed), world, closes_missing=listed.closes_missing)


def workbook_of_today(fiscal_year: int) -> tuple[bytes, int]:
    """All usable people as a workbook, which offers the departments of a fiscal year; and how many they are.

    The demo's accounts are left out: they are nobody's, and must not come back as people.
    """
    offices = {office.id: office for office in stored_offices(fiscal_year)}
    people = [each.person for each in stored_people() if each.person.is_active and not each.is_demo]
    rows = [writing.texts_of(person, offices, ROLE_WORDS) for person in people]
    there = [office for office in offices.values() if office.is_there_in(fiscal_year)]
    return writing.write(rows, writing.choices_of(there, ROLES)), len(people)
