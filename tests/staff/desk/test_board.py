"""The board: departments by state, lateness, and what is to be done."""

import re
from collections import Counter
from datetime import timedelta
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.http import QueryDict
from django.utils import timezone

from tests.staff.conftest import Year
from tests.staff.people import fill, logged_in, submit
from tests.staff.sizes import overdue
from tracker.choices import OPEN_STATES, RoundState
from tracker.cycle import rounds, workflow
from tracker.models import Assignment, Initiative, ReportingRound, YearlyAction
from tracker.models.reporting import late_rows
from tracker.staff.desk import board
from tracker.staff.desk.filter import NO_DEPARTMENT, QueueFilter


def rows_of(year: Year) -> list[YearlyAction]:
    rows = YearlyAction.objects.filter(round=year.round).with_place().with_departments().in_table_order()
    return list(rows)


def mix(year: Year) -> None:
    """Rows in every state, one of them shared, one submitted late, one without a department."""
    cast = year.cast
    alone = [action for action in year.actions_of(year.mine) if len(action.departments) == 1]
    shared = next(action for action in rows_of(year) if len(action.departments) > 1)
    fill(alone[0], cast.clerk)
    late = submit(alone[1], cast.clerk)
    approved = submit(alone[2], cast.clerk)
    workflow.approve(approved.pk, by=cast.planner, version=approved.version)
    returned = submit(alone[3], cast.clerk)
    workflow.send_back(
        returned.pk, by=cast.planner, version=returned.version, reason="根拠を書いてください。"
    )
    submit(shared, cast.planner)
    Assignment.objects.filter(initiative=year.foreign.initiative).delete()
    overdue(year.round)
    early = timezone.now() - timedelta(days=10)
    YearlyAction.objects.filter(submitted_at__isnull=False).exclude(pk=late.pk).update(submitted_at=early)


def expected(year: Year) -> tuple[dict[str, Counter[str]], Counter[str], dict[str, int]]:
    """Counts per department code, of all rows, and of late rows per code; row by row, as the model says."""
    by_code: dict[str, Counter[str]] = {}
    whole: Counter[str] = Counter()
    late: Counter[str] = Counter()
    for action in rows_of(year):
        whole[action.state] += 1
        for code in [department.code for department in action.departments] or [NO_DEPARTMENT]:
            by_code.setdefault(code, Counter())[action.state] += 1
            late[code] += action.is_late
    return by_code, whole, {code: late[code] for code in by_code}


def counts(line: board.BoardLine) -> Counter[str]:
    return Counter({str(state.value): count for state, count in line.counts.items() if count})


def test_board_counts_each_department_and_each_row_once(year: Year) -> None:
    mix(year)
    shown = board.board_context(year.round, year.cast.planner)
    by_code, whole, late = expected(year)
    assert {line.code: counts(line) for line in shown["lines"]} == by_code
    assert {line.code: line.open_late + line.submitted_late for line in shown["lines"]} == late
    assert counts(shown["whole"]) == whole
    assert whole.total() == 207
    assert shown["counted_again"] == sum(each.total() for each in by_code.values()) - 207
    assert shown["counted_again"] > 0
    assert [line.code for line in shown["lines"]] == [*sorted(set(by_code) - {NO_DEPARTMENT}), NO_DEPARTMENT]


def test_lateness_tells_open_from_submitted(year: Year) -> None:
    mix(year)
    line = next(
        line
        for line in board.board_context(year.round, year.cast.planner)["lines"]
        if line.code == year.mine.code
    )
    rows = [action for action in year.actions_of(year.mine) if action.is_late]
    assert line.submitted_late == 1
    assert line.open_late == len([action for action in rows if action.state in OPEN_STATES])
    assert line.open_late == line.open


@pytest.mark.parametrize("days", [-3, 0, 3])
def test_late_rows_in_the_database_are_those_of_the_model(year: Year, days: int) -> None:
    mix(year)
    overdue(year.round, days)
    late = {action.pk for action in rows_of(year) if action.is_late}
    assert (
        set(YearlyAction.objects.filter(late_rows(year.round), round=year.round).values_list("pk", flat=True))
        == late
    )


def test_what_was_imported_is_not_late_in_a_correction(year: Year) -> None:
    """It was approved elsewhere, nobody knows when. The board's number is that of the list it leads to."""
    imported = rounds.start_correction(
        ReportingRound.objects.get(fiscal_year=2023), by=year.cast.planner, reason="数の誤り"
    )
    overdue(imported)
    listed = logged_in(year.cast.planner).get(f"/staff/queue/?round={imported.pk}&state=all&late=submitted")
    whole = board.board_context(imported, year.cast.planner)["whole"]
    assert (whole.submitted_late, listed.context["page"].paginator.count) == (0, 0)


def test_nothing_is_late_without_a_due_date(year: Year) -> None:
    year.round.due_on = None
    year.round.save()
    shown = board.board_context(year.round, year.cast.planner)
    whole = shown["whole"]
    assert (whole.open_late, whole.submitted_late, shown["due_words"]) == (0, 0, "締切日は決まっていません")
    assert not YearlyAction.objects.filter(late_rows(year.round)).exists()


