"""The list of rounds, opening one, and what can be done with it."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.repeating import once
from tests.staff.conftest import Year, begin_year
from tests.staff.people import logged_in, make_cast, submit
from tracker.choices import ActionState, RoundState
from tracker.cycle import rounds, workflow
from tracker.models import (
    Assignment,
    Department,
    Event,
    Initiative,
    Manifesto,
    Report,
    ReportingRound,
    YearlyAction,
)
from tracker.words.fiscal_years import fiscal_year_of

OPEN = "/staff/rounds/open/"


def later(days: int = 30) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def answers(own: Manifesto, **values: object) -> dict[str, Any]:
    """The form of 令和6年度, sent with the last button."""
    wanted = {
        "manifesto": own.pk,
        "fiscal_year": 2024,
        "as_of": "2025-03-31",
        "due_on": later(),
        "act": "open",
    }
    return {**wanted, **values}


def settings_of(round: ReportingRound) -> str:
    return f"/staff/rounds/{round.pk}/settings/"


@pytest.fixture
def year(demo: Report, db: None) -> Year:
    """One for each test: others here begin before the year."""
    return once(begin_year, demo)


@pytest.fixture
def before(demo: Report, db: None) -> Any:
    """The cast before any round is open."""
    mine, theirs = Department.objects.order_by("code")[:2]
    return make_cast(mine, theirs)


@pytest.mark.parametrize("who", ["clerk", "other", "both", "stranger"])
def test_departments_know_nothing_of_these_pages(year: Year, who: str) -> None:
    browser = logged_in(getattr(year.cast, who))
    paths = [
        "/staff/rounds/",
        OPEN,
        settings_of(year.round),
        f"/staff/initiatives/{year.action.initiative_id}/end/",
    ]
    assert [browser.get(path).status_code for path in paths] == [404] * 4
    assert [browser.post(path, {"act": "close"}).status_code for path in paths[1:]] == [404] * 3


def test_an_administrator_looks_at_the_list_and_does_nothing(year: Year) -> None:
    browser = logged_in(year.cast.administrator)
    answer = browser.get("/staff/rounds/")
    assert answer.status_code == 200
    assert "報告回を開く" not in answer.content.decode()
    assert browser.get(OPEN).status_code == 403
    assert browser.post(OPEN, answers(year.round.manifesto)).status_code == 403
    assert browser.get(settings_of(year.round)).status_code == 403
    assert browser.post(settings_of(year.round), {"act": "close", "unfinished": 207}).status_code == 403
    assert ReportingRound.objects.get(pk=year.round.pk).state == RoundState.OPEN


def test_the_list_counts_rows_by_state(year: Year) -> None:
    submit(year.action, year.cast.clerk)
    ((manifesto, _name, _states, rows),) = (
        logged_in(year.cast.planner).get("/staff/rounds/").context["manifestos"]
    )
    assert manifesto == year.round.manifesto
    assert [row["round"].fiscal_year for row in rows] == [2024, 2023, 2022, 2021]
    assert dict(rows[0]["counts"]) == {
        "not_started": 206,
        "draft": 0,
        "submitted": 1,
        "returned": 0,
        "approved": 0,
    }
    assert [row["has_report"] for row in rows] == [False, True, False, False]


def test_opening_proposes_the_next_year_and_its_last_day(before: Any) -> None:
    form = logged_in(before.planner).get(OPEN).context["form"]
    assert (form.initial["fiscal_year"], form.initial["as_of"]) == (2024, date(2025, 3, 31))


def test_opening_shows_first_what_it_will_hold_and_writes_nothing(before: Any, demo: Report) -> None:
    initiative = Initiative.objects.of(demo.manifesto).in_table_order()[5]
    Assignment.objects.filter(initiative=initiative).delete()
    expected = {
        each.place
        for each in Initiative.objects.of(demo.manifesto).prefetch_related("assignments")
        if not any(assignment.covers(2024) for assignment in each.assignments.all())
    }
    answer = logged_in(before.planner).post(OPEN, answers(demo.manifesto, act="check"))
    assert (answer.status_code, answer.context["count"], answer.context["first_time"]) == (200, 207, 0)
    assert {action.place for action in answer.context["without"]} == expected
    assert initiative.place in expected
    ahead = fiscal_year_of(timezone.localdate()) + 1
    dated = {"fiscal_year": ahead, "as_of": f"{ahead + 1}-03-31"}
    early = logged_in(before.planner).post(OPEN, answers(demo.manifesto, act="check", **dated))
    assert [answer.context["too_early"], "まだ始まっていません" in early.content.decode()] == ["", True]
    assert not ReportingRound.objects.filter(fiscal_year=2024).exists()
    assert not Event.objects.filter(kind="round").exists()


def test_opening_opens(before: Any, demo: Report) -> None:
    answer = logged_in(before.planner).post(OPEN, answers(demo.manifesto))
    assert answer.url == "/staff/rounds/"
    round = ReportingRound.objects.get(fiscal_year=2024)
    assert (round.state, round.as_of, str(round.due_on), round.actions.count()) == (
        "open",
        date(2025, 3, 31),
        later(),
        207,
    )


def test_going_back_keeps_the_answers(before: Any, demo: Report) -> None:
    answer = logged_in(before.planner).post(OPEN, answers(demo.manifesto, act="edit"))
    assert answer.status_code == 200
    assert f'value="{later()}"' in answer.content.decode()
    assert not ReportingRound.objects.filter(fiscal_year=2024).exists()


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("due_on", "", "締切日を入力してください。"),
        ("due_on", "来週", "日付として読めません。2025-05-30 のように、年-月-日の順に書いてください。"),
        ("due_on", "2020-01-01", "締切日は、今日"),
        ("due_on", "9999-12-31", "締切日が 2 年より先です。年を確かめてください。"),
        ("as_of", "", "時点の日付を入力してください。"),
        ("as_of", "2024-03-31", "令和6年度（2024年度） の時点は、年度の始まり"),
        ("as_of", "２月３０日", "日付として読めません"),
        ("fiscal_year", "", "年度を選んでください。"),
        ("fiscal_year", "1", "一覧にある年度から選んでください。"),
        ("fiscal_year", "\x00", "一覧にある年度から選んでください。"),
        ("fiscal_year", "2022", "令和4年度（2022年度） より新しい年度の報告回がすでにあります。"),
        ("manifesto", "", "マニフェストを一覧から選んでください。"),
        ("manifesto", "999999999999999999999", "マニフェストを一覧から選んでください。"),
        ("manifesto", "x'", "マニフェストを一覧から選んでください。"),
    ],
)
def test_nonsense_is_an_error_beside_the_field(
    before: Any, demo: Report, field: str, value: str, message: str
) -> None:
    answer = logged_in(before.planner).post(OPEN, answers(demo.manifesto, **{field: value}))
    assert answer.status_code == 422
    form = answer.context["form"]
    assert list(form.errors) == [field]
    assert form.errors[field][0].startswith(message)
    page = answer.content.decode()
    assert page.count(message) == 2  # on top and beside the field
    assert f'href="#id_{field}"' in page
    assert not ReportingRound.objects.filter(fiscal_year=2024).exists()


def test_while_a_round_runs_no_other_is_opened(year: Year) -> None:
    browser = logged_in(year.cast.planner)
    assert browser.get(OPEN).context["busy"] == year.round
    answer = browser.post(OPEN, answers(year.round.manifesto, fiscal_year=2025, as_of="2026-03-31"))
    assert answer.status_code == 409
    assert "令和6年度（2024年度） の報告回が受付中です" in answer.content.decode()


def test_each_manifesto_has_its_own_rounds(before: Any, demo: Report) -> None:
    Manifesto.objects.create(slug="2025", title="新しいマニフェスト", first_fiscal_year=2025)
    browser = logged_in(before.planner)
    assert browser.get(OPEN).context["form"].initial["fiscal_year"] == 2025
    assert browser.get(OPEN, {"manifesto": "2021"}).context["form"].initial["fiscal_year"] == 2024
    answer = browser.post(f"{OPEN}?manifesto=2021", answers(demo.manifesto))
    assert (answer.status_code, ReportingRound.objects.get(fiscal_year=2024).manifesto) == (
        302,
        demo.manifesto,
    )


def test_extending_changes_the_due_date(year: Year) -> None:
    answer = logged_in(year.cast.planner).post(
        settings_of(year.round), {"act": "extend", "due_on": later(60)}
    )
    assert answer.status_code == 302
    assert str(ReportingRound.objects.get(pk=year.round.pk).due_on) == later(60)


@pytest.mark.parametrize("value", ["", "nonsense", "2020-01-01", "9999-12-31"])
def test_a_bad_due_date_is_an_error_beside_the_field(year: Year, value: str) -> None:
    answer = logged_in(year.cast.planner).post(settings_of(year.round), {"act": "extend", "due_on": value})
    assert (answer.status_code, list(answer.context["due_form"].errors)) == (422, ["due_on"])
    assert ReportingRound.objects.get(pk=year.round.pk).due_on == year.round.due_on


def test_closing_asks_first_and_only_then_closes(year: Year) -> None:
    browser = logged_in(year.cast.planner)
    asked = browser.post(settings_of(year.round), {"act": "close"})
    assert (asked.status_code, asked.context["unfinished"]) == (200, 207)
    assert ReportingRound.objects.get(pk=year.round.pk).state == RoundState.OPEN
    assert browser.post(settings_of(year.round), {"act": "close", "unfinished": 207}).status_code == 302
    assert ReportingRound.objects.get(pk=year.round.pk).state == RoundState.CLOSED


def test_closing_asks_again_when_the_number_has_changed(year: Year) -> None:
    saved = submit(year.action, year.cast.clerk)
    workflow.approve(saved.pk, by=year.cast.second_planner, version=saved.version)
    answer = logged_in(year.cast.planner).post(settings_of(year.round), {"act": "close", "unfinished": 207})
    assert (answer.status_code, answer.context["unfinished"], answer.context["has_changed"]) == (
        409,
        206,
        True,
    )
    assert ReportingRound.objects.get(pk=year.round.pk).state == RoundState.OPEN


def test_a_closed_round_says_so_and_can_be_extended(year: Year) -> None:
    rounds.close(year.round, by=year.cast.planner)
    browser = logged_in(year.cast.planner)
    answer = browser.post(settings_of(year.round), {"act": "close", "unfinished": 207})
    assert answer.status_code == 409
    assert "この報告回は「締切済」なので、締め切れません。" in answer.content.decode()
    browser.post(settings_of(year.round), {"act": "extend", "due_on": later(3)})
    assert ReportingRound.objects.get(pk=year.round.pk).state == RoundState.OPEN


def test_a_correction_needs_a_reason_and_keeps_it(year: Year) -> None:
    published = ReportingRound.objects.get(fiscal_year=2023)
    browser = logged_in(year.cast.planner)
    assert browser.post(settings_of(published), {"act": "correct", "reason": " "}).status_code == 422
    assert browser.post(settings_of(published), {"act": "correct", "reason": "x" * 2001}).status_code == 422
    assert browser.post(settings_of(published), {"act": "correct", "reason": "件数の誤り"}).status_code == 302
    assert ReportingRound.objects.get(pk=published.pk).state == RoundState.CORRECTING
    refused = browser.post(settings_of(published), {"act": "correct", "reason": "件数の誤りを\n直す"})
    assert refused.status_code == 409
    assert ">件数の誤りを\n直す</textarea>" in refused.content.decode()


def test_a_reason_is_kept_as_any_text(year: Year) -> None:
    """Word's line break is one; what no table and no feed can hold is an error that names the line."""
    published = ReportingRound.objects.get(fiscal_year=2023)
    browser = logged_in(year.cast.planner)
    refused = browser.post(settings_of(published), {"act": "correct", "reason": "誤り\n件数\x07"})
    words = "2 行目に、使えない文字（制御文字）が入っています。その行を打ち直してください。"
    assert (refused.status_code, refused.context["correct_form"].errors) == (422, {"reason": [words]})
    assert (
        browser.post(settings_of(published), {"act": "correct", "reason": "件数の\v誤り"}).status_code == 302
    )
    assert (
        Event.objects.get(subject=published.subject, to_state=RoundState.CORRECTING).reason == "件数の\n誤り"
    )


