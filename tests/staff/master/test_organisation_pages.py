"""Pages of people: they are added, switched off and given passwords, and nobody shuts themselves out."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.public.markup import parse
from tests.staff.master.browsing import form_of, page, refused, save
from tests.staff.people import logged_in
from tests.workspace import Workspace
from tracker.choices import Role
from tracker.models import Department, Event, User
from tracker.staff.frame.site import site


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


def test_a_cookie_from_before_is_worth_nothing_after_switching_on_again(
    administrator: Client, space: Workspace
) -> None:
    clerk, colleague = logged_in(space.cast.clerk), logged_in(space.cast.colleague)
    for is_active in (False, True):
        address = page(User, "change", space.cast.clerk.pk)
        save(administrator, address, is_active="on" if is_active else None)
        assert User.objects.get(pk=space.cast.clerk.pk).is_active is is_active
    assert clerk.get("/staff/").status_code == 302
    assert colleague.get("/staff/").status_code == 200
    assert administrator.get("/staff/").status_code == 200


LATIN = "利用者名は、半角の英数字と @ . + - _ で書いてください。"
CASE = "大文字と小文字が違うだけの利用者名があります。"


@pytest.mark.parametrize(
    ("name", "words"), [("\u0441lerk", LATIN), ("田中", LATIN), ("Colleague", CASE), ("COLLEAGUE", CASE)]
)  # the first begins with a Cyrillic letter
def test_a_user_name_looks_like_no_other(
    administrator: Client, space: Workspace, name: str, words: str
) -> None:
    assert words in refused(administrator, page(User, "change", space.cast.clerk.pk), username=name)
    passwords = dict.fromkeys(("password1", "password2"), "ながいあいことば2024")
    added = administrator.post(
        page(User, "add"), form_of(administrator, page(User, "add")) | passwords | {"username": name}
    )
    assert (added.status_code, User.objects.filter(username=name).exists()) == (200, False)


def test_a_name_from_before_the_rule_stays(administrator: Client, space: Workspace) -> None:
    User.objects.filter(pk=space.cast.clerk.pk).update(username="田中")
    save(administrator, page(User, "change", space.cast.clerk.pk), email="tanaka@example.jp")
    save(administrator, page(User, "change", space.cast.clerk.pk), username="Tanaka")
    assert User.objects.get(pk=space.cast.clerk.pk).username == "Tanaka"


def test_a_person_may_be_added_without_a_password(administrator: Client, space: Workspace) -> None:
    """They set it themselves; half a password is a mistake."""
    new = {"username": "suzuki", "last_name": "鈴木", "role": "department", "password1": "", "password2": ""}
    half = new | {"password1": "ながいあいことば2024"}
    answer = administrator.post(page(User, "add"), form_of(administrator, page(User, "add")) | half)
    assert (answer.status_code, User.objects.filter(username="suzuki").exists()) == (200, False)
    save(administrator, page(User, "add"), **new)
    user = User.objects.get(username="suzuki")
    assert (user.has_usable_password(), user.has_password) == (False, False)
    person = parse(administrator.get(page(User, "change", user.pk)).content.decode())
    assert "/staff/people/?q=suzuki" in person.links


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


@pytest.mark.parametrize(
    ("password", "values", "words"),
    [
        ("ながいあいことば2024", {}, "ログインできる"),
        ("", {}, "使えない（パスワードが未設定）"),
        (None, {}, "使えない（パスワードが未設定）"),
        ("ながいあいことば2024", {"is_active": False}, "使えない（止めている）"),
        ("ながいあいことば2024", {"is_demo": True}, "使えない（見本の利用者）"),
    ],
)
def test_the_list_says_who_can_log_in(
    administrator: Client, space: Workspace, password: str | None, values: dict[str, bool], words: str
) -> None:
    clerk = space.cast.clerk
    if password != "":
        clerk.set_password(password)
    for name, value in values.items():
        setattr(clerk, name, value)
    clerk.save()
    rows = administrator.get(page(User)).context["cl"].result_list
    shown = next(each for each in rows if each.pk == clerk.pk)
    assert site.get_model_admin(User).standing(shown) == words  # type: ignore[attr-defined]


def test_every_fault_of_a_form_stands_in_one_list_in_plain_words(planner: Client, space: Workspace) -> None:
    mine = space.mine
    source = refused(planner, page(Department, "add"), code=mine.code, name=mine.name)
    told = [item.text for item in parse(source).one("div", "notice-error").all("li")]
    assert told == ["同じ名称の担当課があります。", "コード：同じ「コード」のものが、すでにあります。"]
