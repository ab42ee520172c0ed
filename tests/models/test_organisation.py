"""Who answers: the rules of its tables, who has a duty in a year, and what people and duties are called."""

from itertools import product

import pytest
from django.core.management import CommandError, call_command

from tests.models.breaking import Broken, Make, assert_allowed, assert_broken, constraints_of
from tests.workspace import Workspace
from tracker.choices import Role
from tracker.models import (
    Assignment,
    Department,
    DepartmentSuccession,
    FormerName,
    Membership,
    User,
    YearlyAction,
)
from tracker.models.organisation import holds_in
from tracker.reports.entries import department_of
from tracker.reports.material import DutyRow, WorkspaceRows
from tracker.staff.desk.filter import departments_in

pytestmark = pytest.mark.django_db


def succession(space: Workspace) -> DepartmentSuccession:
    """A succession that is not there yet."""
    return DepartmentSuccession(predecessor=space.mine, successor=space.theirs, fiscal_year=2024)


def second_succession(space: Workspace) -> DepartmentSuccession:
    succession(space).save()
    return succession(space)


def duty(space: Workspace, department: Department, position: int, *years: int | None) -> Assignment:
    """A further duty for the first initiative, which is `mine`'s; `years` are its first and its last."""
    begin, end = (*years, None, None)[:2]
    return Assignment(
        initiative=space.row().initiative,
        department=department,
        position=position,
        from_fiscal_year=begin,
        to_fiscal_year=end,
    )


def second_duty_from_a_year(space: Workspace) -> Assignment:
    duty(space, space.theirs, 2, 2023).save()
    return duty(space, space.theirs, 3, 2023)


def same_place_from_a_year(space: Workspace) -> Assignment:
    duty(space, space.theirs, 2, 2023).save()
    return duty(space, space.mine, 2, 2023)


def second_contact(space: Workspace) -> Department:
    Department.objects.filter(pk=space.mine.pk).update(is_contact=True)
    return Department(code="009", name="広報課", is_contact=True)


def second_former_name(space: Workspace) -> FormerName:
    FormerName.objects.create(department=space.mine, name="道路課", last_fiscal_year=2022)
    return FormerName(department=space.mine, name="土木部", last_fiscal_year=2022)


