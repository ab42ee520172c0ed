"""How an average moved, told with who came into it and who left."""

from decimal import Decimal
from typing import Any

import pytest

from tests.public.building import RATINGS, make_entry
from tracker.models import ReportEntry
from tracker.reports.averages import AverageMove, average_move
from tracker.reports.comparison import compare
from tracker.reports.figures import RatingStep

SCALE: list[RatingStep] = RatingStep.scale(RATINGS)  # type: ignore[arg-type]
CODES = [step.code for step in SCALE]


def entries(letters: str) -> list[ReportEntry]:
    """A rating per letter: `-` unrated, a blank for an initiative that is not there."""
    rated = enumerate(letters, start=1)
    return [make_entry(number, rating_code=code.strip("-")) for number, code in rated if code != " "]


def moved(before: str, after: str, scale_after: list[dict[str, Any]] | None = None) -> AverageMove:
    scale = RatingStep.scale(scale_after) if scale_after else SCALE  # type: ignore[arg-type]
    compared = compare(entries(before), entries(after), [step.code for step in scale], CODES)
    return average_move(compared, SCALE, scale)


def numbers(move: AverageMove) -> tuple[str, ...]:
    groups = (move.before, move.after, move.common_before, move.common_after)
    return tuple(str(group.average) for group in groups)


@pytest.mark.parametrize(
    ("before", "after", "averages", "joined", "left"),
    [
        ("BD", "BD", ("50.0", "50.0", "50.0", "50.0"), 0, 0),
        ("BD", "AD", ("50.0", "62.5", "50.0", "62.5"), 0, 0),
        ("BD", "B-", ("50.0", "75.0", "75.0", "75.0"), 0, 1),  # a bad rating vanished: nothing is better
        ("BD", "B ", ("50.0", "75.0", "75.0", "75.0"), 0, 1),
        ("B-", "BD", ("75.0", "50.0", "75.0", "75.0"), 1, 0),
        ("B ", "BD", ("75.0", "50.0", "75.0", "75.0"), 1, 0),
        ("B--", "-A-", ("75.0", "100.0", "None", "None"), 1, 1),
        ("--", "--", ("None", "None", "None", "None"), 0, 0),
    ],
)
def test_average_is_told_with_who_is_in_it(
    before: str, after: str, averages: tuple[str, ...], joined: int, left: int
) -> None:
    """Each of them five times: of fewer there is no average."""
    move = moved(before * 5, after * 5)
    assert (numbers(move), move.joined, move.left) == (averages, 5 * joined, 5 * left)
    assert move.same_initiatives is (not joined and not left)
    assert move.is_told is ("None" not in averages[:2])


def test_each_report_is_averaged_by_its_own_scale() -> None:
    scale = [{"code": "A", "label": "完了", "definition": "", "percent": 80, "level": 1}]
    move = moved("AB" * 5, "AB" * 5, scale)
    assert (move.before.average, move.after.average) == (Decimal("87.5"), Decimal("80.0"))
    assert (move.common_before.average, move.joined, move.left) == (Decimal("100.0"), 0, 5)


@pytest.mark.parametrize(
    ("before", "after", "differs"),
    [
        *(("BBBBBD", "BBBBB-", True), ("BBBBB", "AAAAA", False)),  # only gone, and truly better
        *(("BBBBBEEEE", "CCCCC----", True), ("BBBB", "BBB-", False)),  # better though all are worse; too few
    ],
)
def test_a_move_that_is_nobody_s_is_said_to_be_so(before: str, after: str, differs: bool) -> None:
    assert moved(before, after).common_differs is differs


def test_scale_without_percents_has_nothing_to_tell() -> None:
    scale = [{"code": "A", "label": "達成", "definition": "", "percent": None, "level": 1}]
    assert moved("A", "A", scale).is_told is False
