"""Lists of rounds, yearly actions and reports: they are looked at, never written."""

import re

import pytest
from django.test import Client

from tests.public.markup import parse
from tests.staff.master.browsing import RECORDS, page
from tests.staff.people import logged_in, submit
from tests.workspace import Workspace
from tracker.models import Report, ReportingRound, User, YearlyAction


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
    for model in (YearlyAction, ReportingRound, Report, User):
        rows = parse(administrator.get(page(model)).content.decode()).one("tbody").text
        assert "令和" in rows
        assert not re.search(r"20[0-9]{2}[年-]", rows), (model, rows)


@pytest.mark.parametrize("key", ["abc", "0", "-1", "9" * 30, "9" * 5000, "%00", "²", "_5F"])
def test_a_record_that_is_not_there_is_404(administrator: Client, space: Workspace, key: str) -> None:
    clerk = logged_in(space.cast.clerk)
    for model in (ReportingRound, YearlyAction, Report):
        address = f"/staff/tracker/{model._meta.model_name}/{key}/change/"
        assert (administrator.get(address).status_code, clerk.get(address).status_code) == (404, 403)
