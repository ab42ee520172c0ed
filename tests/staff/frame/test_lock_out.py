"""Who has to wait after failures, from where, for how long, and who can end it."""

from datetime import timedelta
from ipaddress import ip_network

import pytest
import time_machine
from axes.models import AccessAttempt
from django.db.models import QuerySet
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django.fixtures import Settings

from tests.public.markup import parse
from tests.staff.frame.test_login import PASSWORD, is_in, log_in, make
from tests.staff.people import logged_in
from tests.workspace import Workspace
from tracker.apps import check_proxies
from tracker.models import Event, User
from tracker.staff.frame import lock_out
from tracker.staff.frame.lock_out import MOST_NAMES, client_address, locks_of

pytestmark = pytest.mark.django_db
PROXY = "10.0.0.1"


def failed_logins() -> "QuerySet[AccessAttempt]":
    found: QuerySet[AccessAttempt] = AccessAttempt.objects.exclude(username__startswith=lock_out.PASSWORDS)
    return found


@pytest.fixture
def behind_proxies(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = [ip_network(PROXY), ip_network("192.168.0.0/24"), ip_network("fd00::/8")]


def asked(sender: str, *forwarded: str) -> str | None:
    header = {"X-Forwarded-For": ", ".join(forwarded)} if forwarded else {}
    return client_address(RequestFactory(headers=header, REMOTE_ADDR=sender).get("/"))


@pytest.mark.parametrize(
    ("sender", "forwarded", "address"),
    [
        (PROXY, ["203.0.113.7"], "203.0.113.7"),
        (PROXY, ["198.51.100.1", "203.0.113.7"], "203.0.113.7"),  # what comes before it is the client's word
        (PROXY, ["203.0.113.7", "192.168.0.9"], "203.0.113.7"),  # two proxies
        (PROXY, [PROXY], PROXY),
        (PROXY, [], PROXY),
        (PROXY, ["unknown"], PROXY),
        (PROXY, ["203.0.113.7", "nonsense"], PROXY),
        (f"::ffff:{PROXY}", ["203.0.113.7"], "203.0.113.7"),
        ("fd00::1", ["2001:db8:1:2:3:4:5:6"], "2001:db8:1:2::"),
        ("203.0.113.9", ["203.0.113.7"], "203.0.113.9"),  # no proxy of ours
        ("", ["203.0.113.7"], None),
    ],
)
@pytest.mark.usefixtures("behind_proxies")
def test_only_trusted_proxies_say_where_a_client_is(
    sender: str, forwarded: list[str], address: str | None
) -> None:
    assert asked(sender, *forwarded) == address


def test_without_the_setting_the_header_is_anybodys_writing() -> None:
    assert asked(PROXY, "203.0.113.7") == PROXY
    assert asked("127.0.0.1", "203.0.113.7") == "127.0.0.1"


def through_the_proxy(client_at: str, username: str, password: str) -> HttpResponse:
    client = Client(headers={"X-Forwarded-For": client_at}, REMOTE_ADDR=PROXY)
    answer: HttpResponse = client.post("/staff/login/", {"username": username, "password": password})
    return answer


@pytest.mark.usefixtures("behind_proxies")
def test_behind_a_proxy_nobody_locks_out_a_colleague(settings: Settings) -> None:
    make()
    for _ in range(settings.AXES_FAILURE_LIMIT):
        failed = through_the_proxy("203.0.113.7", "tanaka", "x")
    assert failed.status_code == 429
    assert through_the_proxy("203.0.113.7", "tanaka", PASSWORD).status_code == 429
    assert through_the_proxy("203.0.113.8", "tanaka", PASSWORD).status_code == 302


def test_going_on_does_not_lock_out_for_longer(settings: Settings) -> None:
    make()
    begun = timezone.now()
    with time_machine.travel(begun, tick=False) as clock:
        for _ in range(settings.AXES_FAILURE_LIMIT):
            log_in(Client(), password="x")
        for minute in (5, 10, 14.9):
            clock.move_to(begun + timedelta(minutes=minute))
            assert log_in(Client(), password="x").status_code == 429
        clock.move_to(begun + settings.AXES_COOLOFF_TIME + timedelta(seconds=1))
        assert log_in(Client()).status_code == 302


def test_an_address_that_tries_many_names_may_try_once_a_minute() -> None:
    make()
    begun = timezone.now()
    with time_machine.travel(begun, tick=False) as clock:
        tried = [log_in(Client(), f"name{number}", "x").status_code for number in range(MOST_NAMES + 3)]
        assert tried == [200] * MOST_NAMES + [429] * 3
        held = log_in(Client())
        assert (held.status_code, "1 分たってから" in held.content.decode()) == (429, True)
        assert "いろいろな利用者名で" in held.content.decode()
        assert log_in(Client(), address="192.0.2.2").status_code == 302  # who is elsewhere does not wait
        clock.move_to(begun + lock_out.PAUSE + timedelta(seconds=1))
        tried = [log_in(Client(), f"other{number}", "x").status_code for number in range(3)]
        assert tried == [200, 429, 429]
        clock.move_to(begun + 3 * lock_out.PAUSE)
        assert log_in(Client()).status_code == 302
    assert failed_logins().values("username").distinct().count() == MOST_NAMES + 1


def test_who_is_let_in_after_all_does_not_count() -> None:
    """A city hall may be one address, and in April everybody has forgotten their password."""
    for number in range(MOST_NAMES + 3):
        make(f"name{number}")
        assert log_in(Client(), f"name{number}", "x").status_code == 200
        assert log_in(Client(), f"name{number}").status_code == 302


def test_the_words_of_a_form_are_not_noted_with_a_failure() -> None:
    make()
    log_in(Client(), password="geheim", kept="SIGNED-WORDS", next="/staff/queue/")
    [attempt] = failed_logins()
    assert "next=/staff/queue/" in attempt.post_data
    assert not any(word in attempt.post_data for word in ("geheim", "SIGNED-WORDS"))


def test_a_proxy_that_is_not_named_is_told_before_the_start(settings: Settings) -> None:
    settings.HTTPS = True
    assert [each.id for each in check_proxies()] == ["tracker.W002"]
    settings.TRUSTED_PROXIES = [ip_network(PROXY)]
    assert check_proxies() == []
    settings.HTTPS, settings.TRUSTED_PROXIES = False, []
    assert check_proxies() == []


# --- unlocking ---


def locked(space: Workspace, settings: Settings) -> str:
    """The page on which an administrator unlocks the clerk."""
    for _ in range(settings.AXES_FAILURE_LIMIT):
        log_in(Client(), "clerk", "x", address="192.0.2.1")
    assert [address for address, _until in locks_of("clerk")] == ["192.0.2.1"]
    return f"/staff/tracker/user/{space.cast.clerk.pk}/unlock/"


def test_an_administrator_unlocks_a_name_with_one_event(space: Workspace, settings: Settings) -> None:
    address, before = locked(space, settings), Event.objects.count()
    administrator = logged_in(space.cast.administrator)
    person = parse(administrator.get(address.removesuffix("unlock/") + "change/").content.decode())
    assert address in person.links
    shown = parse(administrator.get(address).content.decode())
    assert "192.0.2.1（令和" in shown.text
    for _click in range(2):
        answer = administrator.post(address, follow=True)
        assert "試験 clerk さんは、すぐにログインできます。" in answer.content.decode()
    event = Event.objects.latest("number")
    assert (Event.objects.count(), event.subject) == (before + 1, f"user:{space.cast.clerk.pk}")
    assert event.content["act"] == "ログインの停止の解除"
    assert locks_of("clerk") == []
    assert log_in(Client(), "clerk", "x", address="192.0.2.1").status_code == 200
    assert "止まっていません" in administrator.get(address).content.decode()
    for nobody in ("0", "x", "9" * 30):
        assert administrator.get(f"/staff/tracker/user/{nobody}/unlock/").status_code == 404


def test_the_list_of_people_says_who_is_locked_out(space: Workspace, settings: Settings) -> None:
    for person in User.objects.all():
        person.set_password("ながいあいことば2024")
        person.save()
    address = locked(space, settings)
    administrator = logged_in(User.objects.get(username="administrator"))

    def standings() -> dict[str, str]:
        source = administrator.get("/staff/tracker/user/").content.decode()
        rows = parse(source).one("tbody").all("tr")
        return {row.one("th").text: row.one("td", "field-standing").text for row in rows}

    told = standings()
    assert told.pop("clerk") == "使えない（パスワードの間違いが続き、一時止めている）"
    assert set(told.values()) == {"ログインできる"}
    administrator.post(address)
    assert standings()["clerk"] == "ログインできる"


@pytest.mark.parametrize("name", ["planner", "clerk"])
def test_nobody_else_unlocks(space: Workspace, settings: Settings, name: str) -> None:
    address = locked(space, settings)
    client = logged_in(getattr(space.cast, name))
    assert [client.get(address).status_code, client.post(address).status_code] == [403, 403]
    assert len(locks_of("clerk")) == 1


def test_a_few_failures_lock_nobody(space: Workspace, settings: Settings) -> None:
    for _ in range(settings.AXES_FAILURE_LIMIT - 1):
        log_in(Client(), "clerk", "x")
    assert locks_of("clerk") == []


def test_a_typed_name_counts_as_nothing_but_a_login(settings: Settings) -> None:
    """Else a stranger locks anybody's second factor, or invitation, without a password."""
    user = make()
    for kind in (lock_out.CODES, lock_out.NUMBERS, lock_out.ASKED):
        answers = [log_in(Client(), f"{kind}tanaka", "x") for _ in range(settings.AXES_FAILURE_LIMIT)]
        assert answers[-1].status_code == 429  # it is counted, as any other name
    assert locks_of(user.username) == []
    here = RequestFactory().get("/")
    assert not any(lock_out.must_wait(here, kind, "tanaka") for kind in (lock_out.NUMBERS, lock_out.ASKED))
    assert lock_out.may_try_code(here, "tanaka")
    assert failed_logins().filter(username__contains=":").count() == 1


def test_of_many_at_once_no_more_are_looked_at(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each finds the name not locked yet, for none of the others has been counted as failed."""
    make()
    monkeypatch.setattr(lock_out.LockOut, "is_locked", lambda *_request: False)
    for _ in range(settings.AXES_FAILURE_LIMIT):
        log_in(Client(), password="x")
    right = Client()
    assert (log_in(right).status_code, is_in(right)) == (429, False)
    elsewhere = Client()
    assert (log_in(elsewhere, address="192.0.2.2").status_code, is_in(elsewhere)) == (302, True)


def test_a_right_password_lets_go_of_the_wrong_ones(settings: Settings) -> None:
    make()
    for _ in range(3):
        for _ in range(settings.AXES_FAILURE_LIMIT - 1):
            log_in(Client(), password="x")
        assert log_in(Client()).status_code == 302
    assert not AccessAttempt.objects.exists()


def test_wrong_present_passwords_are_counted_where_somebody_changes_theirs(settings: Settings) -> None:
    """Else whoever sits at a screen that was left may guess for ten hours."""
    user, client, address = make(), Client(), "/staff/password_change/"
    log_in(client)
    new = {"new_password1": "べつのあいことば2025", "new_password2": "べつのあいことば2025"}
    right = new | {"old_password": PASSWORD}
    for _ in range(settings.AXES_FAILURE_LIMIT + 1):  # what is wrong with the new one is no guess
        assert client.post(address, right | {"new_password2": "x"}).status_code == 200
    for _ in range(settings.AXES_FAILURE_LIMIT):
        assert client.post(address, new | {"old_password": "x"}).status_code == 200
    held = client.post(address, right)
    assert (held.status_code, "15 分たってから" in held.content.decode()) == (429, True)
    assert log_in(Client()).status_code == 429
    assert locks_of(user.username)
    lock_out.unlock(user.username)
    assert client.post(address, right).status_code == 302
    assert locks_of(user.username) == []
