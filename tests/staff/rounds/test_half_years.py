"""A year in two rounds on the staff site: opening the second, what it begins with, names and dates."""

from datetime import date
from io import BytesIO

import pytest
from django.core import mail
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from tests.half_years import SECOND, approve, make_first_half, open_half, publish, publish_first_half, rows_of
from tests.staff.people import fill, logged_in
from tests.workspace import Workspace
from tracker.choices import MailKind
from tracker.cycle.notices import sending
from tracker.entry_sheets import exporting, receiving
from tracker.models import Event, ReportingRound, YearlyAction
from tracker.workbooks.problems import FileProblem

pytestmark = pytest.mark.django_db

OPEN = "/staff/rounds/open/"


@pytest.fixture
def second(space: Workspace) -> ReportingRound:
    publish_first_half(space)
    return open_half(space)


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_second_half_is_opened_by_clicks(space: Workspace) -> None:
    publish_first_half(space)
    client = logged_in(space.cast.planner)
    form = client.get(OPEN).context["form"]
    assert (form["fiscal_year"].value(), form["name"].value(), form["as_of"].value()) == (
        2024,
        SECOND,
        date(2025, 3, 31),
    )
    due = timezone.localdate().isoformat()
    asked = {"manifesto": space.manifesto.pk, "fiscal_year": 2024, "as_of": "2025-03-31", "due_on": due}
    lacking = client.post(OPEN, {**asked, "name": "", "act": "check"})
    assert lacking.status_code == 422
    assert "見分けられるように" in lacking.content.decode()
    checked = client.post(OPEN, {**asked, "name": " 下半期 ", "act": "check"})
    words = checked.content.decode()
    assert "<h1>令和6年度下半期の報告回を開きます</h1>" in words
    assert "4件は、令和6年度上半期に書いた内容が入った下書き（入力中）で始まります。" in words
    assert ReportingRound.objects.filter(name=SECOND).exists() is False
    opened = client.post(OPEN, {**asked, "name": SECOND, "act": "open"}, follow=True)
    assert "令和6年度下半期 の報告回を開きました。取組は 4 件です。" in opened.content.decode()
    assert "令和6年度（2024年度）下半期" in opened.content.decode()


def test_the_entry_page_says_what_it_begins_with(space: Workspace, second: ReportingRound) -> None:
    client, row = logged_in(space.cast.clerk), rows_of(second)[0]
    address = reverse("staff-entry", args=[row.pk])
    words = text(client, address)
    assert "令和6年度上半期の内容から始めています。" in words
    assert "令和6年度（2024年度）下半期の報告" in words
    assert "前に公表した、令和6年度の主な取組" in words
    assert "・上半期に1。</textarea>" in words
    assert "前の報告回の内容から始めたままです。" in text(client, "/staff/")
    assert "令和6年度上半期の内容から始めています。" in text(client, reverse("staff-check", args=[row.pk]))
    fill(row, space.cast.clerk, result="・下半期の文。")
    assert "の内容から始めています" not in text(client, address)


def test_saving_without_a_change_says_so(space: Workspace, second: ReportingRound) -> None:
    client, row = logged_in(space.cast.clerk), rows_of(second)[0]
    form = client.get(reverse("staff-entry", args=[row.pk])).context["form"]
    answer = client.post(reverse("staff-entry", args=[row.pk]), {**form.initial, "act": "save"}, follow=True)
    assert "始めの内容のままです。" in answer.content.decode()
    assert YearlyAction.objects.get(pk=row.pk).is_as_begun is True


def test_the_board_tells_begun_from_written(space: Workspace, second: ReportingRound) -> None:
    client = logged_in(space.cast.planner)
    address = reverse("staff-board", args=[second.pk])
    assert "4 件は、令和6年度上半期の内容から始めたままで、まだだれも書いていません。" in text(
        client, address
    )
    assert "<h1>令和6年度（2024年度）下半期の進み具合</h1>" in text(client, address)
    for row in rows_of(second):
        fill(row, space.cast.planner, result="・書いた。")
    assert "まだだれも書いていません" not in text(client, address)
    assert "令和6年度（2024年度）下半期" in text(client, "/staff/queue/")


def test_name_and_date_are_changed_on_the_settings_page(space: Workspace) -> None:
    client, address = logged_in(space.cast.planner), reverse("staff-round-settings", args=[space.round.pk])
    sent = {"act": "describe", "name": "上半期", "as_of": "2024-09-30"}
    told = client.post(address, sent, follow=True).content.decode()
    assert "報告回の名前と時点を変えました。" in told
    assert "名前と時点を変えました。" in told
    assert "時点：令和7年3月31日 → 令和6年9月30日" in told
    refused = client.post(address, {**sent, "as_of": "2024-03-31"})
    assert refused.status_code == 422
    assert "年度の始まり（令和6年4月1日）から翌年度の 12 月末" in refused.content.decode()
    publish_first_half(space)
    assert "名前と時点を変える" not in text(client, address)
    late = client.post(address, {**sent, "name": "遅い名前"})
    assert late.status_code == 409
    assert "遅い名前" in late.content.decode()


def test_mails_say_which_round(space: Workspace, second: ReportingRound) -> None:
    space.cast.clerk.email = "clerk@city.example"
    space.cast.clerk.save()
    second.due_on = timezone.localdate()
    second.save()
    with override_settings(EMAIL_HOST="mail.example", STAFF_SITE_URL="https://m.example/staff/"):
        sending.send([second], by="企画", kinds=[MailKind.REMINDER])
    assert "令和6年度下半期の報告" in mail.outbox[0].subject
    assert "令和6年度（2024年度）下半期の取組の報告について" in mail.outbox[0].body


def test_a_sheet_says_its_round_and_is_refused_in_another(space: Workspace) -> None:
    make_first_half(space)
    _made, content = exporting.export(space.round, by=space.cast.planner)
    told = [cell.value for cell in load_workbook(BytesIO(content)).worksheets[0][1] if cell.value]
    assert told[0].startswith("令和6年度（2024年度）上半期 入力シート")
    for row in space.rows():
        approve(space, row)
    publish(space.round)
    second = open_half(space)
    with pytest.raises(FileProblem, match="上半期 の報告のものです"):
        receiving.receive(content, file_name="前.xlsx", round=second, by=space.cast.planner, submits=False)
    client = logged_in(space.cast.planner)
    name = client.get(reverse("staff-sheet", args=[second.pk])).headers["Content-Disposition"]
    assert "%E4%B8%8B%E5%8D%8A%E6%9C%9F" in name  # 下半期


def test_the_history_names_the_rounds(space: Workspace, second: ReportingRound) -> None:
    client = logged_in(space.cast.planner)
    words = text(client, "/staff/tracker/event/")
    assert "令和6年度下半期の報告回" in words
    assert "令和6年度下半期 1-1-1-1" in words
    assert Event.objects.filter(subject=second.subject).count() == 1
