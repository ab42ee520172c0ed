"""What a report says of one initiative."""

import pytest

from tracker.reports.entries import department_of
from tracker.reports.material import DutyRow


@pytest.mark.parametrize(
    ("years", "fiscal_year", "when"),
    [
        ((None, None), 2023, "current"),
        ((None, 2023), 2023, "current"),
        ((2023, None), 2023, "current"),
        ((None, 2022), 2023, "past"),
        ((2024, None), 2023, "next"),
        ((2024, 2025), 2023, "next"),
    ],
)
def test_a_duty_is_past_current_or_next(
    years: tuple[int | None, int | None], fiscal_year: int, when: str
) -> None:
    assert department_of(DutyRow(1, "001", "土木課", *years), fiscal_year)["when"] == when
