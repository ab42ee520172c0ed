"""Which backups of a folder stay. Pure.

All of the last 14 days; of each month the last one for 13 months; of each fiscal year the last one for ever.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from tracker.words.fiscal_years import fiscal_year_of

RULE = "残すのは、14 日以内のもの、13 か月の各月の最後、各年度の最後"
DAYS = 14
MONTHS = 13


def superfluous(times: Iterable[datetime], now: datetime) -> list[datetime]:
    """Which of the times (local ones) nobody needs any more."""
    every = sorted(times)
    last_of_month = {(each.year, each.month): each for each in every}
    last_of_year = {fiscal_year_of(each): each for each in every}
    kept = {
        *(each for each in every if each > now - timedelta(days=DAYS)),
        *(
            each
            for (year, month), each in last_of_month.items()
            if _months(now) - (12 * year + month) < MONTHS
        ),
        *last_of_year.values(),
    }
    return [each for each in every if each not in kept]


def _months(moment: datetime) -> int:
    return 12 * moment.year + moment.month