def test_a_correction_is_finished_once_everything_is_approved(year: Year) -> None:
    published = ReportingRound.objects.get(fiscal_year=2022)
    rounds.start_correction(published, by=year.cast.planner, reason="誤り")
    action = published.actions.first()
    assert action is not None
    workflow.reopen(action.pk, by=year.cast.planner, version=action.version, reason="誤り")
    browser = logged_in(year.cast.planner)
    answer = browser.post(settings_of(published), {"act": "finish"})
    assert answer.status_code == 409
    assert "承認されていない取組が 1 件あります" in answer.content.decode()
    saved = submit(YearlyAction.objects.with_place().get(pk=action.pk), year.cast.planner)
    workflow.approve(saved.pk, by=year.cast.second_planner, version=saved.version)
    assert browser.post(settings_of(published), {"act": "finish"}).status_code == 302
    assert ReportingRound.objects.get(pk=published.pk).state == RoundState.PUBLISHED
    assert list(
        Event.objects.filter(subject=published.subject)
        .values_list("from_state", "to_state")
        .order_by("number")
    ) == [("published", "correcting"), ("correcting", "published")]


def test_missing_rows_are_named_and_added(year: Year) -> None:
    YearlyAction.objects.get(pk=year.action.pk).delete()
    browser = logged_in(year.cast.planner)
    page = browser.get(settings_of(year.round))
    assert len(page.context["missing"]) == 1
    browser.post(settings_of(year.round), {"act": "add_missing"})
    assert year.round.actions.count() == 207


