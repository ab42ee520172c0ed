"""Indicators in entry sheets: a sheet of their own, written, read back, compared, taken in, taken back."""

import csv
import io
from collections.abc import Mapping
from typing import Any

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from tests.entry_sheets.filling import Filled
from tests.entry_sheets.sheets import outcomes, received, sheet_of
from tests.entry_sheets.test_applying import confirmed
from tests.indicators import define
from tests.staff.people import fill, logged_in
from tests.workspace import Workspace
from tracker.entry_sheets import applying, mending, planning
from tracker.entry_sheets.file.comparison import CellOutcome
from tracker.entry_sheets.file.entry_book import INDICATOR_SHEET
from tracker.entry_sheets.file.indicator_cells import column_and_code
from tracker.models import Indicator, User
from tracker.words.three_way import MINE

pytestmark = pytest.mark.django_db
KEPT = {"k1": "1100", "k1n": "速報値です"}
TYPED = {"extra_k1": 1100, "extra_k1n": "速報値です"}
WORDS = "指標の実績は、シート「指標」に書いてください（指標のある取組：1 件）。"


@pytest.fixture
def space(space: Workspace) -> Workspace:
    define(space.row(1).initiative)
    return space


def with_answers(space: Workspace, by: User, answers: Mapping[int, Mapping[str, Any]]) -> bytes:
    sheet = Filled(sheet_of(space, by))
    for pk, values in answers.items():
        sheet.write(pk, **values)
    return sheet.bytes()


def indicator_rows(content: bytes) -> list[list[Any]]:
    """The sheet of indicators from its headings on."""
    rows = [list(row) for row in load_workbook(io.BytesIO(content))[INDICATOR_SHEET].values]
    return rows[next(number for number, row in enumerate(rows) if row[0] == "取組ID") :]


def of_indicators(plan: planning.Plan) -> dict[tuple[int | None, str], str]:
    return {key: outcome for key, outcome in outcomes(plan).items() if column_and_code(key[1])[1]}


