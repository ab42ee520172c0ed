"""Base, file and database, cell by cell: against a rule in three lines, and that no side is ever lost."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.entry_sheets.file.columns import INPUTS
from tracker.entry_sheets.file.comparison import (
    REFERENCE_IGNORED,
    TAMPERED,
    UNKNOWN_ROW,
    CellOutcome,
    ComparedCell,
    ComparedRow,
    StoredRow,
    compare,
)
from tracker.entry_sheets.file.uploaded import UploadedRow
from tracker.words.three_way import BOTH, MINE, THEIRS

TEXTS = st.sampled_from(["", "・a", "・b", "・c\n・d", " ・a", "= 1"])
RATINGS = st.sampled_from(["", "none", "A", "B"])
LETTERS = {"result": "K", "rating": "L", "rating_reason": "M", "plan": "N", "pledge": "E", "state": "F"}
ROWS = st.fixed_dictionaries({name: RATINGS if name == "rating" else TEXTS for name in INPUTS})


def uploaded(
    values: Mapping[str, str], *, pk: int | None = 1, version: int = 3, row: int = 7, **problems: str
) -> UploadedRow:
    return UploadedRow("土木課", row, pk, version, dict(values), dict(problems), LETTERS)


def blank(**values: str) -> dict[str, str]:
    return dict.fromkeys(INPUTS, "") | values


def only(
    rows: list[UploadedRow], base: Mapping[str, str] | None, database: Mapping[str, str], **stored: object
) -> ComparedRow:
    bases = {} if base is None else {1: StoredRow(3, base)}
    now = StoredRow(**{"version": 5, "values": database, **stored})  # type: ignore[arg-type]
    return compare(rows, bases, {1: now})[0]


def rule(base: str, database: str, file: str) -> str:
    """The reference rule."""
    if file == database:
        return "same"
    return "changed" if database == base else "merged" if file == base else "conflict"


@given(ROWS, ROWS, ROWS)
def test_every_cell_is_what_the_three_line_rule_says(
    base: dict[str, str], database: dict[str, str], file: dict[str, str]
) -> None:
    plan = only([uploaded(file)], base, database)
    found = {cell.name: str(cell.outcome) for cell in plan.cells}
    assert {name: found.get(name, "same") for name in INPUTS} == {
        name: rule(base[name], database[name], file[name]) for name in INPUTS
    }


@given(ROWS, ROWS, ROWS, st.data())
def test_what_is_written_is_mine_theirs_or_both_and_nothing_else(
    base: dict[str, str], database: dict[str, str], file: dict[str, str], data: st.DataObject
) -> None:
    plan = only([uploaded(file)], base, database)
    picks = {
        cell.name: data.draw(st.sampled_from(list(cell.sides))) for cell in plan.of(CellOutcome.CONFLICT)
    }
    undecided, plan = plan, replace(plan, picks=picks)
    after = database | plan.writes
    for name in INPUTS:
        sides = {MINE: file[name], THEIRS: database[name], BOTH: f"{database[name]}\n{file[name]}"}
        side = picks.get(name) or (
            MINE if rule(base[name], database[name], file[name]) == "changed" else THEIRS
        )
        assert after[name] == sides[side]
    assert plan.undecided == []
    assert undecided.undecided == plan.of(CellOutcome.CONFLICT)
    # An undecided conflict writes nothing.
    assert undecided.writes.keys() == {cell.name for cell in plan.of(CellOutcome.CHANGED)}


@given(ROWS, ROWS)
def test_without_a_base_every_difference_is_a_conflict_once_the_row_was_written(
    database: dict[str, str], file: dict[str, str]
) -> None:
    plan = only([uploaded(file)], None, database)
    assert {cell.name for cell in plan.cells} == {name for name in INPUTS if file[name] != database[name]}
    assert {cell.outcome for cell in plan.cells} <= {CellOutcome.CONFLICT}


@given(ROWS, ROWS)
def test_without_a_base_the_version_in_the_file_will_do(
    database: dict[str, str], file: dict[str, str]
) -> None:
    plan = only([uploaded(file, version=5)], None, database)
    assert {cell.outcome for cell in plan.cells} <= {CellOutcome.CHANGED}


def test_a_cell_knows_its_address_and_all_three_sides() -> None:
    plan = only([uploaded(blank(result="・b"))], blank(result="・a"), blank(result="・c"))
    assert plan.cells == (ComparedCell("result", "K7", CellOutcome.CONFLICT, "・a", "・c", "・b"),)
    assert (plan.sheet, plan.row, plan.message, plan.has_error) == ("土木課", 7, "", False)


def test_a_text_that_was_marked_since_is_no_conflict() -> None:
    database = blank(result="・直しました。\n・道も。", rating_reason="・完成")
    file = blank(result="直しました。\n・道も。", rating_reason="完成")
    found = only([uploaded(file)], blank(), database)
    assert [(cell.name, cell.outcome) for cell in found.cells] == [("rating_reason", CellOutcome.CONFLICT)]


def test_a_rating_cannot_be_both() -> None:
    plan = only([uploaded(blank(rating="A"))], blank(rating="B"), blank(rating="none"))
    assert plan.cells[0].sides == {THEIRS: "none", MINE: "A"}


@pytest.mark.parametrize("pick", ["", "nobody", BOTH])
def test_a_pick_that_is_none_leaves_the_conflict_undecided(pick: str) -> None:
    plan = only([uploaded(blank(rating="A"))], blank(rating="B"), blank(rating="none"))
    plan = replace(plan, picks={"rating": pick})
    assert plan.undecided == list(plan.cells)
    assert plan.writes == {}


def test_line_breaks_of_word_become_plain_ones_only_where_something_was_changed() -> None:
    old = "・a\v・b"
    assert only([uploaded(blank(result=old))], blank(result=old), blank(result=old)).cells == ()
    changed = only([uploaded(blank(result="・a\v・c\r\n・d"))], blank(result=old), blank(result=old))
    assert changed.cells[0].file == "・a\n・c\n・d"
    assert only([uploaded(blank(result="・a\r\n・b"))], blank(), blank(result="・a\n・b")).cells == ()


def test_a_control_character_is_an_error_in_its_line() -> None:
    plan = only([uploaded(blank(result="・a\n・\x07b"))], blank(), blank())
    words = "2 行目に、使えない文字（制御文字）が入っています。その行を打ち直してください。"
    assert [(cell.outcome, cell.message) for cell in plan.cells] == [(CellOutcome.ERROR, words)]
    assert plan.has_error
    assert plan.writes == {}


def test_a_row_that_takes_no_answer_refuses_changes_and_nothing_else() -> None:
    refusal = "提出済みなので、この行は取り込みません。"
    changed = only([uploaded(blank(result="・b"))], blank(), blank(plan="・x"), refusal=refusal)
    assert [(cell.name, cell.outcome, cell.message) for cell in changed.cells] == [
        ("result", CellOutcome.ERROR, refusal), ("plan", CellOutcome.MERGED, ""),
    ]  # fmt: skip
    assert (
        only(
            [uploaded(blank(result="・b"))], blank(result="・b"), blank(result="・c"), refusal=refusal
        ).has_error
        is False
    )


def test_a_cell_that_the_reader_refused_is_an_error_and_never_a_deletion() -> None:
    plan = only([uploaded(blank(), result="#N/A になっています。")], blank(result="・a"), blank(result="・a"))
    assert [(cell.outcome, cell.file, cell.message) for cell in plan.cells] == [
        (CellOutcome.ERROR, "", "#N/A になっています。")
    ]


def test_a_row_of_nobody_shows_what_was_typed() -> None:
    plan = only([uploaded(blank(result="・b"), pk=9)], blank(), blank())
    assert (plan.message, [cell.file for cell in plan.cells]) == (UNKNOWN_ROW, ["・b"])
    lost = only(
        [uploaded(blank(plan="・b"), pk=None, **{"": "どの取組の行か分かりません。"})], blank(), blank()
    )
    assert (lost.message, lost.id, [cell.file for cell in lost.cells]) == (
        "どの取組の行か分かりません。",
        None,
        ["・b"],
    )


def test_rows_that_stand_twice_point_at_each_other() -> None:
    first, second = compare(
        [uploaded(blank(result="・a"), row=7), uploaded(blank(), row=9)],
        {1: StoredRow(3, blank())},
        {1: StoredRow(3, blank())},
    )
    assert "シート「土木課」9 行目" in first.message
    assert "シート「土木課」7 行目" in second.message
    assert (first.has_error, first.cells[0].file) == (True, "・a")


def test_a_version_that_is_not_the_exports_was_tampered_with() -> None:
    plan = only([uploaded(blank(result="・b"), version=4)], blank(), blank())
    assert (plan.message, plan.has_error) == (TAMPERED, True)


def test_a_reference_cell_that_was_written_into_is_told_but_is_no_error() -> None:
    base = blank() | {"pledge": "①駅", "state": "未着手"}
    plan = only([uploaded(blank() | {"pledge": "①駅を直す", "state": "入力中"})], base, blank())
    assert plan.cells == (
        ComparedCell("pledge", "E7", CellOutcome.IGNORED, "①駅", "①駅", "①駅を直す", REFERENCE_IGNORED),
    )
    assert plan.has_error is False
