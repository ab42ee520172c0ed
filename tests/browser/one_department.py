"""Departments of 14 rows each in an open round, for plays of a clerk's way: `python -m
tests.browser.one_department`. A process of its own, on the site's database.
"""

import django

from tests.browser.the_rest import PASSWORD

ROWS = 14
DEPARTMENTS = 4  # clerk1 and colleague1 work in the first


def departments_of_fourteen() -> None:
    """Each department answers for initiatives that the last report has; two people work in it."""
    from tests.staff.people import open_round, person
    from tracker.choices import Role
    from tracker.models import Assignment, Department, Initiative, Manifesto

    manifesto = Manifesto.objects.get()
    people = [person("planner", Role.PLANNING)]
    initiatives = list(Initiative.objects.of(manifesto).in_table_order()[: ROWS * DEPARTMENTS])
    Assignment.objects.filter(initiative__in=initiatives).delete()
    for number in range(1, DEPARTMENTS + 1):
        department = Department.objects.create(code=f"9{number}", name=f"試験{number}課")
        own = initiatives[(number - 1) * ROWS : number * ROWS]
        Assignment.objects.bulk_create(Assignment(initiative=each, department=department) for each in own)
        people += [person(f"{name}{number}", Role.DEPARTMENT, department) for name in ("clerk", "colleague")]
    for user in people:
        user.set_password(PASSWORD)
        user.save()
    open_round(manifesto, people[0])


if __name__ == "__main__":
    django.setup()
    departments_of_fourteen()
