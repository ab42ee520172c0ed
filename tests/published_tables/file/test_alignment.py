"""Rows that slipped sideways, laid under their headings again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.published_tables.file.alignment import IMPOSSIBLE, Alignment, Fit, Placed, align, lay_exactly


def letters(text: str) -> float:
    return 0 if not text or text.isalpha() else IMPOSSIBLE


def digits(text: str) -> float:
    return 0 if not text or text.isdigit() else IMPOSSIBLE


def anything(text: str) -> float:
    return 0


def halves(text: str, column: int) -> tuple[str, str] | None:
    left, _, right = text.partition("|")
    return (left, right) if right and column == 0 else None


def lay(*cells: str, inventing: float = 1) -> Alignment | None:
    return align(cells, [letters, digits, anything], inventing=[inventing] * 3, split=halves)


def test_a_row_that_fits_is_left_alone() -> None:
    assert lay("a", "1", "x") == Alignment((Placed("a", 0), Placed("1", 1), Placed("x", 2)), ())


def test_a_missing_cell_is_invented_where_it_costs_least() -> None:
    assert lay("1", "x") == Alignment((Placed("", None), Placed("1", 0), Placed("x", 1)), ("invent:0",))


def test_a_blank_cell_too_many_is_skipped() -> None:
    assert lay("a", "", "1", "x") == Alignment((Placed("a", 0), Placed("1", 2), Placed("x", 3)), ("skip:1",))


def test_blank_cells_at_the_end_are_no_deviation() -> None:
    assert lay("a", "1", "x", *[""] * 500) == lay("a", "1", "x")


def test_two_cells_in_one_are_parted() -> None:
    assert lay("a|1", "x") == Alignment((Placed("a", 0), Placed("1", 0), Placed("x", 1)), ("split:0",))


def test_of_equal_readings_the_one_that_moves_least_wins() -> None:
    found = align(["a", "b"], [anything] * 3, inventing=[1, 1, 1], split=halves)
    assert found is not None
    assert found.steps == ("invent:2",)


@pytest.mark.parametrize(
    ("cells", "fits", "placed", "steps"),
    [
        (["", "1", "a"], [digits, letters, anything], ["1", "", "a"], ("skip:0", "invent:1")),
        (["", "b", ""], [anything, digits, digits], ["b", "", ""], ("skip:0", "invent:2")),
        (["", "a|1"], [anything, digits], ["a|1", ""], ("skip:0", "invent:1")),
        (["a|1", "x"], [anything] * 3, ["a|1", "x", ""], ("invent:2",)),
    ],
    ids=[
        "filled cells move least",
        "a blank one moves freely",
        "whole where it suits",
        "nothing is parted without need",
    ],
)
def test_of_two_readings_with_as_many_deviations(
    cells: list[str], fits: list[Fit], placed: list[str], steps: tuple[str, ...]
) -> None:
    first = 1 if steps == ("skip:0", "invent:2") else 0  # what must have a cell
    inventing = [IMPOSSIBLE] * first + [1] * (len(fits) - first)
    found = align(cells, fits, inventing=inventing, split=halves)
    assert found is not None
    assert ([cell.text for cell in found.cells], found.steps) == (placed, steps)


def test_a_blank_cell_is_not_skipped_to_save_a_small_misfit() -> None:
    """A skipped cell and an invented one for it are two deviations."""

    def rather_digits(text: str) -> float:
        return 0 if not text or text.isdigit() else 1.5

    found = align(["", "w", "z"], [anything, rather_digits, anything], inventing=[1] * 3, split=halves)
    assert found is not None
    assert found.steps == ()


def test_a_text_too_many_is_refused() -> None:
    assert lay("a", "1", "x", "y") is None


def test_what_must_not_be_invented_is_not() -> None:
    assert lay("a", "1", inventing=IMPOSSIBLE) is None


def test_too_many_cells_are_refused_at_once() -> None:
    assert lay("a", *[""] * 100_000, "1", "x") is None


def exactly(*cells: str) -> Alignment | None:
    """Under letters, digits, and two columns that anything suits; only the last may be cut off."""
    return lay_exactly(cells, [letters, digits, anything, anything], optional=[False, False, False, True])


def test_exact_cells_stay_in_their_places() -> None:
    placed = tuple(Placed(text, place) for place, text in enumerate(("a", "1", "x", "")))
    assert exactly("a", "1", "x", "") == Alignment(placed, ())
    assert exactly("a", "1", "x", "", "", " ") == Alignment(placed, ())
    assert exactly("a", "1", "x") == Alignment((*placed[:3], Placed("", None)), ())


@pytest.mark.parametrize(
    "cells",
    [
        ("1", "x", "y", "z"),
        ("a", "x", "1", ""),
        ("a", "1"),
        ("a", "", "1", "x", "y"),
        ("a", "1", "x", "y", "z"),
        (),
    ],
)
def test_cells_that_are_not_exact_are_refused(cells: tuple[str, ...]) -> None:
    assert exactly(*cells) is None


CELLS = st.tuples(st.text("abc", min_size=1), st.text("123", min_size=1), st.text("xyz", min_size=1))


def kept(found: Alignment | None) -> list[str] | None:
    """The texts that are not blank, in order."""
    return None if found is None else [placed.text for placed in found.cells if placed.text.strip()]


@given(CELLS, st.integers(0, 3), st.sampled_from(["", " ", "  "]))
def test_a_blank_put_in_anywhere_loses_and_reorders_nothing(
    cells: tuple[str, ...], place: int, blank: str
) -> None:
    row = [*cells[:place], blank, *cells[place:]]
    found = lay(*row)
    assert kept(found) == list(cells)
    assert found is not None
    assert [row[placed.source] for placed in found.cells if placed.source is not None] == list(cells)


@given(CELLS, st.integers(0, 2), st.integers(0, 2))
def test_a_blank_cell_taken_out_loses_and_reorders_nothing(
    cells: tuple[str, ...], blanked: int, removed: int
) -> None:
    row = ["" if place == blanked else cell for place, cell in enumerate(cells)]
    if not row[removed]:
        row.pop(removed)
    assert kept(lay(*row)) == [cell for cell in row if cell]


@given(st.lists(st.sampled_from(["a", "1", "x", "", " ", "a|1"]), max_size=7))
def test_whatever_is_accepted_keeps_all_texts_in_order(cells: list[str]) -> None:
    found = lay(*cells)
    if found is not None:
        assert "".join(kept(found) or []).replace("|", "") == "".join(cells).replace("|", "").replace(" ", "")
        assert len(found.cells) == 3
