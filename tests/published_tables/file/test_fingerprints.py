"""A layout is taken over by the headings of the next table, its years moved on."""

from io import BytesIO

from openpyxl import load_workbook

from tests.published_tables.file.writing import book_bytes
from tests.staff.tables.books import two_row_book
from tracker.published_tables.file.fingerprints import HeadingFinder, print_of, prints_of, taken_over
from tracker.published_tables.file.grid import grid_of
from tracker.published_tables.file.understanding import rows_between, understand

SAID = {
    "heading_rows": [6, 7],
    "columns": {"A": "field", "C": "pledge", "E": "result 2023", "G": "department", "H": "note 2023年の備考"},
    "title": "この年の表",
    "skip_rows": [9],
    "unrated": ["－"],
}


def test_headings_of_another_year_have_one_fingerprint() -> None:
    this, following = (rows_between(grid_of(two_row_book(year)), None, 6, 7) for year in (2023, 2024))
    assert print_of(this).fingerprint == print_of(following).fingerprint
    assert [print_of(rows).last_year for rows in (this, following)] == [2023, 2024]
    assert print_of(this).fingerprint != print_of(this[:1]).fingerprint


def test_years_move_on_and_what_is_of_one_file_stays_there() -> None:
    before, now = grid_of(two_row_book(2023)), grid_of(two_row_book(2024))
    prints = prints_of(before, understand(before, SAID).document)
    blocks = [{"fingerprint": each.fingerprint, "height": each.height} for each in prints]
    assert taken_over(HeadingFinder(now), SAID, blocks, 2023) == {
        "heading_rows": [6, 7],
        "columns": {**SAID["columns"], "E": "result 2024"},  # type: ignore[dict-item]
        "unrated": ["－"],
    }
    assert taken_over(HeadingFinder(now), SAID, [{"fingerprint": "x", "height": 2}], 2023) is None


def test_a_table_with_another_heading_is_not_read_by_a_layout_that_knows_none() -> None:
    before = grid_of(two_row_book(2023))
    prints = prints_of(before, understand(before, SAID).document)
    blocks = [{"fingerprint": each.fingerprint, "height": each.height} for each in prints]
    book = load_workbook(BytesIO(two_row_book(2024)))
    book.worksheets[0].append(["分野", "公約", "令和6年度の取組", "担当課", "評価"])
    now = HeadingFinder(grid_of(book_bytes(book)))
    assert taken_over(now, SAID, blocks, 2023) is None
    scale = {"unrated": ["－"]}
    assert taken_over(now, scale, blocks, 2023) == scale
