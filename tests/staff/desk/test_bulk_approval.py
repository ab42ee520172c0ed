"""Bulk approval: exactly what was shown, all or none."""

import re

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.repeating import once
from tests.staff.conftest import Year
from tests.staff.people import logged_in, submit
from tracker.choices import RoundState
from tracker.cycle import workflow
from tracker.models import Event, ReportingRound, YearlyAction
from tracker.staff.desk import bulk_approval

ADDRESS = "/staff/queue/approve/"


def pairs_in(response: HttpResponse) -> str:
    found = re.search(r'name="rows" value="([^"]*)"', response.content.decode())
    return found[1] if found else ""


def preview(client: Client, query: str = "") -> HttpResponse:
    response = client.get(ADDRESS + query)
    assert response.status_code == 200
    return response


def states() -> dict[str, int]:
    found = YearlyAction.objects.filter(round__fiscal_year=2024).values_list("state", flat=True)
    return {state: list(found).count(state) for state in set(found)}


@pytest.fixture
def submitted(year: Year) -> list[YearlyAction]:
    """Three rows of unchanged rating, then one of changed rating, a new one, and one of the planner's own."""
    return once(_submitted, year)


def _submitted(year: Year) -> list[YearlyAction]:
    rows = [action for action in year.actions_of(year.mine) if action.reference_rating]
    plain = [submit(action, year.cast.clerk) for action in rows[:3]]
    other = year.round.manifesto.ratings.exclude(pk=rows[3].reference_rating_id).first()
    assert other is not None
    changed = submit(
        rows[3], year.cast.clerk, rating_id=other.pk, is_unrated=False, rating_reason="工事の完了。"
    )
    YearlyAction.objects.filter(pk=rows[4].pk).update(was_reported=False, reference_rating=None)
    new = submit(
        YearlyAction.objects.get(pk=rows[4].pk), year.cast.clerk, rating_id=other.pk, is_unrated=False
    )
    own = submit(rows[5], year.cast.planner)
    return [*plain, changed, new, own]


def test_preview_lists_what_would_be_approved_and_what_not_and_why(
    year: Year, submitted: list[YearlyAction]
) -> None:
    response = preview(logged_in(year.cast.planner))
    assert [action.pk for action in response.context["page"]] == [action.pk for action in submitted[:3]]
    assert pairs_in(response) == " ".join(f"{action.pk}:{action.version}" for action in submitted[:3])
    assert {action.pk: why for action, why in response.context["excluded"]} == {
        submitted[3].pk: "評価が変わっています。",
        submitted[4].pk: "初めて報告される取組です。",
        submitted[5].pk: "あなたが提出した取組です。",
    }
    assert response.content.decode().count("会議を開き、計画をまとめました。") == 3
    second = preview(logged_in(year.cast.second_planner))
    assert [action.pk for action in second.context["page"]] == [submitted[i].pk for i in (0, 1, 2, 5)]


def test_confirming_approves_exactly_what_was_shown(year: Year, submitted: list[YearlyAction]) -> None:
    client = logged_in(year.cast.planner)
    before = Event.objects.count()
    query = f"?round={year.round.pk}&department={year.mine.code}"
    response = client.post(ADDRESS + query, {"rows": pairs_in(preview(client, query))})
    assert (response.status_code, response["Location"]) == (302, f"/staff/queue/{query}")
    assert states() == {"approved": 3, "submitted": 3, "not_started": 201}
    assert Event.objects.count() == before + 3
    messages = [str(message) for message in client.get(response["Location"]).context["messages"]]
    assert messages == ["3 件をまとめて承認しました。"]


def test_filter_narrows_the_preview(year: Year, submitted: list[YearlyAction]) -> None:
    client = logged_in(year.cast.planner)
    one = preview(client, f"?q={submitted[1].place}")
    assert [action.pk for action in one.context["page"]] == [submitted[1].pk]
    assert one.context["conditions"] == [("ことば", submitted[1].place)]
    assert preview(client, f"?department={year.theirs.code}").context["page"].paginator.count == 0
    assert pairs_in(preview(client, "?state=approved")) == pairs_in(preview(client, "?change=changed")) == ""


def test_rows_that_stand_in_the_way_are_named_and_none_is_approved(
    year: Year, submitted: list[YearlyAction]
) -> None:
    client = logged_in(year.cast.planner)
    rows = pairs_in(preview(client))
    first, second = submitted[0], submitted[1]
    workflow.send_back(first.pk, by=year.cast.second_planner, version=first.version, reason="根拠を。")
    YearlyAction.objects.filter(pk=second.pk).update(version=second.version + 1)
    response = client.post(ADDRESS, {"rows": rows})
    assert response.status_code == 409
    assert {action.pk: why for action, why in response.context["blocked"]} == {
        first.pk: "状態が「差戻し」に変わっています。",
        second.pk: "確かめたあとに内容が変わっています。",
    }
    page = response.content.decode()
    assert "2 件が一括承認できない状態になっていたため、1 件も承認していません。" in page
    assert [action.place in page for action in (first, second)] == [True, True]
    assert states() == {"returned": 1, "submitted": 5, "not_started": 201}
    again = client.post(ADDRESS, {"rows": pairs_in(response)})
    assert (again.status_code, states()["approved"]) == (302, 2)


