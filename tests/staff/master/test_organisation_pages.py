"""Pages of people: they are added, switched off and given passwords, and nobody shuts themselves out."""

from django.test import Client
from django.urls import reverse

from tests.staff.master.browsing import form_of, page, refused, save
from tests.staff.people import logged_in
from tests.workspace import Workspace
from tracker.choices import Role
from tracker.models import Event, User


def test_a_person_is_added_with_a_department(administrator: Client, space: Workspace) -> None:
    new = {
        "username": "suzuki",
        "last_name": "鈴木",
        "first_name": "一郎",
        "role": "planning",
        "password1": "ながいあいことば2024",
        "password2": "ながいあいことば2024",
        "memberships-0-department": space.mine.pk,
    }
    save(administrator, page(User, "add"), **new)
    user = User.objects.get(username="suzuki")
    told = (str(user), user.role, user.is_superuser, user.is_staff)
    assert told == ("鈴木 一郎", Role.PLANNING, False, False)
    assert user.check_password("ながいあいことば2024")
    assert [each.department for each in user.memberships.all()] == [space.mine]
    content = str(Event.objects.latest("number").content)
    assert "suzuki" in content
    assert user.password not in content


def test_a_password_is_set_with_an_event_that_does_not_tell_it(
    administrator: Client, space: Workspace
) -> None:
    clerk = space.cast.clerk
    address = reverse("admin:auth_user_password_change", args=[clerk.pk])
    assert administrator.post(address, {"password1": "short", "password2": "short"}).status_code == 200
    sent = {"password1": "ながいあいことば2024", "password2": "ながいあいことば2024"}
    assert administrator.post(address, sent).status_code == 302
    assert User.objects.get(pk=clerk.pk).check_password(sent["password1"])
    event = Event.objects.latest("number")
    assert (event.subject, event.content) == (
        f"user:{clerk.pk}",
        {"act": "パスワードの設定", "model": "利用者", "name": str(clerk), "changes": {}},
    )
    assert logged_in(space.cast.planner).post(address, sent).status_code == 403


def test_people_are_switched_off_not_deleted(administrator: Client, space: Workspace) -> None:
    clerk = space.cast.clerk
    assert administrator.post(page(User, "delete", clerk.pk), {"post": "yes"}).status_code == 403
    theirs = logged_in(clerk)
    assert theirs.get("/staff/").status_code == 200
    save(administrator, page(User, "change", clerk.pk), is_active=None)
    assert not User.objects.get(pk=clerk.pk).is_active
    assert theirs.get("/staff/").status_code == 302


def test_nobody_shuts_themselves_out(administrator: Client, space: Workspace) -> None:
    own = page(User, "change", space.cast.administrator.pk)
    assert "自分の役割と「有効」は変えられません" in refused(administrator, own, is_active=None)
    assert "自分の役割と「有効」は変えられません" in refused(administrator, own, role="planning")
    save(administrator, own, email="a@example.jp")
    user = User.objects.get(pk=space.cast.administrator.pk)
    assert (user.is_active, user.role, user.email) == (True, Role.ADMINISTRATOR, "a@example.jp")


def test_djangos_own_rights_are_not_offered(administrator: Client, space: Workspace) -> None:
    address = page(User, "change", space.cast.clerk.pk)
    not_offered = {"is_superuser", "is_staff", "groups", "user_permissions", "password", "is_demo"}
    assert not not_offered & set(form_of(administrator, address))
    save(administrator, address, is_superuser="on", is_staff="on", is_demo="on")
    clerk = User.objects.get(pk=space.cast.clerk.pk)
    assert (clerk.is_superuser, clerk.is_staff, clerk.is_demo) == (False, False, False)
