"""Several rounds in a fiscal year: names and dates, what a later one begins with, what is refused."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.half_years import (
    FIRST,
    MARCH,
    SECOND,
    SEPTEMBER,
    approve,
    make_first_half,
    open_half,
    problems,
    publish,
    publish_first_half,
    rows_of,
)
from tests.staff.people import fill
from tests.workspace import Workspace, make_workspace, transitions
from tracker.choices import ActionState
from tracker.cycle import cancelling, round_dates, rounds, workflow
from tracker.cycle.rounds import RoundProblem
from tracker.models import Event, FormerText, Report, ReportingRound

pytestmark = pytest.mark.django_db


def test_a_later_round_begins_with_the_earlier_ones_texts_as_drafts(space: Workspace) -> None:
    publish_first_half(space)
    second = open_half(space)
    assert [
        (row.result, row.plan, row.rating, row.rating_reason, row.state, row.version, row.is_as_begun)
        for row in rows_of(second)
    ] == [
        (f"・上半期に{n}。", f"・予定{n}。", space.ratings["B"], "", "draft", 1, True) for n in (1, 2, 3, 4)
    ]
    assert (second.follows, second.label) == (space.round, "令和6年度（2024年度）下半期")
    row = rows_of(second)[0]
    event = Event.objects.get(subject=row.subject)
    assert (event.from_state, event.to_state, event.reason) == (
        "not_started",
        "draft",
        "令和6年度上半期の内容から始めました。",
    )
    assert (event.content["result"], event.content["round_name"]) == ("・上半期に1。", SECOND)
    assert problems() == []


def test_opening_and_cancelling_take_as_many_statements_for_more_rows(space: Workspace) -> None:
    counts = []
    for world in (space, make_workspace(9, slug="2017", cast=space.cast)):
        publish_first_half(world)
        with CaptureQueriesContext(connection) as opening:
            second = open_half(world)
        for row in rows_of(second):
            fill(row, world.cast.planner, result="・下半期。")
        seen = cancelling.seen_digest(cancelling.typed_rows(second))
        with CaptureQueriesContext(connection) as ending:
            cancelling.cancel(second, by=world.cast.planner, reason="まちがい", seen=seen)
        counts.append((len(opening), len(ending)))
    assert counts[0] == counts[1]


def test_a_row_as_begun_can_be_handed_in_and_the_earlier_text_comes_back_by_a_click(space: Workspace) -> None:
    publish_first_half(space)
    first, second, *_ = rows_of(open_half(space))
    handed_in = workflow.submit(first.pk, by=space.cast.clerk, version=first.version)
    assert (handed_in.state, handed_in.result) == (ActionState.SUBMITTED, "・上半期に1。")
    written = fill(second, space.cast.other, result="・下半期。")
    assert (written.state, written.is_as_begun, transitions(written)) == (
        ActionState.DRAFT,
        False,
        [("not_started", "draft")],
    )
    kept = FormerText.objects.get(action=written)
    assert (kept.content["result"], kept.written_by) == ("・上半期に2。", None)
    assert problems() == []


def test_what_was_not_approved_in_the_first_half_begins_as_it_stood_and_is_not_public(
    space: Workspace,
) -> None:
    rows = rows_of(make_first_half(space))
    for row in rows[1:]:
        approve(space, row)
    fill(
        rows[0],
        space.cast.clerk,
        result="・未承認の文。",
        rating_id=space.ratings["C"].pk,
        rating_reason="理由",
    )
    publish(space.round, unapproved_reason="間に合わない")
    row = rows_of(open_half(space))[0]
    assert (row.result, row.rating, row.rating_reason, row.reference_rating) == (
        "・未承認の文。",
        space.ratings["C"],
        "理由",
        space.ratings["B"],
    )
    told = Report.objects.latest("pk").entries.values_list("results", flat=True)
    assert [results for results in told if "未承認" in str(results)] == []
    assert problems() == []


NAMING: dict[str, tuple[dict[str, object], str, str]] = {
    "no name": ({"name": ""}, "name", "見分けられるように、「下半期」などの名前を書いてください。"),
    "the same name": ({"name": "上半期"}, "name", "「上半期」という報告回がすでにあります。"),
    "the same name, wide": ({"name": "上 半期"}, "name", "別の名前にしてください。"),
    "the same date": ({"as_of": SEPTEMBER}, "as_of", "（令和6年9月30日）より後の日付にしてください。"),
    "an earlier date": ({"as_of": date(2024, 6, 30)}, "as_of", "より後の日付にしてください。"),
    "before the year": ({"as_of": date(2024, 3, 31)}, "as_of", "年度の始まり（令和6年4月1日）から"),
    "too late": ({"as_of": date(2026, 1, 1)}, "as_of", "翌年度の 12 月末（令和7年12月31日）まで"),
}


@pytest.mark.parametrize("name", NAMING)
def test_a_further_round_that_cannot_be_opened(space: Workspace, name: str) -> None:
    publish_first_half(space)
    changes, field, words = NAMING[name]
    with pytest.raises(RoundProblem) as caught:
        open_half(space, **changes)  # type: ignore[arg-type]
    assert (caught.value.field, words in str(caught.value)) == (field, True)
    assert ReportingRound.objects.filter(fiscal_year=2024).count() == 1


@pytest.mark.parametrize("as_of", [date(2025, 5, 31), date(2025, 10, 31), date(2025, 12, 31)])
def test_a_date_may_lie_after_the_year(space: Workspace, as_of: date) -> None:
    publish_first_half(space)
    assert open_half(space, as_of=as_of).as_of == as_of


def test_the_next_year_comes_after_a_date_that_lies_in_it(space: Workspace) -> None:
    publish_first_half(space)
    second = open_half(space, as_of=date(2025, 10, 31))
    for row in rows_of(second):
        row = workflow.submit(row.pk, by=space.cast.second_planner, version=row.version)
        workflow.approve(row.pk, by=space.cast.planner, version=row.version)
    publish(second)
    with pytest.raises(RoundProblem, match="令和6年度下半期 の報告回の時点"):
        open_half(space, name=FIRST, as_of=date(2025, 9, 30), fiscal_year=2025)
    assert open_half(space, name="", as_of=date(2026, 5, 31), fiscal_year=2025).follows is None


@pytest.mark.parametrize(
    ("as_of", "today", "words"),
    [
        (
            date(2025, 3, 31),
            date(2024, 3, 31),
            "令和6年度（2024年度） は、まだ始まっていません（令和6年4月1日から）",
        ),
        (
            date(2025, 3, 31),
            date(2025, 3, 30),
            "時点（令和7年3月31日）が、きょう（令和7年3月30日）より後です。",
        ),
        (date(2025, 3, 31), date(2025, 3, 31), ""),
        (None, date(2024, 4, 1), ""),  # its date may come yet
        (None, date(2024, 3, 31), "まだ始まっていません"),
    ],
)
def test_what_has_not_been_yet_is_told(as_of: date | None, today: date, words: str) -> None:
    told = round_dates.too_early(2024, as_of, today)
    assert words in told
    assert bool(told) == bool(words)


def test_what_probably_comes_next(space: Workspace) -> None:
    assert round_dates.next_round(space.manifesto) == (2025, "")
    make_first_half(space)
    assert round_dates.next_round(space.manifesto) == (2024, SECOND)
    ReportingRound.objects.filter(pk=space.round.pk).update(name=SECOND)
    assert round_dates.next_round(space.manifesto) == (2025, FIRST)
    assert round_dates.probable_date(2025, FIRST) == date(2025, 9, 30)
    assert round_dates.probable_date(2025, SECOND) == date(2026, 3, 31)


# ---- name and date


def test_name_and_date_can_be_changed_until_publishing_and_leave_an_event(space: Workspace) -> None:
    round = make_first_half(space)
    assert (round.name, round.as_of, round.subject) == (FIRST, SEPTEMBER, "round:2021/2024")
    event = Event.objects.filter(subject=round.subject).latest("number")
    assert (event.from_state, event.to_state, event.content) == (
        "open",
        "open",
        {"name": FIRST, "name_before": "", "as_of": "2024-09-30", "as_of_before": "2025-03-31"},
    )
    before = Event.objects.count()
    rounds.describe(round, name=FIRST, as_of=SEPTEMBER, by=space.cast.planner)
    assert Event.objects.count() == before
    publish_first_half(space)
    with pytest.raises(RoundProblem, match="「公表済」なので、名前と時点は変えられません。"):
        rounds.describe(round, name="", as_of=MARCH, by=space.cast.planner)
    with pytest.raises(RoundProblem, match="企画の職員だけ"):
        rounds.describe(round, name="", as_of=MARCH, by=space.cast.clerk)


def test_references_follow_the_date(space: Workspace) -> None:
    ReportingRound.objects.filter(pk=space.round.pk).update(as_of=date(2024, 2, 1))
    rounds.refresh_references(ReportingRound.objects.get(pk=space.round.pk))
    assert {row.was_reported for row in space.rows()} == {False}
    rounds.describe(space.round, name="", as_of=SEPTEMBER, by=space.cast.planner)
    assert {(row.was_reported, row.reference_rating) for row in space.rows()} == {(True, space.ratings["B"])}


def test_each_round_of_a_year_has_its_own_events(space: Workspace) -> None:
    publish_first_half(space)
    second = open_half(space)
    assert (space.round.subject, second.subject) == ("round:2021/2024", "round:2021/2024/2")
    assert Event.objects.filter(subject=second.subject).count() == 1


# ---- the earlier round afterwards


def test_a_correction_of_the_first_half_leaves_the_second_as_it_is(space: Workspace) -> None:
    publish_first_half(space)
    second = open_half(space)
    for row in rows_of(second):
        approve(space, row, result="・下半期に。")
    later = publish(second)
    said = list(later.entries.order_by("position").values_list("content_digest", flat=True))
    rounds.start_correction(space.round, by=space.cast.planner, reason="誤り")
    row = rows_of(space.round)[0]
    row = workflow.reopen(row.pk, by=space.cast.planner, version=row.version, reason="誤り")
    approve(space, row, result="・上半期に直した。")
    corrected = publish(space.round, reason="誤り")
    assert (corrected.as_of, corrected.edition, corrected.round_name) == (SEPTEMBER, 2, FIRST)
    assert [entry.results["2024"] for entry in corrected.entries.order_by("position")] == [
        "・上半期に直した。", "・上半期に2。", "・上半期に3。", "・上半期に4。",
    ]  # fmt: skip
    last = Report.objects.of("2021").first()
    assert last == later
    assert list(later.entries.order_by("position").values_list("content_digest", flat=True)) == said
    assert problems() == []