@pytest.mark.parametrize("act", ["", "nonsense", "delete"])
def test_an_unknown_act_is_an_error(year: Year, act: str) -> None:
    answer = logged_in(year.cast.planner).post(settings_of(year.round), {"act": act})
    assert answer.status_code == 422
    assert "どの操作か分かりませんでした" in answer.content.decode()


@pytest.mark.parametrize("pk", [999_999, 10**30])
def test_a_round_that_is_not_there_is_404(year: Year, pk: int) -> None:
    browser = logged_in(year.cast.planner)
    assert [
        browser.get(f"/staff/rounds/{pk}/{page}/").status_code
        for page in ("settings", "publish", "preview", "mails")
    ] == [404] * 4
    assert browser.get(f"/staff/initiatives/{pk}/end/").status_code == 404


@pytest.mark.parametrize(
    "state", [RoundState.OPEN, RoundState.CLOSED, RoundState.PUBLISHED, RoundState.CORRECTING]
)
def test_settings_show_what_the_state_allows(year: Year, state: RoundState) -> None:
    ReportingRound.objects.filter(pk=year.round.pk).update(state=state)
    page = logged_in(year.cast.planner).get(settings_of(year.round)).content.decode()
    shown = {act for act in ("extend", "close", "correct", "finish") if f'id="{act}"' in page}
    assert (
        shown
        == {
            RoundState.OPEN: {"extend", "close"},
            RoundState.CLOSED: {"extend"},
            RoundState.PUBLISHED: {"correct"},
            RoundState.CORRECTING: {"extend", "finish"},
        }[state]
    )


def test_the_history_is_told_in_sentences(year: Year) -> None:
    today = timezone.localdate()
    rounds.extend(year.round, due_on=today + timedelta(days=40), by=year.cast.planner)
    rounds.close(year.round, by=year.cast.planner)
    events = logged_in(year.cast.planner).get(settings_of(year.round)).context["events"]
    assert [told.what.split("（")[0][:6] for _event, told in events] == [
        "報告回を開き",
        "締切日を 令",
        "締め切りまし",
    ]


def test_few_queries_however_many_rows(year: Year) -> None:
    browser = logged_in(year.cast.planner)
    for path in ("/staff/rounds/", OPEN, settings_of(year.round)):
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(path).status_code == 200
        assert len(queries) <= 15, path
    assert YearlyAction.objects.filter(round=year.round, state=ActionState.NOT_STARTED).count() == 207
