"""What tests of the staff site share: the published demo with the next year's round open, and the cast."""

from dataclasses import dataclass

import pytest

from tests.staff.people import Cast, make_cast, open_round
from tracker.models import Assignment, Department, Report, ReportingRound, YearlyAction


@dataclass(frozen=True)
class Year:
    """The open round of 令和6年度 on the city's own table. `mine` and `theirs` have rows in it."""

    round: ReportingRound
    cast: Cast
    mine: Department
    theirs: Department

    def actions_of(self, department: Department) -> list[YearlyAction]:
        """The department's rows in the round, in the table's order."""
        rows = YearlyAction.objects.filter(round=self.round).answered_by([department.pk])
        return list(rows.with_place().with_departments().in_table_order())

    @property
    def action(self) -> YearlyAction:
        """A row that `mine` alone answers for."""
        return next(action for action in self.actions_of(self.mine) if len(action.departments) == 1)

    @property
    def foreign(self) -> YearlyAction:
        """A row that `theirs` alone answers for."""
        return next(action for action in self.actions_of(self.theirs) if len(action.departments) == 1)


@pytest.fixture
def year(demo: Report, db: None) -> Year:
    """The demo's manifesto in the year after: a round is open and nothing is written yet."""
    busiest = Assignment.objects.filter(to_fiscal_year=None).values_list("department", flat=True)
    ranked = sorted(set(busiest), key=lambda pk: (-list(busiest).count(pk), pk))
    mine, theirs = (Department.objects.get(pk=pk) for pk in ranked[:2])
    cast = make_cast(mine, theirs)
    return Year(open_round(demo.manifesto, cast.planner), cast, mine, theirs)
