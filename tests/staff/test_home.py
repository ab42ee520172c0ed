"""The first page after the login: a department's tasks, and nobody else's."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.public.markup import Element, parse
from tests.staff.conftest import Year
from tests.staff.people import fill, logged_in, submit
from tracker.cycle import rounds, workflow
from tracker.models import Assignment, Initiative, Pledge, User


def home(user: User, query: str = "") -> Element:
    response = logged_in(user).get(f"/staff/{query}")
    assert response.status_code == 200
    return parse(response.content.decode())


def names(page: Element) -> dict[str, list[str]]:
    """Where the links of each group lead, by the group's heading."""
    found: dict[str, list[str]] = {}
    heading = ""
    for each in page.descendants():
        if each.name == "h3":
            heading = each.text
        elif each.name == "ul" and "task-list" in each.attributes.get("class", ""):
            found[heading] = each.links
    return found


def address(pk: int) -> str:
    return f"/staff/actions/{pk}/"


def test_a_department_sees_all_its_rows_and_no_others(year: Year) -> None:
    wanted = [address(action.pk) for action in year.actions_of(year.mine)]
    assert names(home(year.cast.clerk)) == {f"未入力{len(wanted)} 件": wanted}


def test_somebody_in_two_departments_sees_the_rows_of_both_once(year: Year) -> None:
    wanted = {action.pk for department in (year.mine, year.theirs) for action in year.actions_of(department)}
    ((_heading, links),) = names(home(year.cast.both)).items()
    assert sorted(links) == sorted(address(pk) for pk in wanted)


def test_returned_rows_come_first_with_the_planning_offices_words(year: Year) -> None:
    clerk, planner = year.cast.clerk, year.cast.planner
    first, second, third, fourth, *rest = year.actions_of(year.mine)
    sent = submit(second, clerk)
    workflow.send_back(
        sent.pk, by=planner, version=sent.version, reason="回数を書いてください。", field="result"
    )
    fill(first, clerk)
    submit(third, clerk)
    done = submit(fourth, clerk)
    workflow.approve(done.pk, by=planner, version=done.version)
    page = home(clerk)
    assert names(page) == {
        "差戻し1 件": [address(second.pk)],
        "入力済み1 件": [address(first.pk)],
        f"未入力{len(rest)} 件": [address(action.pk) for action in rest],
        "提出済1 件": [address(third.pk)],
        "承認済1 件": [address(fourth.pk)],
    }
    assert page.one("p", "task-words").text == "企画から（主な取組）：回数を書いてください。"
    assert page.one("b", "figure").text == str(len(rest) + 2)


def test_a_shared_row_says_with_whom(year: Year) -> None:
    action = year.action
    last = action.initiative.assignments.latest("position")
    Assignment.objects.create(
        initiative=action.initiative, department=year.theirs, position=last.position + 1
    )
    page = home(year.cast.other)
    assert f"ほかの課と一緒に答える取組です：{year.mine}、{year.theirs}" in page.texts("p", "note")
    assert address(action.pk) in page.links


@pytest.mark.parametrize(
    ("days", "words"), [(3, "あと 3 日"), (0, "今日が締切です"), (-2, "締切を 2 日過ぎています")]
)
def test_the_due_date_says_how_long_there_is(year: Year, days: int, words: str) -> None:
    from datetime import timedelta

    from django.utils import timezone

    from tracker.models import ReportingRound

    due_on = timezone.localdate() + timedelta(days=days)
    opens_on = due_on - timedelta(days=5)
    ReportingRound.objects.filter(pk=year.round.pk).update(due_on=due_on, opens_on=opens_on)
    assert words in home(year.cast.clerk).one("div", "due").text


def test_a_closed_round_says_so(year: Year) -> None:
    rounds.close(year.round, by=year.cast.planner)
    assert "締め切られました。いまは入力できません。" in home(year.cast.clerk).text