def as_csv(rows: list[list[Any]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def test_the_sheet_has_a_line_per_indicator_and_goes_both_ways(space: Workspace) -> None:
    clerk, row = space.cast.clerk, space.row(1)
    fill(row, clerk, extra_values={"k1": "1080.5"})
    Indicator.objects.update(decimals=1)
    content = sheet_of(space, clerk)
    headings, line = indicator_rows(content)
    assert headings[3:] == [
        *("番号", "公約", "指標", "単位", "令和6年度の目標", "令和5年度の実績", "令和6年度の実績", "補足")
    ]
    keys, told = [row.pk, row.version + 1, "k1"], ["相談件数", "件", "1,200.0", None, 1080.5, None]
    assert line == [*keys, row.place, line[4], *told]
    assert WORDS in [cell.value for cells in Filled(content).sheets[0]["C1:C8"] for cell in cells]
    [rule] = load_workbook(io.BytesIO(content))[INDICATOR_SHEET].data_validations.dataValidation
    assert (rule.type, rule.allow_blank, str(rule.sqref)) == ("decimal", True, "J6")
    assert planning.plan_of(received(space, content, clerk), clerk).counts == {}
    page = logged_in(clerk).get(reverse("staff-sheets", args=[space.round.pk])).content.decode()
    assert "指標のある取組：1件" in page


def test_what_is_typed_comes_into_the_row_with_its_words_and_is_taken_back(space: Workspace) -> None:
    clerk, row = space.cast.clerk, space.row(1)
    batch = received(space, with_answers(space, clerk, {row.pk: {"result": "・シートの文"} | TYPED}), clerk)
    page = logged_in(clerk).get(reverse("staff-batch", args=[batch.key])).content.decode()
    assert "指標「相談件数」：令和6年度の実績" in page
    assert "指標!J6" in page
    done = confirmed(batch, clerk)
    assert (space.row(1).result, space.row(1).extra_values) == ("・シートの文", KEPT)
    applying.undo(done, by=clerk)
    assert (space.row(1).result, space.row(1).extra_values) == ("", {})


def test_a_file_without_that_sheet_leaves_the_actual_alone_and_says_so(space: Workspace) -> None:
    clerk, row = space.cast.clerk, space.row(1)
    fill(row, clerk, extra_values=KEPT)
    sheet = Filled(with_answers(space, clerk, {row.pk: {"result": "・シートの文"}}))
    del sheet.book[INDICATOR_SHEET]
    batch = received(space, sheet.bytes(), clerk)
    assert [each["message"][:15] for each in batch.problems] == ["このシートがファイルにないので"]
    assert outcomes(planning.plan_of(batch, clerk)) == {(row.pk, "result"): "changed"}
    confirmed(batch, clerk)
    assert space.row(1).extra_values == KEPT


def test_the_sheet_alone_is_taken_as_a_csv_too(space: Workspace) -> None:
    """A CSV has one table; it tells no base, so a row that has been saved since asks at each difference."""
    clerk, row = space.cast.clerk, space.row(1)
    headings, line = indicator_rows(sheet_of(space, clerk))
    content = as_csv([headings, [*line[:9], "1,100", "速報値です"]])
    batch = received(space, content, clerk, name="a.csv")
    assert outcomes(planning.plan_of(batch, clerk)) == {
        (row.pk, "extra_k1"): "changed",
        (row.pk, "extra_k1n"): "changed",
    }
    fill(row, space.cast.colleague, result="・同僚の文", extra_values={"k1": "7"})
    assert outcomes(planning.plan_of(batch, clerk)) == {
        (row.pk, "extra_k1"): "conflict",
        (row.pk, "extra_k1n"): "conflict",
    }
    confirmed(batch, clerk, picks={str(row.pk): {"extra_k1": MINE, "extra_k1n": MINE}})
    assert (space.row(1).result, space.row(1).extra_values) == ("・同僚の文", KEPT)


def test_base_file_and_database_are_compared_cell_by_cell(space: Workspace) -> None:
    clerk, row = space.cast.clerk, space.row(1)
    define(row.initiative, "参加者数", decimals=2)
    content = with_answers(space, clerk, {row.pk: {"extra_k1": 8, "target:k1": "1", "extra_k2n": "速報"}})
    fill(row, space.cast.colleague, extra_values={"k1": "7", "k2": "0.05"})
    batch = received(space, content, clerk)
    assert of_indicators(planning.plan_of(batch, clerk)) == {
        (row.pk, "extra_k1"): "conflict",
        (row.pk, "target:k1"): "ignored",
        (row.pk, "extra_k2"): "merged",
        (row.pk, "extra_k2n"): "changed",
    }
    page = logged_in(clerk).get(reverse("staff-batch", args=[batch.key])).content.decode()
    assert f'name="pick_{row.pk}_extra_k1"' in page
    shown = {"shown": f"{row.pk}.{space.row(1).version}", f"take_{row.pk}": "on"}
    sent = shown | {f"pick_{row.pk}_extra_k1": MINE}
    logged_in(clerk).post(reverse("staff-batch", args=[batch.key]), sent)
    batch.refresh_from_db()
    assert batch.picks[str(row.pk)]["extra_k1"] == MINE
    confirmed(batch, clerk, picks=batch.picks)
    assert space.row(1).extra_values == {"k1": "8", "k2": "0.05", "k2n": "速報"}
    again = received(space, sheet_of(space, clerk), clerk)
    assert planning.plan_of(again, clerk).counts == {}


@pytest.mark.parametrize(
    ("typed", "number_format", "told"),
    [
        ("約1200", "General", "数として読めません"),
        (12.25, "General", "小数は 1 桁まで"),
        (0.00005, "General", "小数は 1 桁まで"),
        (0.385, "0.0%", "38.5"),  # of percent
        (1200, "#,##0", "1200"),
        (12.5, "#,##0", "見えている文字と"),
        (45000, "yyyy/m/d", "日付に変わっています"),
        ("１２．５", "@", "12.5"),
    ],
)
def test_what_excel_makes_of_a_number_is_read_or_told(
    space: Workspace, typed: object, number_format: str, told: str
) -> None:
    Indicator.objects.update(unit="％", decimals=1)
    clerk, row = space.cast.clerk, space.row(1)
    sheet = Filled(with_answers(space, clerk, {row.pk: {"extra_k1": typed, "extra_k1n": "速報値です"}}))
    sheet.indicator("extra_k1").number_format = number_format
    batch = received(space, sheet.bytes(), clerk)
    plan = planning.plan_of(batch, clerk)
    cells = {cell.name: cell for cell in plan.rows[0].cells}
    if told[0].isdigit():
        assert (cells["extra_k1"].outcome, cells["extra_k1"].file) == (CellOutcome.CHANGED, told)
        return
    assert (cells["extra_k1"].outcome, cells["extra_k1"].address) == (CellOutcome.ERROR, "指標!J6")
    assert told in cells["extra_k1"].message
    mended = Filled(mending.workbook_with_marks(batch, plan))
    cell = mended.indicator("extra_k1")
    assert cell.comment is not None
    assert told in cell.comment.text
    assert mended.text(row.pk, "extra_k1n") == "速報値です"
    assert mended.text(row.pk, "result") is None


def test_a_line_that_is_no_rows_own_is_told_and_never_filled_in(space: Workspace) -> None:
    """Lines of another department, of an unknown code, twice, or under another initiative."""
    clerk, row = space.cast.clerk, space.row(1)
    foreign = space.row(2)
    define(foreign.initiative, "ひみつの指標")
    headings, line = indicator_rows(sheet_of(space, clerk))
    lines = [
        [foreign.pk, foreign.version, "k2", *[None] * 6, "99", None],
        [row.pk, row.version, "k2", *[None] * 6, "98", None],
        [row.pk, row.version, "xx", *[None] * 6, "97", None],
        [*line[:9], "5", None],
        [*line[:9], "6", None],
    ]
    batch = received(space, as_csv([headings, *lines]), clerk, name="a.csv")
    plan = planning.plan_of(batch, clerk)
    told = {(each.id, cell.file): cell.message or each.message for each in plan.rows for cell in each.cells}
    assert "この報告回で入力をお願いしている取組の中にありません" in told[foreign.pk, "99"]
    assert "この指標の実績を入力できません" in told[row.pk, "98"]
    assert "どの指標の行か分かりません" in told[None, "97"]
    assert "同じ指標の行が 2 つあり" in told[row.pk, "5"]
    assert plan.answers == {}
    content = mending.workbook_with_marks(batch, plan)
    assert "ひみつの指標" not in str(indicator_rows(content))
    assert [each[9] for each in indicator_rows(content)[1:] if each[0] is None] == [99, 97]


def test_an_ended_indicator_and_one_that_is_younger_than_the_sheet(space: Workspace) -> None:
    clerk, row = space.cast.clerk, space.row(1)
    content = with_answers(space, clerk, {row.pk: TYPED})
    Indicator.objects.update(last_fiscal_year=2023)
    define(row.initiative, "あとから")
    fill(row, space.cast.colleague, extra_values={"k2": "3"})
    plan = planning.plan_of(received(space, content, clerk), clerk)
    assert of_indicators(plan) == {(row.pk, "extra_k1"): "error", (row.pk, "extra_k1n"): "error"}
