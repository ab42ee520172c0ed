"""Lists of rounds, yearly actions, reports and events: they are looked at, never written."""

import re

import pytest
from django.test import Client
from django.utils.timezone import localtime

from tests.public.markup import parse
from tests.staff.master.browsing import RECORDS, page, save
from tests.staff.people import logged_in, submit
from tests.workspace import Workspace
from tracker.choices import EventKind
from tracker.models import Event, PlanProject, Report, ReportingRound, User, YearlyAction
from tracker.templatetags.tracker_public import date_and_time


def test_records_cannot_be_written(administrator: Client, space: Workspace) -> None:
    for model in RECORDS:
        pk = model._default_manager.values_list("pk", flat=True)[0]
        assert administrator.get(page(model, "add")).status_code == 403
        assert administrator.post(page(model, "delete", pk), {"post": "yes"}).status_code == 403


def test_records_lead_to_their_own_pages(administrator: Client, space: Workspace) -> None:
    report = Report.objects.get()
    places = {
        page(ReportingRound, "change", space.round.pk): f"/staff/rounds/{space.round.pk}/",
        page(YearlyAction, "change", space.row().pk): f"/staff/actions/{space.row().pk}/",
        page(Report, "change", report.pk): "/2021/reports/2024-03-31/editions/1/",
    }
    for address, place in places.items():
        response = administrator.get(address)
        assert (response.status_code, response.headers["Location"]) == (302, place)


def test_lists_write_days_as_the_other_pages_do(administrator: Client, space: Workspace) -> None:
    submit(space.row(), space.cast.clerk)
    for model in (*RECORDS, User):
        rows = parse(administrator.get(page(model)).content.decode()).one("tbody").text
        assert "令和" in rows
        assert not re.search(r"20[0-9]{2}[年-]", rows), (model, rows)
    event = Event.objects.latest("number")
    shown = parse(administrator.get(page(Event, "change", event.pk)).content.decode())
    assert date_and_time(localtime(event.happened_at)) in shown.text
    assert "令和6年3月31日時点の公表版 第1版" in administrator.get(page(Event)).content.decode()


@pytest.mark.parametrize("key", ["abc", "0", "-1", "9" * 30, "9" * 5000, "%00", "²", "_5F"])
def test_a_record_that_is_not_there_is_404(administrator: Client, space: Workspace, key: str) -> None:
    clerk = logged_in(space.cast.clerk)
    for model in (ReportingRound, YearlyAction, Report):
        address = f"/staff/tracker/{model._meta.model_name}/{key}/change/"
        assert (administrator.get(address).status_code, clerk.get(address).status_code) == (404, 403)


def test_a_year_that_no_calendar_has_is_no_question(planner: Client) -> None:
    assert planner.get(page(Event), {"happened_at__year": "99999999999"}).status_code == 400


def test_events_are_searched_and_filtered(planner: Client, project: PlanProject) -> None:
    save(planner, page(PlanProject, "change", project.pk), name="探される名前")
    found = planner.get(page(Event), {"kind": "catalogue"}).context["cl"].result_list
    assert [event.kind for event in found] == [EventKind.CATALOGUE]
    assert planner.get(page(Event), {"q": "planner", "kind": "catalogue"}).context["cl"].result_count == 1
    assert planner.get(page(Event), {"q": "どこにもない"}).context["cl"].result_count == 0
    source = planner.get(page(Event)).content.decode()
    assert 'href="/2021/reports/2024-03-31/editions/1/"' in source
    assert "令和6年度の報告回" in source


def test_an_event_tells_of_a_person_what_their_page_would_tell(
    administrator: Client, planner: Client, space: Workspace
) -> None:
    clerk = space.cast.clerk
    save(administrator, page(User, "change", clerk.pk), email="hanako@example.jp", role="planning")
    event, own = Event.objects.latest("number"), page(User, "change", clerk.pk)
    shown, listed = page(Event, "change", event.pk), page(Event)
    for client, tells in ((administrator, True), (planner, False)):
        one, all_of_them = (client.get(address).content.decode() for address in (shown, listed))
        assert ("hanako@example.jp" in one, "&quot;planning&quot;" in one, own in one) == (tells,) * 3
        assert (own in all_of_them, "利用者 試験 clerk" in all_of_them) == (tells, True)
        assert ("管理者だけが見られます" in one) is not tells
    assert planner.get(own).status_code == 403


@pytest.mark.parametrize(
    "lookup", ["content__icontains", "content__changes__email__1__startswith", "content"]
)
def test_the_content_of_events_cannot_be_guessed_by_an_address(planner: Client, lookup: str) -> None:
    assert planner.get(page(Event), {lookup: "hanako"}).status_code == 400
