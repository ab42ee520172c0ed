"""Which backups stay."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tracker.backup.keeping import superfluous

NOW = datetime(2026, 11, 30, 18, 0)


def test_three_years_of_nightly_backups() -> None:
    every = [NOW - timedelta(days=days) for days in range(3 * 365)]
    kept = [each for each in every if each not in superfluous(every, NOW)]
    assert kept[:14] == every[:14]
    told = [f"{each:%Y-%m-%d}" for each in kept[14:]]
    assert told == [
        *("2026-10-31", "2026-09-30", "2026-08-31", "2026-07-31", "2026-06-30", "2026-05-31", "2026-04-30"),
        *("2026-03-31", "2026-02-28", "2026-01-31", "2025-12-31", "2025-11-30"),
        *("2025-03-31", "2024-03-31"),
    ]


@given(st.lists(st.datetimes(datetime(2020, 1, 1), NOW), unique=True))
def test_the_newest_always_stays_and_tidying_again_takes_nothing(every: list[datetime]) -> None:
    gone = superfluous(every, NOW)
    kept = [each for each in every if each not in gone]
    assert not every or max(every) in kept
    assert superfluous(kept, NOW) == []