def test_changed_ratings_and_own_rows_cannot_be_slipped_in(year: Year, submitted: list[YearlyAction]) -> None:
    response = logged_in(year.cast.planner).post(
        ADDRESS, {"rows": " ".join(f"{a.pk}:{a.version}" for a in submitted)}
    )
    assert response.status_code == 409
    assert {action.pk: why for action, why in response.context["blocked"]} == {
        submitted[3].pk: "評価が変わっているので、1 件ずつ承認してください。",
        submitted[4].pk: "前回の公表にない取組なので、1 件ずつ承認してください。",
        submitted[5].pk: "自分が提出したものです。",
    }
    assert "approved" not in states()


@pytest.mark.parametrize(
    "rows", ["", "x", "1", "1:1,2:2", "1:1  2:2", "１:1", "1:1 ", "-1:1", "9" * 30 + ":1"]
)
def test_an_unreadable_list_approves_nothing(year: Year, submitted: list[YearlyAction], rows: str) -> None:
    response = logged_in(year.cast.planner).post(ADDRESS, {"rows": rows})
    assert response.status_code == 422
    assert "承認する取組の一覧を読み取れませんでした。" in response.content.decode()
    assert "approved" not in states()


@pytest.mark.parametrize("rows", ["999999999999999999:1", "999999999:1 {first}"])
def test_rows_that_are_not_there_approve_nothing(
    year: Year, submitted: list[YearlyAction], rows: str
) -> None:
    first = f"{submitted[0].pk}:{submitted[0].version}"
    assert logged_in(year.cast.planner).post(ADDRESS, {"rows": rows.format(first=first)}).status_code == 409
    assert "approved" not in states()


def test_a_round_that_is_over_offers_no_button(year: Year, submitted: list[YearlyAction]) -> None:
    client = logged_in(year.cast.planner)
    rows = pairs_in(preview(client))
    ReportingRound.objects.filter(pk=year.round.pk).update(state=RoundState.PUBLISHED)
    assert pairs_in(preview(client, f"?round={year.round.pk}")) == ""
    assert client.post(f"{ADDRESS}?round={year.round.pk}", {"rows": rows}).status_code == 409
    assert "approved" not in states()


def test_who_may_approve_in_bulk(year: Year, submitted: list[YearlyAction]) -> None:
    rows = pairs_in(preview(logged_in(year.cast.planner)))
    strangers = dict.fromkeys(("clerk", "colleague", "other", "both", "stranger"), 404)
    seen = {name: logged_in(who).get(ADDRESS).status_code for name, who in vars(year.cast).items()}
    assert seen == strangers | {"planner": 200, "second_planner": 200, "administrator": 403}
    sent = {
        name: logged_in(who).post(ADDRESS, {"rows": rows}).status_code
        for name, who in vars(year.cast).items()
        if name not in ("planner", "second_planner")
    }
    assert sent == strangers | {"administrator": 403}
    assert "approved" not in states()


def test_all_rows_that_are_not_included_can_be_turned_to_and_ticks_go_along(
    year: Year, submitted: list[YearlyAction], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_approval, "EXCLUDED_PER_PAGE", 2)
    client = logged_in(year.cast.planner)
    first = preview(client)
    excluded = [action.pk for action, _why in first.context["excluded"]]
    assert "3件（1～2件目を表示）" in first.content.decode()
    sent = {"rows": pairs_in(first), "page_rows": "", "leave": str(submitted[0].pk), "others": "2"}
    address = client.post(first.context["form_address"], sent)["Location"]
    assert address.endswith("#excluded")
    second = preview(client, f"?{address.partition('?')[2].partition('#')[0]}")
    assert second.context["complaints"] == []
    assert {*excluded, *(action.pk for action, _why in second.context["excluded"])} == {
        action.pk for action in submitted[3:]
    }
    assert second.context["out"].ids == {submitted[0].pk}
    ReportingRound.objects.filter(pk=year.round.pk).update(state=RoundState.PUBLISHED)
    asked = f"?round={year.round.pk}&state=submitted"
    over = preview(client, asked)
    turned = client.post(over.context["form_address"], {"others": "2"})
    assert (pairs_in(over), turned.status_code) == ("", 302)
