"""Entry sheets have no cells for indicators: they say so, and take no actual away."""

import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from tests.entry_sheets.sheets import received, sheet_of
from tests.entry_sheets.test_applying import confirmed
from tests.entry_sheets.test_extra_columns import with_answers
from tests.indicators import define
from tests.staff.people import fill, logged_in
from tests.workspace import Workspace
from tracker.entry_sheets import applying

pytestmark = pytest.mark.django_db
KEPT = {"k1": "1100", "k1n": "速報値です"}
WORDS = "指標の実績は、このシートには書けません。取組の画面で入力してください（指標のある取組：1 件）。"


def said(content: bytes) -> list[object]:
    book = load_workbook(io.BytesIO(content))
    return [cell.value for row in book.worksheets[0].iter_rows(max_row=8) for cell in row if cell.value]


def test_a_sheet_of_a_row_with_an_indicator_says_where_its_actual_is_typed(space: Workspace) -> None:
    assert WORDS not in said(sheet_of(space, space.cast.clerk))
    define(space.row(1).initiative)
    assert WORDS in said(sheet_of(space, space.cast.clerk))
    page = logged_in(space.cast.clerk).get(reverse("staff-sheets", args=[space.round.pk])).content.decode()
    assert "指標のある取組：1件" in page
    define(space.row(3).initiative, last_fiscal_year=2023)
    assert WORDS in said(sheet_of(space, space.cast.clerk))


def test_what_is_taken_in_and_taken_back_leaves_the_actual_alone(space: Workspace) -> None:
    clerk, row = space.cast.clerk, space.row(1)
    define(row.initiative)
    fill(row, clerk, extra_values=KEPT)
    content = with_answers(space, clerk, {row.pk: {"result": "・シートの文"}})
    done = confirmed(received(space, content, clerk), clerk)
    assert (space.row(1).result, space.row(1).extra_values) == ("・シートの文", KEPT)
    applying.undo(done, by=clerk)
    assert space.row(1).extra_values == KEPT
