"""Whatever a table and a person say, there is a whole document to show, and what is in the way."""

import pytest

from tests.conftest import FIXTURE, WORDS
from tests.staff.tables.books import two_row_book
from tracker.published_tables.file import packed_grid
from tracker.published_tables.file.document import document_of
from tracker.published_tables.file.grid import grid_of
from tracker.published_tables.file.role_words import common_choices, in_words
from tracker.published_tables.file.roles import column_of
from tracker.published_tables.file.understanding import understand
from tracker.words.packing import pack, unpack


@pytest.mark.parametrize("content", [FIXTURE.read_bytes(), WORDS.read_bytes(), two_row_book()])
def test_a_grid_is_kept_as_it_is(content: bytes) -> None:
    grid = grid_of(content)
    assert packed_grid.grid_from(unpack(pack(packed_grid.parts_of(grid)))) == grid


def test_what_does_not_fit_is_told_and_shown_as_it_was_said() -> None:
    said = {"heading_rows": [6, 7], "columns": {"A": "pledge", "B": "pledge"}, "sheets": ["ない"]}
    found = understand(grid_of(two_row_book()), said)
    assert found.misfit is not None
    assert (found.misfit.key, found.table) == ("sheets", None)
    assert found.document["columns"] == said["columns"]
    assert document_of(found.document)


def test_a_sheet_without_a_heading_has_a_document_all_the_same() -> None:
    found = understand(grid_of("あ\tい\n1\t2\n".encode()), {})
    assert (found.table, found.misfit) == (None, None)
    assert found.document["columns"]
    assert document_of({key: value for key, value in found.document.items() if value is not None})


def test_a_total_that_somebody_wants_is_read() -> None:
    grid = grid_of(two_row_book())
    counted = [
        understand(grid, said).table for said in ({}, {"read_rows": [11]}, {"read_rows": {"公約": [11]}})
    ]
    assert [table.counts()["pledges"] for table in counted if table] == [3, 4, 4]
    assert understand(grid, {"read_rows": [11]}).document["read_rows"] == {"公約": [11]}


def test_every_role_that_is_offered_is_one_and_has_words() -> None:
    roles = {
        role: words for _group, choices in common_choices([2023, 2024], ["A"]) for role, words in choices
    }
    assert all(column_of(role, "") and in_words(role) == words for role, words in roles.items())
    assert len(set(roles.values())) == len(roles)
    assert (roles["result 2024"], roles["rating 2023"], roles["mark A"]) == (
        "実績 令和6年度",
        "令和5年度の評価",
        "評価「A」の印",
    )