def test_without_a_department_it_says_whom_to_ask(year: Year) -> None:
    page = home(year.cast.stranger)
    assert names(page) == {}
    assert "所属する課が登録されていないので" in page.one("p", "empty").text


def test_without_a_round_it_says_so(year: Year) -> None:
    year.round.actions.all().delete()
    year.round.delete()
    assert "いま、入力をお願いしている取組はありません" in home(year.cast.clerk).one("p", "empty").text


def test_rows_without_a_department_fall_to_the_planning_office(year: Year) -> None:
    action = year.action
    Assignment.objects.filter(initiative=action.initiative).delete()
    assert address(action.pk) not in home(year.cast.clerk).links
    ((_heading, links),) = names(home(year.cast.planner)).items()
    assert address(action.pk) in links


def test_the_home_page_names_the_departments_and_whose_row_is_whose(year: Year) -> None:
    assert home(year.cast.clerk).one("p", "home-places").text == f"担当：{year.mine}"
    page = home(year.cast.both)
    assert page.one("p", "home-places").text == f"担当：{year.mine}、{year.theirs}"
    notes = page.texts("p", "note")
    own = [row for row in year.actions_of(year.theirs) if len(row.departments) == 1]
    assert notes.count(f"{year.theirs}の取組") == len(own) > 0
    assert f"{year.mine}の取組" not in home(year.cast.clerk).texts("p", "note")


def test_complete_drafts_lead_to_the_check_of_all(year: Year) -> None:
    address_of_all = f"/staff/rounds/{year.round.pk}/submission/"
    assert address_of_all not in home(year.cast.clerk).links
    first, second, *_rest = year.actions_of(year.mine)
    fill(first, year.cast.clerk)
    fill(second, year.cast.clerk, result="")
    page = home(year.cast.clerk)
    assert page.one("a", "is-first").text == "入力済み 1 件をまとめて提出"
    assert "入力済み" in page.texts("span", "state-draft")
    assert "「入力済み ○ 件をまとめて提出」から" in page.one("section", "help").text
    assert address_of_all in page.links
    rounds.close(year.round, by=year.cast.planner)
    assert address_of_all not in home(year.cast.clerk).links


def test_drafts_stand_under_what_they_are_called(year: Year) -> None:
    first, second, third, *_rest = year.actions_of(year.mine)
    fill(first, year.cast.clerk)
    fill(second, year.cast.clerk, result="")
    fill(third, year.cast.clerk)
    page = home(year.cast.clerk)
    found = names(page)
    assert found["入力中1 件"] == [address(second.pk)]
    assert found["入力済み2 件"] == [address(first.pk), address(third.pk)]
    assert page.one("ul", "figures").text.replace(" ", "").startswith("入力中1入力済み2未入力")


def test_help_names_the_planning_office(year: Year) -> None:
    told = home(year.cast.clerk).one("section", "help")
    assert len(told.all("li")) == 3
    assert "企画" in told.one("p").text


def count_queries(user: User, path: str) -> int:
    client = logged_in(user)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def test_queries_do_not_grow_with_the_rows(year: Year) -> None:
    path = address(year.action.pk)
    before = [count_queries(year.cast.clerk, "/staff/"), count_queries(year.cast.clerk, path)]
    pledge = Pledge.objects.earliest("pk")
    more = Initiative.objects.bulk_create(
        Initiative(pledge=pledge, position=100 + number, first_fiscal_year=2021) for number in range(300)
    )
    Assignment.objects.bulk_create(Assignment(initiative=each, department=year.mine) for each in more)
    rounds.add_missing(year.round, by=year.cast.planner)
    page = home(year.cast.clerk)
    assert len(page.one("nav", "pagination").links) == 1
    after = [count_queries(year.cast.clerk, "/staff/"), count_queries(year.cast.clerk, path)]
    assert after == before
    assert [count <= most for count, most in zip(after, (20, 15), strict=True)] == [True, True], after
