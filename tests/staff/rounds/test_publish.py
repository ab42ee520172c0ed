"""The publish page: what is shown is what is published."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.extra_columns import define
from tests.indicators import define as measured
from tests.staff.conftest import Year
from tests.staff.people import fill, logged_in, submit
from tracker.choices import RoundState
from tracker.cycle import rounds, workflow
from tracker.models import Event, Initiative, Report, ReportEntry, ReportingRound, YearlyAction
from tracker.reports import drafting, publishing
from tracker.staff.rounds import publish


def address(year: Year) -> str:
    return f"/staff/rounds/{year.round.pk}/publish/"


def approve(year: Year, action: YearlyAction, **values: object) -> YearlyAction:
    saved = submit(action, year.cast.planner, **values)
    return workflow.approve(saved.pk, by=year.cast.second_planner, version=saved.version)


def moved(action: YearlyAction, steps: int) -> int:
    """The rating some steps down the scale."""
    scale = list(action.round.manifesto.ratings.order_by("position"))
    assert action.reference_rating is not None
    return scale[scale.index(action.reference_rating) + steps].pk


def rated(year: Year, code: str) -> YearlyAction:
    rows = YearlyAction.objects.filter(round=year.round, reference_rating__code=code, state="not_started")
    return rows.with_place().with_departments().in_table_order()[0]


def expected(year: Year) -> str:
    return drafting.draft(ReportingRound.objects.get(pk=year.round.pk)).content_digest


@pytest.mark.parametrize(
    ("who", "status"), [("clerk", 404), ("stranger", 404), ("administrator", 403), ("planner", 200)]
)
def test_only_the_planning_office_publishes(year: Year, who: str, status: int) -> None:
    browser = logged_in(getattr(year.cast, who))
    assert browser.get(address(year)).status_code == status
    if who != "planner":
        answer = browser.post(address(year), {"expected": expected(year), "unapproved_reason": "理由"})
        assert (answer.status_code, Report.objects.count()) == (status, 1)


def test_it_shows_what_changes(year: Year) -> None:
    better, worse = rated(year, "C"), rated(year, "A")
    approve(year, better, rating_id=moved(better, -1), rating_reason="工事が終わったため")
    approve(year, worse, rating_id=moved(worse, 1), rating_reason="計画を見直したため")
    ended = next(
        action for action in year.actions_of(year.theirs) if action.place not in {better.place, worse.place}
    )
    rounds.end_initiative(ended.initiative, last_fiscal_year=2023, by=year.cast.planner, reason="終わった")
    answer = logged_in(year.cast.planner).get(address(year))
    compared = answer.context["comparison"]
    assert [(d.after.key, d.after.rating_reason) for d in compared.improved] == [
        (better.place, "工事が終わったため")
    ]
    assert [(d.after.key, d.after.rating_reason) for d in compared.worsened] == [
        (worse.place, "計画を見直したため")
    ]
    assert [entry.key for entry in compared.ended] == [ended.place]
    page = answer.content.decode()
    assert "工事が終わったため" in page
    assert "計画を見直したため" in page
    publication = answer.context["publication"]
    assert publication.texts["new"] + publication.texts["continued"] + publication.texts["none"] == 207
    counts = {
        share.step.code if share.step else "": (count, share.count) for share, count in publication.shares
    }
    assert counts["A"][1] - counts["A"][0] == -1
    assert sum(after for _before, after in counts.values()) == 207


def test_it_lists_what_is_not_approved_and_what_becomes_of_it(year: Year) -> None:
    approve(year, year.action)
    new = Initiative.objects.create(pledge=year.action.initiative.pledge, position=99, first_fiscal_year=2024)
    rounds.add_missing(year.round, by=year.cast.planner)
    written = year.foreign
    fill(written, year.cast.other)
    answer = logged_in(year.cast.planner).get(address(year))
    rows = {row.key: row for row in answer.context["publication"].unapproved}
    carried = set(ReportEntry.objects.values_list("key", flat=True)) - {year.action.place}
    left_out = Initiative.objects.with_place().get(pk=new.pk).place
    assert {key for key, row in rows.items() if row.is_carried} == carried
    assert {key for key, row in rows.items() if not row.is_carried} == {left_out}
    assert (rows[written.place].action.state, rows[written.place].in_charge) == ("draft", year.theirs.name)


def test_unapproved_rows_need_a_reason(year: Year) -> None:
    approve(year, year.action)
    browser = logged_in(year.cast.planner)
    answer = browser.post(address(year), {"expected": expected(year), "unapproved_reason": " "})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["unapproved_reason"])
    assert Report.objects.count() == 1
    answer = browser.post(address(year), {"expected": expected(year), "unapproved_reason": "期日のため"})
    assert answer.url == "/staff/rounds/"
    report = Report.objects.get(fiscal_year=2024)
    assert (report.edition, report.unapproved_reason, report.published_by) == (
        1,
        "期日のため",
        year.cast.planner.signature,
    )
    assert report.entries.filter(carried_from=None).count() == 1
    assert ReportingRound.objects.get(pk=year.round.pk).state == RoundState.PUBLISHED
    told = "".join(str(message) for message in browser.get("/staff/rounds/").context["messages"])
    assert 'href="/2021/reports/2025-03-31/editions/1/"' in told


def test_what_was_seen_is_what_is_published(year: Year) -> None:
    """Somebody approves a row between the page and the button."""
    approve(year, year.action)
    seen = expected(year)
    approve(year, year.foreign)
    answer = logged_in(year.cast.planner).post(
        address(year), {"expected": seen, "unapproved_reason": "期日のため"}
    )
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "確かめたあとに、公表する内容が変わりました" in page
    assert ">\n期日のため</textarea>" in page
    assert f'value="{expected(year)}"' in page
    assert Report.objects.count() == 1


def test_a_change_in_the_very_moment_is_noticed(year: Year, monkeypatch: pytest.MonkeyPatch) -> None:
    approve(year, year.action)
    values = {"expected": expected(year), "unapproved_reason": "期日のため"}
    real = publishing.publish

    def late(*args: Any, **kwargs: Any) -> Any:
        approve(year, year.foreign)
        return real(*args, **kwargs)

    monkeypatch.setattr(publishing, "publish", late)
    answer = logged_in(year.cast.planner).post(address(year), values)
    assert (answer.status_code, Report.objects.count()) == (409, 1)
    assert ">\n期日のため</textarea>" in answer.content.decode()


@pytest.mark.parametrize("digest", ["", "nonsense", "\x00", "0" * 64])
def test_a_nonsense_digest_publishes_nothing(year: Year, digest: str) -> None:
    approve(year, year.action)
    answer = logged_in(year.cast.planner).post(
        address(year), {"expected": digest, "unapproved_reason": "理由"}
    )
    assert (answer.status_code, Report.objects.count()) == (409, 1)


def published(year: Year) -> Report:
    approve(year, year.action)
    report, _is_new = publishing.publish(year.round, by="企画", unapproved_reason="期日のため")
    return report


def test_a_further_edition_needs_a_reason(year: Year) -> None:
    published(year)
    planner = year.cast.planner
    rounds.start_correction(ReportingRound.objects.get(pk=year.round.pk), by=planner, reason="件数の誤り")
    action = YearlyAction.objects.get(pk=year.action.pk)
    reopened = workflow.reopen(action.pk, by=planner, version=action.version, reason="直す")
    saved = fill(reopened, planner, result="・会議を 3 回開きました。")
    saved = workflow.submit(saved.pk, by=planner, version=saved.version)
    workflow.approve(saved.pk, by=year.cast.second_planner, version=saved.version)
    browser = logged_in(planner)
    page = browser.get(address(year))
    assert page.context["form"].initial["correction_reason"] == "件数の誤り"
    assert page.context["publication"].edition == 2
    [(difference, texts)] = page.context["publication"].rewordings
    assert difference.after.key == action.place
    assert [(place, "".join(p.text for p in pieces if p.kind != "removed")) for place, pieces in texts] == [
        ("令和6年度の主な取組", "・会議を 3 回開きました。")
    ]
    values = {"expected": expected(year), "unapproved_reason": "期日のため"}
    refused = browser.post(address(year), {**values, "correction_reason": ""})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["correction_reason"])
    assert browser.post(address(year), {**values, "correction_reason": "件数の誤り"}).status_code == 302
    assert Report.objects.get(edition=2).correction_reason == "件数の誤り"
    assert ReportingRound.objects.get(pk=year.round.pk).state == RoundState.PUBLISHED


def test_where_nothing_changed_there_is_no_button(year: Year) -> None:
    published(year)
    browser = logged_in(year.cast.planner)
    page = browser.get(address(year)).content.decode()
    assert "から変わったところはありません" in page
    assert 'name="expected"' not in page
    reasons = {"correction_reason": "件数の誤り", "unapproved_reason": "期日のため"}
    answer = browser.post(address(year), {"expected": expected(year), **reasons})
    assert (answer.status_code, Report.objects.count()) == (409, 2)
    source = answer.content.decode()
    assert publish.NOTHING_LEFT in source
    assert [source.count(f">{reason}</textarea>") for reason in reasons.values()] == [1, 1]


def test_a_reason_that_is_needed_no_more_is_shown_for_copying(year: Year) -> None:
    """All rows were approved, or the edition was corrected, between the page and the button."""
    approve(year, year.action)
    values = {"expected": "0" * 64, "correction_reason": "件数の誤り", "unapproved_reason": "期日のため"}
    source = logged_in(year.cast.planner).post(address(year), values).content.decode()
    assert source.count(">件数の誤り</textarea>") == 1
    assert source.count(">\n期日のため</textarea>") == 1


def test_a_year_without_a_report_of_its_own_is_not_published_afterwards(year: Year) -> None:
    """令和4年度 came with the table of 令和5年度: a report of its date would be a forgery."""
    imported = ReportingRound.objects.get(fiscal_year=2022)
    browser = logged_in(year.cast.planner)
    path = f"/staff/rounds/{imported.pk}/publish/"
    assert "この年度だけの公表版はありません" in browser.get(path).content.decode()
    digest = drafting.draft(imported).content_digest
    answer = browser.post(path, {"expected": digest, "correction_reason": "x", "unapproved_reason": "x"})
    assert (answer.status_code, Report.objects.count()) == (409, 1)


def test_publishing_leaves_one_event(year: Year) -> None:
    approve(year, year.action)
    before = Event.objects.count()
    logged_in(year.cast.planner).post(
        address(year), {"expected": expected(year), "unapproved_reason": "期日のため"}
    )
    assert list(Event.objects.filter(number__gt=before).values_list("kind", "actor")) == [
        ("published", year.cast.planner.signature)
    ]


def test_few_queries(year: Year) -> None:
    approve(year, year.action)
    browser = logged_in(year.cast.planner)
    with CaptureQueriesContext(connection) as queries:
        browser.get(address(year))
    assert len(queries) <= 26


def test_what_is_public_for_the_first_time_and_what_has_not_been_yet_is_told(year: Year) -> None:
    column = define(year.round.manifesto, "事業費")
    indicator = measured(year.action.initiative, "利用者")
    client = logged_in(year.cast.planner)
    assert client.get(address(year)).context["publication"].too_early == ""
    approve(year, year.action, extra_values={column.code: "12", indicator.code: "7"})
    tomorrow = timezone.localdate() + timedelta(days=1)
    ReportingRound.objects.filter(pk=year.round.pk).update(as_of=tomorrow)
    page = client.get(address(year))
    assert page.context["publication"].first_time == [
        ("追加の項目", ["事業費"]),
        ("指標", [f"{year.action.place} 利用者"]),
    ]
    assert "はじめて公開する追加の項目" in page.content.decode()
    assert "より後です。まだ来ていない日の状況とすることになります" in page.content.decode()


def test_what_would_be_no_published_table_is_told_before(year: Year) -> None:
    approve(year, year.action)
    client = logged_in(year.cast.planner)
    assert "掲載表の Excel を作れません" not in client.get(address(year)).content.decode()
    year.mine.name = "総務課・人事課"
    year.mine.save()
    page = client.get(address(year)).content.decode()
    assert "掲載表の Excel を作れません" in page
    assert "の担当課（総務課・人事課）は、表から読み分けられません。担当課の名称を直してください。" in page
