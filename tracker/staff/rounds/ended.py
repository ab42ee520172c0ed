"""Departments that have ended and had the duty in a round's year: told before it opens, with who answers."""

from dataclasses import dataclass

from tracker.models import Department, ReportingRound, YearlyAction


@dataclass(frozen=True)
class EndedDepartment:
    """A department that is there no more, with the rows of its year that others answer for."""

    department: Department
    heirs: list[Department]
    rows: list[YearlyAction]


def departments_that_ended(round: ReportingRound) -> list[EndedDepartment]:
    """By code. `round` has its rows, saved or about to be taken back."""
    asked: dict[Department, list[YearlyAction]] = {}
    for row in YearlyAction.objects.filter(round=round).with_place().with_departments().in_table_order():
        for department in row.former_departments:
            asked.setdefault(department, []).append(row)
    return [
        EndedDepartment(department, list(department.successors.order_by("code")), rows)
        for department, rows in sorted(asked.items(), key=lambda pair: pair[0].code)
    ]
