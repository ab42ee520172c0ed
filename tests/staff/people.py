"""The fixed cast of the staff tests: one person per role and case, and the round they work in."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.test import Client
from django.utils import timezone

from tracker.choices import Role
from tracker.cycle import rounds, workflow
from tracker.models import Department, Manifesto, Membership, ReportingRound, User, YearlyAction


def person(username: str, role: Role, *departments: Department, **values: object) -> User:
    """A user of a role, in departments. Cannot log in with a password; tests use `force_login`."""
    user = User.objects.create(username=username, role=role, last_name="試験", first_name=username, **values)
    Membership.objects.bulk_create(Membership(user=user, department=department) for department in departments)
    return user


@dataclass(frozen=True)
class Cast:
    """`clerk` and `colleague` share a department, `other` has another, `both` has both, `stranger` none."""

    clerk: User
    colleague: User
    other: User
    both: User
    stranger: User
    planner: User
    second_planner: User
    administrator: User


def make_cast(mine: Department, theirs: Department) -> Cast:
    return Cast(
        clerk=person("clerk", Role.DEPARTMENT, mine),
        colleague=person("colleague", Role.DEPARTMENT, mine),
        other=person("other", Role.DEPARTMENT, theirs),
        both=person("both", Role.DEPARTMENT, mine, theirs),
        stranger=person("stranger", Role.DEPARTMENT),
        planner=person("planner", Role.PLANNING),
        second_planner=person("second_planner", Role.PLANNING),
        administrator=person("administrator", Role.ADMINISTRATOR),
    )


def open_round(
    manifesto: Manifesto, by: User, fiscal_year: int = 2024, due_in_days: int = 30
) -> ReportingRound:
    """The round of the year after the demo's, due some days from now."""
    due_on = timezone.localdate() + timedelta(days=due_in_days)
    return rounds.open_round(
        manifesto, fiscal_year=fiscal_year, due_on=due_on, as_of=date(fiscal_year + 1, 3, 31), by=by
    )


def complete(action: YearlyAction, **values: object) -> workflow.Content:
    """A complete draft: the reference's rating unless told otherwise."""
    wanted = {
        "result": "・会議を開き、計画をまとめました。",
        "plan": "・工事を始めます。",
        "rating_id": action.reference_rating_id,
        "is_unrated": action.reference_rating_id is None,
        **values,
    }
    return workflow.Content(**wanted)  # type: ignore[arg-type]


def fill(action: YearlyAction, by: User, **values: object) -> YearlyAction:
    """Writes a complete draft."""
    return workflow.save(action.pk, by=by, version=action.version, content=complete(action, **values))


def submit(action: YearlyAction, by: User, **values: object) -> YearlyAction:
    """Writes a complete draft and submits it."""
    saved = fill(action, by, **values)
    return workflow.submit(saved.pk, by=by, version=saved.version)


def logged_in(user: User) -> Client:
    """A browser without JavaScript in which the user is logged in."""
    client = Client(enforce_csrf_checks=False)
    client.force_login(user, backend="tracker.staff.frame.authentication.StaffBackend")
    return client
