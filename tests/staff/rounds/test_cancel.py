"""Taking back in the browser: a round with what was typed, the tabs that were open in it, and an import."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.published_tables.file.writing import small_text
from tests.published_tables.test_loading import load
from tests.staff.people import fill, logged_in
from tests.workspace import Workspace
from tracker.cycle.workflow import Content
from tracker.models import Event, Manifesto, ReportingRound
from tracker.staff.entry.form import as_base

pytestmark = pytest.mark.django_db


def address(space: Workspace) -> str:
    return reverse("staff-round-cancel", args=[space.round.pk])


def cancel(space: Workspace, client: Client | None = None, **fields: str) -> str:
    client = client or logged_in(space.cast.planner)
    seen = client.get(address(space)).context["seen"]
    sent = {"seen": seen, "reason": "年度のまちがい", **fields}
    return client.post(address(space), sent, follow=True).content.decode()


def test_the_page_lists_what_was_typed_and_offers_it_as_a_workbook(space: Workspace) -> None:
    fill(space.row(), space.cast.clerk, result="・大事な文。")
    words = logged_in(space.cast.planner).get(address(space)).content.decode()
    assert '入力されている取組<span class="count">1件</span>' in words
    assert space.cast.clerk.signature in words
    sheet = reverse("staff-sheet", args=[space.round.pk])
    assert f'href="{sheet}"' in words
    assert logged_in(space.cast.planner).get(sheet).status_code == 200


def test_it_is_cancelled_and_another_can_be_opened(space: Workspace) -> None:
    fill(space.row(), space.cast.clerk, result="・大事な文。")
    assert "令和6年度の報告回を取り消しました。" in cancel(space)
    assert ReportingRound.objects.filter(pk=space.round.pk).exists() is False
    event = Event.objects.latest("number")
    assert (event.to_state, event.content["result"]) == ("cancelled", "・大事な文。")
    client = logged_in(space.cast.planner)
    assert 'name="fiscal_year"' in client.get("/staff/rounds/open/").content.decode()
    words = client.get("/staff/tracker/event/").content.decode()
    assert "取り消しました" in words
    assert client.get(reverse("staff-board", args=[space.round.pk])).status_code == 410


def test_a_reason_is_needed_and_what_was_typed_since_is_shown_first(space: Workspace) -> None:
    client = logged_in(space.cast.planner)
    assert client.post(address(space), {"reason": " "}).status_code == 422
    seen = client.get(address(space)).context["seen"]
    fill(space.row(), space.cast.clerk, result="・大事な文。")
    late = client.post(address(space), {"reason": "年度のまちがい", "seen": seen})
    assert late.status_code == 409
    words = late.content.decode()
    assert "だれかが書き込みました。まだ取り消していません。" in words
    assert "年度のまちがい</textarea>" in words
    assert space.cast.clerk.signature in words


def test_an_open_tab_is_told_and_keeps_its_words(space: Workspace) -> None:
    client, row = logged_in(space.cast.clerk), space.row()
    base = as_base(Content.of(row))
    sent = {
        "result": "・消えてはいけない文。",
        "version": row.version,
        "base": base,
        "act": "save",
        "plan": "",
    }
    cancel(space)
    entry = reverse("staff-entry", args=[row.pk])
    answer = client.post(entry, sent)
    assert answer.status_code == 410
    words = answer.content.decode()
    assert "令和6年度の報告回は、企画が取り消しました（理由：年度のまちがい）。" in words
    assert "・消えてはいけない文。</textarea>" in words
    script = client.post(entry, sent, headers={"accept": "application/json"})
    assert (script.status_code, "取り消しました" in script.json()["refused"]) == (409, True)
    assert client.post(reverse("staff-check", args=[row.pk]), {"version": 1}).status_code == 410
    assert client.get(reverse("staff-entry", args=[10**9])).status_code == 404
    assert client.get(reverse("staff-sheets", args=[space.round.pk])).status_code == 410


def test_a_published_round_offers_no_way_to_cancel_it(space: Workspace) -> None:
    client, settings = logged_in(space.cast.planner), "staff-round-settings"
    assert address(space) in client.get(reverse(settings, args=[space.round.pk])).content.decode()
    last = space.last_round.pk
    assert "報告回を取り消す" not in client.get(reverse(settings, args=[last])).content.decode()
    page = client.get(reverse("staff-round-cancel", args=[last])).content.decode()
    assert "この報告回は「公表済」なので、取り消せません。" in page


def test_an_import_is_taken_back_by_clicks(space: Workspace) -> None:
    round = load(small_text(), slug="2017").round
    client = logged_in(space.cast.planner)
    settings, back = (
        reverse(name, args=[round.pk]) for name in ("staff-round-settings", "staff-import-take-back")
    )
    assert f'href="{back}"' in client.get(settings).content.decode()
    words = client.get(back).content.decode()
    assert "公約 1件" in words
    assert Manifesto.objects.filter(slug="2017").exists() is True
    assert client.post(back, {"reason": ""}).status_code == 422
    told = client.post(back, {"reason": "別の市の表"}, follow=True).content.decode()
    assert "取り込みを取り消しました。" in told
    assert Manifesto.objects.filter(slug="2017").exists() is False
