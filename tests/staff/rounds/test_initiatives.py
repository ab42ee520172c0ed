"""Ending an initiative from a year on."""

import pytest

from tests.staff.conftest import Year
from tests.staff.people import fill, logged_in
from tracker.models import Event, Initiative, YearlyAction
from tracker.reports import drafting


def address(initiative: Initiative) -> str:
    return f"/staff/initiatives/{initiative.pk}/end/"


def test_it_asks_first_and_writes_nothing(year: Year) -> None:
    initiative = year.action.initiative
    answer = logged_in(year.cast.planner).post(
        address(initiative), {"last_fiscal_year": 2023, "reason": "事業が終わった", "act": "check"}
    )
    assert answer.status_code == 200
    assert [row.round.fiscal_year for row in answer.context["gone"]] == [2024]
    assert Initiative.objects.get(pk=initiative.pk).last_fiscal_year is None
    assert YearlyAction.objects.filter(initiative=initiative, round=year.round).exists()


def test_it_ends_and_is_reported_as_ended(year: Year) -> None:
    initiative = year.action.initiative
    values = {"last_fiscal_year": 2023, "reason": "事業が終わった", "act": "end"}
    assert logged_in(year.cast.planner).post(address(initiative), values).url == "/staff/rounds/"
    assert Initiative.objects.get(pk=initiative.pk).last_fiscal_year == 2023
    assert not YearlyAction.objects.filter(initiative=initiative, round=year.round).exists()
    event = Event.objects.get(subject=f"initiative:{initiative.pk}")
    assert (event.reason, event.actor) == ("事業が終わった", year.cast.planner.signature)
    assert [entry.key for entry in drafting.draft(year.round).entries if entry.ended_after == 2023] == [
        initiative.place
    ]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"last_fiscal_year": "", "reason": "x"}, "last_fiscal_year"),
        ({"last_fiscal_year": "2019", "reason": "x"}, "last_fiscal_year"),
        ({"last_fiscal_year": "いつか", "reason": "x"}, "last_fiscal_year"),
        ({"last_fiscal_year": "2022", "reason": "x"}, "last_fiscal_year"),  # 令和5年度 has been published
        ({"last_fiscal_year": "2023", "reason": "　"}, "reason"),
        ({"last_fiscal_year": "2023", "reason": "長" * 2001}, "reason"),
    ],
)
@pytest.mark.parametrize("act", ["check", "end"])
def test_nonsense_is_an_error_beside_the_field(
    year: Year, values: dict[str, str], field: str, act: str
) -> None:
    answer = logged_in(year.cast.planner).post(address(year.action.initiative), {**values, "act": act})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert Initiative.objects.get(pk=year.action.initiative_id).last_fiscal_year is None


def test_a_row_that_somebody_wrote_into_is_in_the_way(year: Year) -> None:
    action = fill(year.action, year.cast.clerk)
    values = {"last_fiscal_year": 2023, "reason": "終わった", "act": "end"}
    answer = logged_in(year.cast.planner).post(address(action.initiative), values)
    assert answer.status_code == 422
    assert "令和6年度（2024年度） の内容がすでに入力されています（入力中）" in answer.content.decode()


def test_an_ended_one_says_so(year: Year) -> None:
    Initiative.objects.filter(pk=year.action.initiative_id).update(last_fiscal_year=2023)
    browser = logged_in(year.cast.planner)
    page = browser.get(address(year.action.initiative)).content.decode()
    assert "すでに令和5年度（2023年度）で終わっています" in page
    values = {"last_fiscal_year": 2024, "reason": "終わった", "act": "end"}
    for act, status in {"end": 409, "check": 409, "edit": 200}.items():
        answer = browser.post(address(year.action.initiative), values | {"act": act})
        assert (answer.status_code, answer.content.decode().count(">終わった</textarea>")) == (status, 1)


def test_an_administrator_may_not(year: Year) -> None:
    browser = logged_in(year.cast.administrator)
    path = address(year.action.initiative)
    assert (browser.get(path).status_code, browser.post(path, {"act": "end"}).status_code) == (403, 403)
