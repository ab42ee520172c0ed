"""A form that is sent twice does its work once: each of the staff site's, one after the other and at once."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.db import DatabaseError
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone

from tests.apart import empty_databases, run
from tests.conftest import a_third_at_once
from tests.staff.frame.sending import DEEDS, PLAIN_PAGE, Sending, mail, messages_on, save, stand, token_of
from tests.staff.test_permission_matrix import STAFF_ROUTES
from tests.workspace import Workspace
from tracker.models import Event, SentForm, YearlyAction
from tracker.staff.frame import once
from tracker.staff.frame.acts import act_of

# Addresses that take no form, or one that is no act of a person's who has come in.
WITHOUT_FORM = {
    "staff/actions/<int:pk>/version/", "staff/rows/",
    "staff/", "staff/actions/<int:pk>/sheets/", "staff/autocomplete/", "staff/jsi18n/", "staff/login/",
    "staff/logout/", "staff/password_change/done/", "staff/queue/", "staff/rounds/", "staff/rounds/<int:pk>/",
    "staff/rounds/site/", "staff/rounds/site.zip",
    "staff/pledges/", "staff/pledges/<int:pk>/", "staff/terms/<int:pk>/", "staff/terms/<int:pk>/table.xlsx",
    "staff/queue/list.xlsx", "staff/queue/approve/list.xlsx", "staff/rounds/<int:pk>/board.xlsx",
    "staff/rounds/<int:pk>/worsened/", "staff/rounds/<int:pk>/worsened.xlsx",
    "staff/rounds/<int:pk>/sheet.xlsx", "staff/sheets/<slug:key>/errors.xlsx",
    "staff/reports/<int:pk>/table/", "staff/reports/<int:pk>/table.pdf", "staff/reports/<int:pk>/table.xlsx",
    "staff/rounds/<int:pk>/decision/", "staff/rounds/<int:pk>/decision.pdf",
    "staff/rounds/<int:pk>/decision.xlsx", "staff/(?P<url>.*)$", "staff/^(?P<app_label>tracker)/$",
    "staff/reorganisations/<int:pk>/choices.xlsx", "staff/tables/<slug:key>/layout.json",
    "staff/people/list.xlsx", "staff/people/slips/<slug:batch>/", "staff/invitation/", "staff/forgotten/",
    "staff/r/<path:content_type_id>/<path:object_id>/", "staff/tracker/user/<path:object_id>/delete/",
    "staff/tracker/city/add/", "staff/tracker/city/<path:object_id>/delete/", "staff/setting-up/",
    "staff/condition/", "staff/login/provider/", "staff/login/provider/back/", "staff/login/proxy/",
    "staff/login/second/", "staff/second-factor/codes/",
}  # fmt: skip
OF_STEPS = {"add_step", "edit_step", "choose_heirs", "upload_heirs"}  # a document counts them itself
RECORDS = ("event", "yearlyaction", "reportinground", "report")


@pytest.fixture(autouse=True)
def _mail() -> Iterator[None]:
    with mail():
        yield


def takes_no_form(route: str) -> bool:
    parts = route.split("/")
    is_record = parts[1] == "tracker" and parts[2] in RECORDS
    is_read = parts[1] == "tracker" and parts[3:] in ([""], ["export", ""], ["<path:object_id>", ""])
    is_history = route.endswith("/history/") or "/preview/" in route
    return route in WITHOUT_FORM or is_record or is_read or is_history


def test_every_form_of_the_staff_site_is_among_them() -> None:
    known = {route for route, _make in DEEDS.values()}
    assert [route for route in STAFF_ROUTES if route not in known and not takes_no_form(route)] == []
    assert known - set(STAFF_ROUTES) == set()


@pytest.mark.parametrize("name", a_third_at_once(DEEDS))
def test_sent_again_it_is_answered_alike_and_done_once(space: Workspace, name: str) -> None:
    sending = DEEDS[name][1](space)
    assert act_of(urlsplit(sending.path).path, str(sending.fields.get("act", "")))  # it can be told by name
    client, token = sending.browser()
    before = stand()
    first = sending.send(client, token)
    after, told = stand(), messages_on(client, first.headers["Location"])
    second = sending.send(client, token)
    assert (first.status_code, second.status_code) == (302, 302)
    assert first.headers["Location"] == second.headers["Location"]
    assert (len(told), messages_on(client, PLAIN_PAGE)) == (int(sending.told), [])
    assert stand() == after
    if name not in {
        "choose",
        "let_go",
        "change_password",
        "unlock",
        "leave_out",
        "switch_keys_off",
        "choose_column",
    }:
        assert after != before or name in {"save", "confirm"} | OF_STEPS


@pytest.fixture(scope="module")
def at_once(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    with empty_databases(tmp_path_factory.mktemp("once"), "once") as (url,):
        return dict(run("tests.staff.frame.sending", url=url, state=tmp_path_factory.mktemp("state")))


@pytest.mark.long
@pytest.mark.both
@pytest.mark.parametrize("name", DEEDS)
def test_sent_twice_at_once_it_is_done_once(at_once: dict[str, Any], name: str) -> None:
    played = at_once[name]
    first, second = played["answers"]
    assert first == second
    assert first[0] == 302
    assert [len(told) for told in played["told"]] == [int(played["is told"]), 0]
    assert not any(told.startswith(("error", "warning")) for told in played["told"][0])
    grown = {kind: played["after"][kind] - count for kind, count in played["before"].items()}
    several_of = {
        "remove_second_factor": 10,
        "split_initiative": 2,
        "add_section": 2,
        "bring_table": 2,
        "choose_pledges": 4,
    }
    all_of_a_table = {"take_back": 99, "load_table": 99}
    most = (several_of | all_of_a_table).get(name, 1)  # parts of one thing, or what a table brings
    several = {"Event", "YearlyAction"}
    assert all(-most <= count <= most for kind, count in grown.items() if kind not in several)
    assert at_once["left"] == 0


def test_a_refused_form_may_be_sent_again(space: Workspace) -> None:
    sending = save(space)
    sending.fields["rating"] = "nonsense"
    client, token = sending.browser()
    assert [sending.send(client, token).status_code for _time in range(2)] == [422, 422]
    assert not SentForm.objects.exists()


def test_a_form_that_failed_may_be_sent_again(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    sending = save(space)
    client, token = sending.browser()
    client.raise_request_exception = False
    with monkeypatch.context() as patched:
        patched.setattr("tracker.cycle.workflow.save", lambda *args, **kwargs: 1 / 0)
        assert sending.send(client, token).status_code == 500
    assert sending.send(client, token).status_code == 302


def test_a_changed_word_is_another_form(space: Workspace) -> None:
    sending = save(space)
    client, token = sending.browser()
    sending.send(client, token)
    sending.fields["result"] = "・書き直しました。"
    assert sending.send(client, token).status_code == 409  # begun on an older version, and told so


def test_a_page_opened_again_is_another_form(space: Workspace) -> None:
    sending = Sending(space.cast.planner, f"/staff/rounds/{space.round.pk}/settings/", {"act": "close"})
    sending.fields["unfinished"] = len(space.rows())
    client, token = sending.browser()
    assert sending.send(client, token).status_code == 302
    assert sending.send(client, token_of(client)).status_code == 409


def test_another_person_or_browser_is_never_answered_so(space: Workspace) -> None:
    sending = save(space)
    client, token = sending.browser()
    assert sending.send(client, token).status_code == 302
    other, own = Sending(space.cast.colleague, sending.path, sending.fields).browser()
    assert sending.send(other, token).status_code == 403  # the token is another browser's
    again, _own = sending.browser()
    assert sending.send(again, token).status_code == 403
    unchecked = Client()
    unchecked.force_login(space.cast.colleague, backend="tracker.staff.frame.authentication.StaffBackend")
    del sending.fields["base"]
    sending.fields["result"] = "・別の人の文。"
    assert sending.send(unchecked, token).status_code == 409
    assert (own != token, YearlyAction.objects.get(pk=space.row().pk).saved_by) == (True, space.cast.clerk)


def begun(sending: Sending, client: Client, token: str, ago: timedelta) -> str:
    """The form as it stands while its work is being done: by whom, nobody knows."""
    sending.send(client, token)
    form = SentForm.objects.get()
    SentForm.objects.update(status=None, location="", begun_at=timezone.now() - ago)
    return form.key


def test_a_second_click_that_comes_after_its_session_was_renamed_is_answered_alike(space: Workspace) -> None:
    sending = DEEDS["change_password"][1](space)
    client, token = sending.browser()
    late = Client(enforce_csrf_checks=True)
    late.cookies = client.cookies.copy()  # type: ignore[assignment]
    first, second = sending.send(client, token), sending.send(late, token)
    assert (first.status_code, second.status_code) == (302, 302)
    assert first.headers["Location"] == second.headers["Location"]
    assert late.get("/staff/").status_code == 200


def test_who_has_the_words_of_a_form_but_not_its_session_is_given_nothing(space: Workspace) -> None:
    """The token's cookie can be made of the form's own token; the session's cannot."""
    sending = DEEDS["change_password"][1](space)
    client, token = sending.browser()
    thief = Client(enforce_csrf_checks=True)
    thief.cookies["staff_csrf"] = client.cookies["staff_csrf"].value
    first = sending.send(client, token)
    assert sending.send(client, token).headers["Location"] == first.headers["Location"]  # with the new name
    stolen = sending.send(thief, token)
    assert (stolen.status_code, "staff_session" in stolen.cookies) == (401, False)
    assert thief.get("/staff/").status_code == 302


