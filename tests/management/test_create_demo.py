"""The demo: accounts for every role, and a round in which something has happened. Nowhere else."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from tests.staff.people import person
from tracker.choices import ActionState, Role
from tracker.management.commands.create_demo import ACCOUNTS
from tracker.models import Membership, Report, ReportingRound, User, YearlyAction
from tracker.models.reporting import UNCHANGED_RATING


@pytest.fixture(autouse=True)
def _demo(demo: Report, db: None, settings: Settings, tmp_path: Path) -> None:
    settings.DEMO = True
    settings.STATE_DIR = tmp_path


def run() -> str:
    out = io.StringIO()
    call_command("create_demo", stdout=out)
    return out.getvalue()


def printed(text: str) -> dict[str, str]:
    """User name to password, as the table says."""
    rows = [line.split() for line in text.splitlines()]
    return {row[0]: row[1] for row in rows if row and row[0] in {account.username for account in ACCOUNTS}}


def test_it_refuses_outside_the_demo(settings: Settings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO=true のときだけ"):
        run()
    assert (User.objects.count(), list(Path(settings.STATE_DIR).iterdir())) == (0, [])


def test_every_account_logs_in_with_what_is_printed() -> None:
    passwords = printed(run())
    assert len(passwords) == len(set(passwords.values())) == len(ACCOUNTS) == 8
    for username, password in passwords.items():
        answer = Client().post("/staff/login/", {"username": username, "password": password})
        assert (username, answer.status_code) == (username, 302)
    assert User.objects.filter(is_demo=True, is_superuser=False).count() == 8


def test_there_is_somebody_for_every_case() -> None:
    run()
    roles = list(User.objects.values_list("role", flat=True))
    assert [roles.count(role) for role in (Role.PLANNING, Role.ADMINISTRATOR, Role.DEPARTMENT)] == [2, 1, 5]
    of = {user.username: frozenset(user.departments.all()) for user in User.objects.all()}
    assert of["tanto1"] == of["tanto2"] != of["tanto3"] != of["tanto4"]
    assert of["kenmu"] == of["tanto3"] | of["tanto4"]
    round = ReportingRound.objects.get(fiscal_year=2024)
    for departments in of.values():
        for department in departments:
            assert YearlyAction.objects.filter(round=round).answered_by([department.pk]).count() >= 8


def test_something_has_happened_in_the_round() -> None:
    run()
    rows = YearlyAction.objects.filter(round__fiscal_year=2024)
    counts = {state: rows.filter(state=state).count() for state in ActionState}
    assert counts == {
        ActionState.NOT_STARTED: 192,
        ActionState.DRAFT: 3,
        ActionState.IN_SECTION: 0,
        ActionState.SUBMITTED: 7,
        ActionState.RETURNED: 2,
        ActionState.APPROVED: 3,
    }
    assert rows.submitted().exclude(UNCHANGED_RATING).count() == 3


def test_it_changes_nothing_the_second_time() -> None:
    first = run()
    before = [
        list(model.objects.order_by("pk").values())
        for model in (User, Membership, YearlyAction, ReportingRound)
    ]
    assert run() == first
    assert [
        list(model.objects.order_by("pk").values())
        for model in (User, Membership, YearlyAction, ReportingRound)
    ] == before


def test_the_passwords_are_kept_for_the_owner_only(settings: Settings) -> None:
    passwords = printed(run())
    [kept] = Path(settings.STATE_DIR).iterdir()
    assert (kept.name, kept.stat().st_mode & 0o777) == ("demo_accounts.txt", 0o600)
    assert printed(kept.read_text()) == passwords


def test_lost_passwords_are_made_anew(settings: Settings) -> None:
    first = printed(run())
    (Path(settings.STATE_DIR) / "demo_accounts.txt").unlink()
    second = printed(run())
    assert not set(first.values()) & set(second.values())
    assert all(User.objects.get(username=name).check_password(password) for name, password in second.items())


def test_a_changed_password_is_not_claimed_to_be_known() -> None:
    run()
    user = User.objects.get(username="tanto1")
    user.set_password("something else 1")
    user.save()
    assert printed(run())["tanto1"] == "（変更済み）"
    assert User.objects.get(username="tanto1").check_password("something else 1")


def test_it_never_touches_a_database_with_people_in_it(settings: Settings) -> None:
    person("somebody", Role.ADMINISTRATOR)
    assert run() == "利用者がすでに登録されているので、見本の利用者は作りません。\n"
    assert (User.objects.count(), ReportingRound.objects.filter(fiscal_year=2024).exists()) == (1, False)
    assert list(Path(settings.STATE_DIR).iterdir()) == []


def test_its_accounts_work_in_the_demo_only(settings: Settings) -> None:
    passwords = printed(run())
    settings.DEMO = False
    answer = Client().post("/staff/login/", {"username": "kikaku1", "password": passwords["kikaku1"]})
    assert answer.status_code == 200
