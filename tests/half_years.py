"""A year in two rounds, on the small workspace: 上半期 as of September, 下半期 as of March."""

from datetime import date, timedelta

from django.utils import timezone

from tests.staff.people import submit
from tests.workspace import LAST_YEAR, Workspace
from tracker.cycle import rounds, workflow
from tracker.models import Report, ReportingRound, YearlyAction
from tracker.reports import publishing
from tracker.reports.verifying import Verification

SEPTEMBER, MARCH = date(2024, 9, 30), date(2025, 3, 31)
FIRST, SECOND = "上半期", "下半期"


def make_first_half(space: Workspace) -> ReportingRound:
    """This year's open round becomes that of the first half."""
    rounds.describe(space.round, name=FIRST, as_of=SEPTEMBER, by=space.cast.planner)
    space.round.refresh_from_db()
    return space.round


def open_half(
    space: Workspace, name: str = SECOND, as_of: date = MARCH, fiscal_year: int = 2024
) -> ReportingRound:
    due_on = timezone.localdate() + timedelta(days=30)
    return rounds.open_round(
        space.manifesto, fiscal_year=fiscal_year, name=name, as_of=as_of, due_on=due_on, by=space.cast.planner
    )


def rows_of(round: ReportingRound) -> list[YearlyAction]:
    found = YearlyAction.objects.filter(round=round).with_place().with_departments()
    return list(found.in_table_order())


def approve(space: Workspace, row: YearlyAction, **values: object) -> YearlyAction:
    """Writes, hands in and approves a row."""
    row = submit(row, space.cast.second_planner, **values)
    return workflow.approve(row.pk, by=space.cast.planner, version=row.version)


def publish(round: ReportingRound, **values: str) -> Report:
    report, is_new = publishing.publish(round, by="企画", **values)
    assert is_new is True
    return report


def publish_first_half(space: Workspace) -> Report:
    """All rows say 「・上半期にN。」 of the year."""
    for number, row in enumerate(rows_of(make_first_half(space)), start=1):
        approve(space, row, result=f"・上半期に{number}。", plan=f"・予定{number}。")
    return publish(space.round)


def problems() -> list[str]:
    """What `verify_events` finds, but for the workspace's last year, which is made without events."""
    verification = Verification()
    verification.run()
    found = map(str, verification.problems)
    return [problem for problem in found if not problem.startswith(f"取組 {LAST_YEAR} 年度 ")]
