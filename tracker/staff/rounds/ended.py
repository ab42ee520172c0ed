"""Departments that have ended and would still be asked: told before a round opens."""

from dataclasses import dataclass

from django.utils import timezone

from tracker.models import Assignment, Department, ReportingRound, YearlyAction
from tracker.words.fiscal_years import fiscal_year_of


@dataclass(frozen=True)
class EndedDepartment:
    """A department with duties in the round's year that is there no more, with the rows that it would get."""

    department: Department
    heirs: list[Department]
    places: list[tuple[int, str]]  # of its initiatives: id and place

    @property
    def count(self) -> int:
        return len(self.places)


def departments_that_ended(round: ReportingRound) -> list[EndedDepartment]:
    """By code. `round` has its rows, saved or about to be taken back."""
    rows = YearlyAction.objects.filter(round=round).with_place().in_table_order()
    places = {row.initiative_id: row.place for row in rows}
    now = max(round.fiscal_year, fiscal_year_of(timezone.localdate()))
    duties = Assignment.objects.in_year(round.fiscal_year).filter(
        initiative__in=list(places), department__last_fiscal_year__lt=now
    )
    asked: dict[Department, set[int]] = {}
    found = duties.select_related("department").prefetch_related("department__successions__successor")
    for duty in found.order_by("department__code"):
        asked.setdefault(duty.department, set()).add(duty.initiative_id)
    return [
        EndedDepartment(
            department,
            [each.successor for each in department.successions.all()],
            [(pk, place) for pk, place in places.items() if pk in own],
        )
        for department, own in asked.items()
    ]
