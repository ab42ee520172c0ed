"""Django's commands about people, and one's own password, leave their events."""

from io import StringIO

import pytest
from django.contrib.auth.management.commands import changepassword
from django.core.management import call_command

from tests.staff.people import logged_in
from tests.workspace import Workspace
from tracker.models import Event, User

PASSWORD = "ながいあいことば2024"

pytestmark = pytest.mark.django_db


def last() -> tuple[str, str, str]:
    event = Event.objects.latest("number")
    return event.actor, event.subject, event.content["act"]


def test_the_first_administrator_is_in_the_history(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", username="kanri", email="", interactive=False, verbosity=0)
    user = User.objects.get(username="kanri")
    assert last() == ("createsuperuser", f"user:{user.pk}", "追加")
    assert PASSWORD not in str(Event.objects.latest("number").content)


def test_a_password_set_by_the_command_is_in_the_history(monkeypatch: pytest.MonkeyPatch) -> None:
    user = User.objects.create(username="kanri")
    monkeypatch.setattr(changepassword.Command, "_get_pass", lambda *_asked, **_more: PASSWORD)
    call_command("changepassword", "kanri", stdout=StringIO())
    assert last() == ("changepassword", f"user:{user.pk}", "パスワードの設定")
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_ones_own_new_password_is_in_the_history_and_a_refused_one_is_not(space: Workspace) -> None:
    clerk = space.cast.clerk
    clerk.set_password(PASSWORD)
    clerk.save()
    count, client = Event.objects.count(), logged_in(clerk)
    new = {"new_password1": "べつのあいことば2025", "new_password2": "べつのあいことば2025"}
    assert client.post("/staff/password_change/", {"old_password": "ちがう", **new}).status_code != 302
    assert Event.objects.count() == count
    assert client.post("/staff/password_change/", {"old_password": PASSWORD, **new}).status_code == 302
    assert last() == (clerk.signature, f"user:{clerk.pk}", "パスワードの変更")
