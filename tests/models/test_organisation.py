"""Who answers: departments, duties, people."""

from itertools import product

import pytest

from tests.workspace import Workspace
from tracker.models import Assignment, Department, YearlyAction
from tracker.staff.desk.filter import departments_in

pytestmark = pytest.mark.django_db

ENDS = (None, 0, 2022, 2023, 2024)
TERMS = [(begin, end) for begin, end in product(ENDS, ENDS) if begin is None or end is None or begin <= end]


def test_python_and_the_database_agree_on_who_has_a_duty_in_a_year(space: Workspace) -> None:
    """A department for each way in which a duty can begin and end."""
    initiative = space.row().initiative
    Assignment.objects.all().delete()
    departments = Department.objects.bulk_create(
        Department(code=f"t{number:02}", name=f"{number}課") for number in range(len(TERMS))
    )
    duties = Assignment.objects.bulk_create(
        Assignment(
            initiative=initiative,
            department=department,
            position=position,
            from_fiscal_year=begin,
            to_fiscal_year=end,
        )
        for position, (department, (begin, end)) in enumerate(zip(departments, TERMS, strict=True))
    )
    for year in range(2021, 2026):
        covering = {duty.department_id for duty in duties if duty.covers(year)}
        assert set(Assignment.objects.in_year(year).values_list("department", flat=True)) == covering
        assert {code for code, _name in departments_in(year)} == {
            d.code for d in departments if d.pk in covering
        }
    this_year = {duty.department_id for duty in duties if duty.covers(space.round.fiscal_year)}
    answered = {
        d.pk for d in departments if YearlyAction.objects.answered_by([d.pk]).filter(pk=space.row().pk)
    }
    assert answered == this_year == {department.pk for department in space.row().departments}