BROKEN: Broken = {
    "living_department_name_once": (
        lambda s: Department(code="009", name="土木課"),
        "同じ名称の担当課があります。",
    ),
    "department_ends_after_start": (
        lambda s: Department(code="009", name="x課", first_fiscal_year=2021, last_fiscal_year=2020),
        "最後の年度が、設置年度より前です。",
    ),
    "succession_once": (second_succession, "同じ引継ぎがあります。"),
    "succession_to_another": (
        lambda s: DepartmentSuccession(predecessor=s.mine, successor=s.mine, fiscal_year=2025),
        "引継ぎ先が同じ課です。",
    ),
    "one_contact": (second_contact, "問い合わせ先の課が、ほかにあります。"),
    "former_name_once_a_year": (second_former_name, "この年度までの名称は、すでにあります。"),
    "assignment_once": (second_duty_from_a_year, "同じ担当が登録されています。"),
    "assignment_without_start_once": (lambda s: duty(s, s.mine, 2), "同じ担当が登録されています。"),
    "assignment_position_once": (same_place_from_a_year, "同じ順序の担当があります。"),
    "assignment_position_without_start_once": (lambda s: duty(s, s.theirs, 1), "同じ順序の担当があります。"),
    "assignment_ends_after_start": (
        lambda s: duty(s, s.theirs, 2, 2023, 2022),
        "最終年度が、開始年度より前です。",
    ),
    "user_role_known": (lambda s: User(username="x", password="x", role="mayor"), "その役割はありません。"),
    "membership_once": (lambda s: Membership(user=s.cast.clerk, department=s.mine), "すでに所属しています。"),
}
ALLOWED: dict[str, Make] = {
    "the name of a department that has ended": lambda s: Department(
        code="009", name="土木課", last_fiscal_year=2020
    ),
    "a duty of one year": lambda s: duty(s, s.theirs, 2, 2023, 2023),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_is_refused(space: Workspace, name: str) -> None:
    make, message = BROKEN[name]
    assert_broken(make(space), message)


def test_every_rule_is_tested() -> None:
    assert set(BROKEN) == constraints_of("organisation")


@pytest.mark.parametrize("name", ALLOWED)
def test_what_is_allowed_is_saved(space: Workspace, name: str) -> None:
    assert_allowed(ALLOWED[name](space))


# --- who has a duty in a year

ENDS = (None, 0, 2022, 2023, 2024)
TERMS = [(begin, end) for begin, end in product(ENDS, ENDS) if begin is None or end is None or begin <= end]


@pytest.mark.parametrize(
    ("years", "year", "expected"),
    [
        ((None, None), 2023, True),
        ((2024, None), 2023, False),
        ((None, 2022), 2023, False),
        ((2022, 2023), 2023, True),
        ((2023, 2023), 2024, False),
    ],
)
def test_a_duty_covers_its_years(years: tuple[int | None, int | None], year: int, expected: bool) -> None:
    assert Assignment(from_fiscal_year=years[0], to_fiscal_year=years[1]).covers(year) is expected


def test_python_and_the_database_agree_on_who_has_a_duty_in_a_year(space: Workspace) -> None:
    """A department for each way in which a duty can begin and end."""
    Assignment.objects.all().delete()
    departments = Department.objects.bulk_create(
        Department(code=f"t{number:02}", name=f"{number}課") for number in range(len(TERMS))
    )
    duties = Assignment.objects.bulk_create(
        duty(space, department, position, *years)
        for position, (department, years) in enumerate(zip(departments, TERMS, strict=True))
    )
    for year in range(2021, 2026):
        covering = {each.department_id for each in duties if each.covers(year)}
        codes = {department.code for department in departments if department.pk in covering}
        assert set(Assignment.objects.filter(holds_in(year)).values_list("department", flat=True)) == covering
        assert {code for code, _name in departments_in(year)} == codes
        reported = [department_of(DutyRow(0, "", "", *years), year)["when"] for years in TERMS]
        assert [when == "current" for when in reported] == [each.covers(year) for each in duties]
    this_year = {each.department_id for each in duties if each.covers(space.round.fiscal_year)}
    row = YearlyAction.objects.filter(pk=space.row().pk)
    answering = {each.pk for each in departments if row.answered_by([each.pk]).exists()}
    assert answering == this_year == {department.pk for department in space.row().departments}


# --- names


def test_rows_name_themselves(space: Workspace) -> None:
    member = Membership.objects.get(user=space.cast.clerk)
    rows = [
        space.mine,
        succession(space),
        duty(space, space.mine, 1),
        duty(space, space.mine, 1, 2023, 2024),
        member,
    ]
    assert [str(row) for row in rows] == [
        "土木課", "土木課 → 農政課", "土木課 ～", "土木課 2023～2024", "試験 clerk 土木課",
    ]  # fmt: skip
    assert str(User(username="x", last_name="企画", first_name="花子")) == "企画 花子"
    assert str(User(username="hanako")) == "hanako"


def test_a_role_is_the_departments_unless_said() -> None:
    assert User(username="x").role == Role.DEPARTMENT


def test_the_first_administrators_name_obeys_the_rule_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "ながいあいことば2024")
    for name in ("ａｄｍｉｎ管理", "kanri", "KANRI"):
        if name == "kanri":
            call_command("createsuperuser", username=name, email="", interactive=False, verbosity=0)
        else:
            with pytest.raises(CommandError, match="利用者名"):
                call_command("createsuperuser", username=name, email="", interactive=False)
    assert User.objects.get(username__iexact="kanri").role == Role.ADMINISTRATOR
    assert not User.objects.filter(username__contains="管理").exists()


# --- names over time


@pytest.mark.parametrize(
    ("year", "name"),
    [(2020, "道路課"), (2021, "道路課"), (2022, "土木管理課"), (2023, "土木管理課"), (2024, "土木課")],
)
def test_a_department_is_called_by_the_name_of_the_year(space: Workspace, year: int, name: str) -> None:
    for former, last in (("土木管理課", 2023), ("道路課", 2021)):
        FormerName.objects.create(department=space.mine, name=former, last_fiscal_year=last)
    assert space.mine.name_in(year) == name
    space.round.fiscal_year = year
    duties = WorkspaceRows(space.round).duties[space.row().initiative.pk]
    assert [duty.name for duty in duties] == [name]
