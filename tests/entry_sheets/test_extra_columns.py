"""Extra columns in entry sheets: written, read back, refused by cell, taken in, taken back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from tests.entry_sheets.filling import Filled
from tests.entry_sheets.sheets import received, sheet_of
from tests.entry_sheets.test_applying import confirmed
from tests.extra_columns import define, define_all
from tests.staff.people import fill
from tests.workspace import Workspace
from tracker.choices import ActionState
from tracker.entry_sheets import applying, exporting, mending, planning
from tracker.entry_sheets.file.comparison import CellOutcome
from tracker.models import ExtraColumn, User
from tracker.words.three_way import MINE

pytestmark = pytest.mark.django_db

TYPED = {
    "extra_x1": "・広げました。\n・直しました。",
    "extra_x2": "１，２００．５",
    "extra_x3": "R7.3.31",
    "extra_x4": "継続",
    "extra_x5": "https://example.jp/road",
    "extra_x6": "庁内だけ",
}
KEPT = {
    "x1": "・広げました。\n・直しました。",
    "x2": "1200.5",
    "x3": "2025-03-31",
    "x4": "継続",
    "x5": "https://example.jp/road",
    "x6": "庁内だけ",
}


@pytest.fixture
def space(space: Workspace) -> Workspace:
    define_all(space.manifesto)
    return space


def opened(space: Workspace, content: bytes, by: User) -> Filled:
    return Filled(content, extra=exporting.columns_for(space.round, by))


def with_answers(space: Workspace, by: User, answers: Mapping[int, Mapping[str, Any]]) -> bytes:
    sheet = opened(space, sheet_of(space, by), by)
    for pk, values in answers.items():
        sheet.write(pk, **values)
    return sheet.bytes()


def test_what_is_typed_comes_into_the_row_and_is_taken_back(space: Workspace) -> None:
    clerk, row = space.cast.clerk, space.row(1)
    batch = received(space, with_answers(space, clerk, {row.pk: TYPED}), clerk)
    done = confirmed(batch, clerk)
    assert (space.row(1).state, space.row(1).extra_values) == (ActionState.DRAFT, KEPT)
    again = opened(space, sheet_of(space, clerk), clerk)
    assert {name: again.text(row.pk, f"extra_{name}") for name in KEPT} == KEPT
    applying.undo(done, by=clerk)
    assert (space.row(1).state, space.row(1).extra_values) == (ActionState.NOT_STARTED, {})


def test_an_untouched_sheet_changes_nothing(space: Workspace) -> None:
    fill(space.row(1), space.cast.planner, extra_values={**KEPT, "x7": "妥当"})
    for by in (space.cast.clerk, space.cast.planner):
        batch = received(space, sheet_of(space, by), by)
        assert planning.plan_of(batch, by).counts == {}


def test_a_day_that_excel_has_made_a_date_of_is_one(space: Workspace) -> None:
    clerk, row = space.cast.clerk, space.row(1)
    content = with_answers(space, clerk, {row.pk: {"extra_x3": datetime(2025, 3, 31)}})
    confirmed(received(space, content, clerk), clerk)
    assert space.row(1).extra_values == {"x3": "2025-03-31"}


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("extra_x2", "約1200", "数として読めません"),
        ("extra_x2", "1.25", "小数は 1 桁まで"),
        ("extra_x3", "令和6年13月", "日付として読めません"),
        ("extra_x4", "休止", "という選択肢はありません"),
        ("extra_x4", "廃止", "いまは使わない選択肢です"),
        ("extra_x5", "example.jp", "https:// か http://"),
    ],
)
def test_a_wrong_cell_is_told_by_its_address_and_stays_in_the_marked_sheet(
    space: Workspace, name: str, typed: str, words: str
) -> None:
    ExtraColumn.objects.filter(code="x4").update(ended_choice_lines="廃止")
    clerk, row = space.cast.clerk, space.row(1)
    sheet = opened(space, sheet_of(space, clerk), clerk)
    sheet.write(row.pk, **{**TYPED, name: typed})
    where, number, columns = sheet.place(row.pk)
    batch = received(space, sheet.bytes(), clerk)
    plan = planning.plan_of(batch, clerk)
    [cell] = [cell for row in plan.rows for cell in row.of(CellOutcome.ERROR)]
    assert (cell.name, cell.address) == (name, where.cell(number, columns[name]).coordinate)
    assert words in cell.message
    mended = opened(space, mending.workbook_with_marks(batch, plan), clerk)
    assert mended.text(row.pk, name) == typed
    assert mended.text(row.pk, "extra_x6") == "庁内だけ"


def test_a_choice_that_has_ended_stays_where_it_stands(space: Workspace) -> None:
    clerk, row = space.cast.clerk, space.row(1)
    fill(row, clerk, extra_values={"x4": "継続"})
    ExtraColumn.objects.filter(code="x4").update(choice_lines="拡充", ended_choice_lines="継続")
    confirmed(received(space, with_answers(space, clerk, {row.pk: {"extra_x6": "話"}}), clerk), clerk)
    assert space.row(1).extra_values == {"x4": "継続", "x6": "話"}


def test_what_is_required_is_lacking_before_it_is_handed_in(space: Workspace) -> None:
    ExtraColumn.objects.filter(code="x2").update(is_required=True)
    clerk, row = space.cast.clerk, space.row(1)
    answers = {"result": "・直しました。", "rating": "B おおむね達成"}
    batch = received(space, with_answers(space, clerk, {row.pk: answers}), clerk, submits=True)
    plan = planning.plan_of(batch, clerk)
    assert list(plan.lacks(plan.rows[0]).values()) == ["「事業費」を書いてください。"]
    assert confirmed(batch, clerk).state == "applied"
    assert space.row(1).state == ActionState.DRAFT


def test_the_planning_offices_column_is_for_reference_to_others(space: Workspace) -> None:
    clerk, row = space.cast.clerk, space.row(1)
    content = with_answers(space, clerk, {row.pk: {"extra_x7": "妥当", "extra_x6": "話"}})
    batch = received(space, content, clerk)
    [cell] = planning.plan_of(batch, clerk).rows[0].of(CellOutcome.IGNORED)
    assert (cell.name, cell.file) == ("extra_x7", "妥当")
    confirmed(batch, clerk)
    assert space.row(1).extra_values == {"x6": "話"}
    planner = space.cast.planner
    content = with_answers(space, planner, {row.pk: {"extra_x7": "妥当"}})
    confirmed(received(space, content, planner), planner)
    assert space.row(1).extra_values == {"x6": "話", "x7": "妥当"}


def test_two_values_of_a_number_are_not_put_one_after_the_other(space: Workspace) -> None:
    clerk, row = space.cast.clerk, space.row(1)
    content = with_answers(space, clerk, {row.pk: {"extra_x1": "・私", "extra_x2": "8"}})
    fill(row, space.cast.colleague, extra_values={"x1": "・同僚", "x2": "7"})
    batch = received(space, content, clerk)
    conflicts = planning.plan_of(batch, clerk).rows[0].of(CellOutcome.CONFLICT)
    assert {cell.name: set(cell.sides) for cell in conflicts} == {
        "extra_x1": {"theirs", "mine", "both"},
        "extra_x2": {"theirs", "mine"},
    }
    confirmed(batch, clerk, picks={str(row.pk): {"extra_x1": MINE, "extra_x2": MINE}})
    assert space.row(1).extra_values == {"x1": "・私", "x2": "8"}


def test_a_sheet_from_before_a_column_is_taken_all_the_same(space: Workspace) -> None:
    clerk, row = space.cast.clerk, space.row(1)
    content = with_answers(space, clerk, {row.pk: {"extra_x6": "話"}})
    define(space.manifesto, "あとから", is_required=True)
    batch = received(space, content, clerk)
    plan = planning.plan_of(batch, clerk)
    assert [(cell.name, cell.outcome) for cell in plan.rows[0].cells] == [("extra_x6", CellOutcome.CHANGED)]
    assert "見出し「あとから」の列がありません" in batch.problems[0]["message"]


def test_lists_and_notes_are_in_the_sheet(space: Workspace) -> None:
    clerk = space.cast.clerk
    sheet = opened(space, sheet_of(space, clerk), clerk)
    [first] = sheet.sheets[:1]
    header, columns = sheet.header(first)
    note = first.cell(header, columns["extra_x2"]).comment
    assert note is not None
    assert "数字で書きます。" in note.text
    lists = [str(each.formula1) for each in first.data_validations.dataValidation]
    assert lists == ["'_choices'!$A$1:$A$4", "'_choices'!$B$1:$B$3"]
    choices = sheet.book["_choices"]
    assert [choices.cell(number, 2).value for number in range(1, 4)] == ["継続", "拡充", "見直し"]
    assert first.cell(header + 1, columns["extra_x7"]).protection.locked