def test_a_duty_told_twice_counts_once(year: Year) -> None:
    duty = year.action.initiative.assignments.get()
    Assignment.objects.create(
        initiative=duty.initiative, department=duty.department, position=9, from_fiscal_year=2022
    )
    by_code, _whole, _late = expected(year)
    line = next(
        line
        for line in board.board_context(year.round, year.cast.planner)["lines"]
        if line.code == year.mine.code
    )
    assert line.total == by_code[year.mine.code].total() == len(year.actions_of(year.mine))


def test_every_number_leads_to_as_many_rows(year: Year) -> None:
    mix(year)
    client = logged_in(year.cast.planner)
    page = client.get(f"/staff/rounds/{year.round.pk}/").content.decode()
    links = re.findall(r'<a href="(/staff/queue/\?[^"]*state=[^"]*)"\s+aria-label="[^"]*?(\d+) 件"', page)
    assert len(links) > 100
    told = {unescape(link): int(count) for link, count in links}
    queries = {link: QueryDict(urlsplit(link).query) for link in told}
    assert {link: QueueFilter(query, year.round).qs.count() for link, query in queries.items()} == told
    for link in list(told)[::12]:
        assert client.get(link).context["page"].paginator.count == told[link]


def test_departments_that_are_late_come_first_when_asked(year: Year) -> None:
    mix(year)
    lines = board.board_context(year.round, year.cast.planner, latest_first=True)["lines"][:-1]
    assert [line.open_late for line in lines] == sorted((line.open_late for line in lines), reverse=True)
    page = logged_in(year.cast.planner).get(f"/staff/rounds/{year.round.pk}/?sort=late")
    assert [line.code for line in page.context["lines"]][:-1] == [line.code for line in lines]


@pytest.mark.parametrize(
    ("days_left", "words"),
    [
        (12, "あと12日"),
        (0, "今日が締切です"),
        (-3, "締切を3日過ぎました"),
        (None, "締切日は決まっていません"),
    ],
)
def test_days_left_are_said_in_words(days_left: int | None, words: str) -> None:
    assert board.due_words(days_left) == words


def test_next_step_follows_the_round(year: Year) -> None:
    def said() -> str:
        return str(board.board_context(year.round, year.cast.planner)["next_step"])

    assert said() == "担当課の入力を待っています（残り 207 件）。"
    submitted = submit(year.action, year.cast.clerk)
    assert said() == "提出済の取組が 1 件あります。内容を確かめて、承認するか差し戻してください。"
    workflow.approve(submitted.pk, by=year.cast.planner, version=submitted.version)
    overdue(year.round)
    assert said() == "締切を過ぎた取組が 206 件あります。催促メールを送るか、締切を延ばしてください。"
    for state, words in (
        (
            RoundState.CLOSED,
            (
                "締め切りました。承認されていない取組が 206 件あります。"
                "締切を延ばすか、前回のまま残して公表します。"
            ),
        ),
        (
            RoundState.CORRECTING,
            (
                "訂正中です。直す取組の承認を取り消すと、担当課が書き直せます。"
                "直し終わったら、もう一度公表します。"
            ),
        ),
    ):
        year.round.state = state
        assert said() == words
    words = "公表済みです。公表した内容を直すときは、設定で「訂正を始める」を選びます。"
    for published in year.round.manifesto.rounds.filter(state=RoundState.PUBLISHED):
        assert board.board_context(published, year.cast.planner)["next_step"] == words


def test_missing_initiatives_can_be_added(year: Year) -> None:
    Initiative.objects.create(pledge=year.action.initiative.pledge, position=99, first_fiscal_year=2024)
    address = f"/staff/rounds/{year.round.pk}/"
    button = f'<form method="post" action="{address}settings/">'
    planner, administrator = (
        logged_in(who).get(address) for who in (year.cast.planner, year.cast.administrator)
    )
    assert (planner.context["missing_count"], administrator.context["missing_count"]) == (1, 1)
    assert (button in planner.content.decode(), button in administrator.content.decode()) == (True, False)


def test_who_sees_the_board(year: Year) -> None:
    address = f"/staff/rounds/{year.round.pk}/"
    cast = year.cast
    status = {name: logged_in(who).get(address).status_code for name, who in vars(cast).items()}
    planning = {"planner": 200, "second_planner": 200, "administrator": 200}
    assert status == dict.fromkeys(("clerk", "colleague", "other", "both", "stranger"), 404) | planning
    assert logged_in(cast.planner).get("/staff/rounds/999999/").status_code == 404
    assert logged_in(cast.planner).get("/staff/rounds/99999999999999999999999/").status_code == 404
    assert logged_in(cast.planner).post(address).status_code == 405


def test_an_administrator_gets_no_links_to_acts(year: Year) -> None:
    address = f"/staff/rounds/{year.round.pk}/"
    acts = [f'href="{address}{act}/"' for act in ("mails", "settings", "publish")]
    planner, administrator = (
        logged_in(who).get(address).content.decode() for who in (year.cast.planner, year.cast.administrator)
    )
    assert [act in planner for act in acts] == [True, True, True]
    assert [act in administrator for act in acts] == [False, False, False]
