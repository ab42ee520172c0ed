"""A table that was imported without being published: the planning office publishes it in the browser."""

from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse

from tests.conftest import FIXTURE
from tests.repeating import once
from tests.staff.people import Cast, logged_in, make_cast, open_round
from tracker.choices import RoundState
from tracker.cycle.rounds import RoundProblem
from tracker.models import Department, Report, ReportingRound
from tracker.reports import publishing

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> Cast:
    return once(_import)


def _import() -> Cast:
    call_command("import_report", FIXTURE, verbosity=0)
    return make_cast(*Department.objects.order_by("code")[:2])


@pytest.fixture
def newest(cast: Cast) -> ReportingRound:
    return ReportingRound.objects.latest("fiscal_year")


def test_no_screen_says_that_it_is_published(cast: Cast, newest: ReportingRound) -> None:
    client = logged_in(cast.planner)
    pages = [
        reverse(name, args=[round.pk])
        for round in ReportingRound.objects.all()
        for name in ("staff-board", "staff-round-settings", "staff-publish")
    ]
    for path in ("/staff/", "/staff/rounds/", *pages):
        source = client.get(path).content.decode()
        assert [words for words in ("公表しました", "公表済", "公表された") if words in source] == [], path
    assert newest.state == RoundState.IMPORTED
    assert "表から取り込みました。まだ公表していません。" in client.get("/staff/").content.decode()


def test_the_planner_publishes_it_in_the_browser(cast: Cast, newest: ReportingRound) -> None:
    client, address = logged_in(cast.planner), reverse("staff-publish", args=[newest.pk])
    page = client.get(address)
    assert "この年度だけの公表版はありません" not in page.content.decode()
    expected = page.context["draft"].content_digest
    assert client.post(address, {"expected": expected}).status_code == 302
    report = Report.objects.get()
    assert (report.fiscal_year, report.edition) == (newest.fiscal_year, 1)
    assert ReportingRound.objects.get(pk=newest.pk).state == RoundState.PUBLISHED
    assert Client().get("/2021/").status_code == 200


def test_no_round_is_opened_before_it_so_that_every_row_has_its_reference(
    cast: Cast, newest: ReportingRound
) -> None:
    client = logged_in(cast.planner)
    assert "公表してから、次の報告回を開けます" in client.get("/staff/rounds/open/").content.decode()
    with pytest.raises(RoundProblem, match="表から取り込んだまま公表していない"):
        open_round(newest.manifesto, cast.planner)


def test_an_earlier_year_of_the_table_leads_to_it_and_not_to_itself(
    cast: Cast, newest: ReportingRound
) -> None:
    earlier = ReportingRound.objects.earliest("fiscal_year")
    source = logged_in(cast.planner).get(reverse("staff-publish", args=[earlier.pk])).content.decode()
    assert "この年度だけの公表版はありません" in source
    assert f'href="{reverse("staff-publish", args=[newest.pk])}"' in source


def test_an_earlier_year_is_called_public_only_once_it_is(cast: Cast, newest: ReportingRound) -> None:
    client, earlier = logged_in(cast.planner), ReportingRound.objects.earliest("fiscal_year")

    def said() -> tuple[bool, bool]:
        pages = [
            client.get(reverse(name, args=[earlier.pk])).content.decode()
            for name in ("staff-board", "staff-publish")
        ]
        return "公表済みです。" in pages[0], "公表版に入っています。" in pages[1]

    assert said() == (False, False)
    publishing.publish(newest, by="企画調整課")
    assert said() == (True, True)


def test_a_round_that_says_published_and_has_no_report_can_be_published(
    cast: Cast, newest: ReportingRound
) -> None:
    ReportingRound.objects.filter(pk=newest.pk).update(state=RoundState.PUBLISHED)
    client, address = logged_in(cast.planner), reverse("staff-publish", args=[newest.pk])
    page = client.get(address)
    assert "この年度だけの公表版はありません" not in page.content.decode()
    expected = page.context["draft"].content_digest
    assert client.post(address, {"expected": expected}).status_code == 302
    assert Report.objects.count() == 1


def test_the_table_can_be_imported_again_and_published_by_the_command(
    cast: Cast, newest: ReportingRound
) -> None:
    call_command("import_report", FIXTURE, verbosity=0)
    assert ReportingRound.objects.get(pk=newest.pk).state == RoundState.IMPORTED
    call_command("import_report", FIXTURE, publish=True, verbosity=0)
    assert ReportingRound.objects.get(pk=newest.pk).state == RoundState.PUBLISHED


def test_after_somebody_has_written_into_it_the_table_is_refused(cast: Cast, newest: ReportingRound) -> None:
    newest.actions.filter(pk=newest.actions.earliest("pk").pk).update(
        is_imported=False, submitted_by=cast.clerk, approved_by=cast.planner
    )
    with pytest.raises(CommandError, match="担当課が入力したもの"):
        call_command("import_report", FIXTURE, verbosity=0)


@pytest.mark.parametrize("is_told", [True, False])
def test_what_was_imported_before_waits_only_where_no_report_tells_it(
    cast: Cast, newest: ReportingRound, is_told: bool
) -> None:
    call_command("import_report", FIXTURE, publish=is_told, verbosity=0)
    ReportingRound.objects.update(state=RoundState.PUBLISHED)
    migration = import_module("tracker.migrations.0010_untold_rounds_wait_to_be_published")
    migration.let_wait(apps, None)
    states = list(ReportingRound.objects.order_by("fiscal_year").values_list("state", flat=True))
    assert states == [*["published"] * (len(states) - 1), "published" if is_told else "closed"]