def test_a_form_of_an_ended_session_is_no_second_click(space: Workspace) -> None:
    """Neither one that was accepted, nor one whose new session has ended since."""
    for name in ("save", "change_password"):
        sending = DEEDS[name][1](space)
        client, token = sending.browser()
        assert sending.send(client, token).status_code == 302
        Session.objects.all().delete()
        assert sending.send(client, token).status_code == 401


def test_while_the_first_is_at_work_the_second_is_told_to_wait(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(once, "WAITING_SECONDS", 0.3)
    sending = save(space)
    client, token = sending.browser()
    begun(sending, client, token, timedelta(seconds=5))
    start = time.monotonic()
    answer = sending.send(client, token)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert 0.3 <= time.monotonic() - start < 3
    assert "・書きました。" in answer.content.decode()
    assert "2 回行われることはありません" in answer.content.decode()
    assert SentForm.objects.get().status is None


def test_the_second_waits_for_the_first_ones_answer(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    sending = save(space)
    client, token = sending.browser()
    begun(sending, client, token, timedelta(seconds=5))

    def answered(_seconds: float) -> None:
        SentForm.objects.update(status=302, location="/staff/rounds/")

    monkeypatch.setattr(once.time, "sleep", answered)
    answer = sending.send(client, token)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/staff/rounds/")


def test_a_form_whose_server_was_killed_is_free_again_after_a_time(space: Workspace) -> None:
    sending = DEEDS["close"][1](space)
    client, token = sending.browser()
    begun(sending, client, token, once.ABANDONED + timedelta(seconds=1))
    assert sending.send(client, token).status_code == 409  # it was looked at anew: the round is closed
    assert not SentForm.objects.exists()


def test_a_form_whose_server_was_killed_after_the_work_is_not_done_again(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(once, "WAITING_SECONDS", 0)
    sending = DEEDS["close"][1](space)
    client, token = sending.browser()
    with monkeypatch.context() as killed:
        killed.setattr(once, "_settle", lambda *_given: None)  # the answer is lost
        assert sending.send(client, token).status_code == 302
    count = Event.objects.count()
    assert sending.send(client, token).status_code == 503  # it may still be at work
    SentForm.objects.update(begun_at=timezone.now() - once.ABANDONED - timedelta(seconds=1))
    assert sending.send(client, token).headers["Location"] == "/staff/"
    assert any(once.DONE_BEFORE in told for told in messages_on(client, "/staff/"))
    assert Event.objects.count() == count


def test_of_many_that_find_it_abandoned_one_takes_it_over(space: Workspace) -> None:
    now = timezone.now()
    SentForm.objects.create(key="k", begun_at=now - once.ABANDONED - timedelta(seconds=1))
    assert [once._claimed("k") for _time in range(3)] == [True, False, False]


def test_what_is_old_is_forgotten(space: Workspace) -> None:
    long_ago = timezone.now() - once.REMEMBERED - timedelta(seconds=1)
    SentForm.objects.bulk_create(SentForm(key=str(number), begun_at=long_ago) for number in range(3))
    sending = save(space)
    client, token = sending.browser()
    sending.send(client, token)
    assert SentForm.objects.count() == 1


def test_an_answer_that_cannot_be_kept_is_given_all_the_same(
    space: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    delete = QuerySet.delete

    def full(rows: Any) -> Any:
        if rows.model is SentForm:
            raise DatabaseError("disk full")
        return delete(rows)

    sending = save(space)
    sending.fields["rating"] = "nonsense"
    client, token = sending.browser()
    monkeypatch.setattr(once, "_claimed", lambda _key: True)
    monkeypatch.setattr(QuerySet, "delete", full)
    assert sending.send(client, token).status_code == 422
    assert "was not kept" in caplog.text


def test_autosave_is_left_alone(space: Workspace) -> None:
    sending = save(space)
    client, token = sending.browser()
    data = {**sending.fields, "csrfmiddlewaretoken": token}
    answers = [
        client.post(sending.path, data, headers={"Accept": "application/json"}).status_code for _ in "ab"
    ]
    assert (answers, SentForm.objects.count()) == ([200, 200], 0)
