"""The round of a year: opened, extended, closed, published, corrected; and how an initiative ends."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.management.importing import snapshot
from tests.repeating import once
from tests.staff.people import fill, submit
from tests.workspace import Workspace, newest_report
from tracker.choices import ActionState, EventKind, RoundState
from tracker.cycle import events, rounds, workflow
from tracker.cycle.notices.sending import rounds_to_remind
from tracker.cycle.rounds import RoundProblem
from tracker.cycle.workflow import NotNow
from tracker.models import Event, Initiative, Report, ReportEntry, ReportingRound, User, YearlyAction
from tracker.reports import digests, drafting, publishing
from tracker.reports.publishing import PublishingProblem

pytestmark = pytest.mark.django_db


def in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def state(round: ReportingRound) -> str:
    return str(ReportingRound.objects.get(pk=round.pk).state)


def approved(space: Workspace, action: YearlyAction, **values: Any) -> YearlyAction:
    done = submit(action, space.cast.both if action.departments else space.cast.planner, **values)
    return workflow.approve(done.pk, by=space.cast.second_planner, version=done.version)


def all_approved(space: Workspace) -> None:
    once(_approve_all, space)


def _approve_all(space: Workspace) -> None:
    for action in space.rows():
        approved(space, action)


def publish(space: Workspace, round: ReportingRound | None = None, **values: Any) -> Report:
    report, is_new = publishing.publish(round or space.round, by=space.cast.planner.signature, **values)
    assert is_new is True
    assert digests.verify(report) is True
    return report


def reopened(space: Workspace, action: YearlyAction) -> YearlyAction:
    return workflow.reopen(action.pk, by=space.cast.planner, version=action.version, reason="数の誤り")


def entries(report: Report) -> dict[str, ReportEntry]:
    return {entry.key: entry for entry in report.entries.order_by("position")}


def round_events(round: ReportingRound) -> list[tuple[Any, ...]]:
    found = Event.objects.filter(subject=round.subject).order_by("number")
    return list(found.values_list("from_state", "to_state", "reason", "content"))


def told(problem: pytest.ExceptionInfo[RoundProblem]) -> tuple[str, str]:
    return problem.value.field, str(problem.value)


# ---- opening


def test_a_round_has_a_row_for_every_running_initiative_with_its_reference(space: Workspace) -> None:
    assert [
        (row.place, row.state, row.was_reported, row.reference_rating, row.rating, row.version)
        for row in space.rows()
    ] == [(f"1-1-1-{number}", "not_started", True, space.ratings["B"], None, 1) for number in (1, 2, 3, 4)]
    assert space.round.opens_on is not None
    due_on = space.round.opens_on + timedelta(days=30)
    assert (space.round.due_on, space.round.as_of) == (due_on, date(2025, 3, 31))
    content = {"due_on": str(due_on), "as_of": "2025-03-31", "rows": 4}
    assert round_events(space.round) == [("", "open", "", content)]


def test_a_round_leaves_out_what_has_ended_or_not_begun_and_tells_new_ones(space: Workspace) -> None:
    all_approved(space)
    publish(space)
    ended, later, new = space.rows()[0].initiative, space.rows()[1].initiative, space.rows()[2].initiative
    Initiative.objects.filter(pk=ended.pk).update(last_fiscal_year=2024)
    Initiative.objects.filter(pk=later.pk).update(first_fiscal_year=2026)
    Initiative.objects.filter(pk=new.pk).update(position=9)
    round = rounds.open_round(
        space.manifesto, fiscal_year=2025, due_on=in_days(30), as_of=date(2026, 3, 31), by=space.cast.planner
    )
    rows = YearlyAction.objects.filter(round=round).with_place().in_table_order()
    assert [(row.place, row.was_reported, row.reference_rating) for row in rows] == [
        ("1-1-1-4", True, space.ratings["B"]),
        ("1-1-1-9", False, None),
    ]


NO_YEAR = "年度は西暦で、2000 から 2099 までの数で書いてください。"
LATER = "%s より新しい年度の報告回がすでにあります。"
SAME = (
    "令和6年度（2024年度） の報告回はすでにあります（名前のない報告回）。"
    "見分けられるように、「下半期」などの名前を書いてください。"
)
OUTSIDE = (
    "令和7年度（2025年度） の時点は、年度の始まり（令和7年4月1日）から"
    "翌年度の 12 月末（令和8年12月31日）までの日付にしてください。"
)
BEFORE = "時点は、令和6年度 の報告回の時点（令和7年3月31日）より後の日付にしてください。"
PAST = "締切日は、今日か、それより後の日付にしてください。"
# What is asked for instead of a proper round, the field that is named, and the words.
OPENING: dict[str, tuple[dict[str, Any], str, str]] = {
    "a year that is none": ({"fiscal_year": 6}, "fiscal_year", NO_YEAR),
    "a year too early": ({"fiscal_year": 1999}, "fiscal_year", NO_YEAR),
    "the first year that may be": ({"fiscal_year": 2000}, "fiscal_year", LATER % "平成12年度（2000年度）"),
    "a year too late": ({"fiscal_year": 2100}, "fiscal_year", NO_YEAR),
    "the same year": ({"fiscal_year": 2024}, "name", SAME),
    "the same year and date": (
        {"fiscal_year": 2024, "name": "別", "as_of": date(2025, 3, 31)},
        "as_of",
        BEFORE,
    ),
    "an earlier year": ({"fiscal_year": 2020}, "fiscal_year", LATER % "令和2年度（2020年度）"),
    "a date before the year": ({"as_of": date(2025, 3, 31)}, "as_of", OUTSIDE),
    "a date long after the year": ({"as_of": date(2027, 1, 1)}, "as_of", OUTSIDE),
    "a due date in the past": ({"due_in": -1}, "due_on", PAST),
}


@pytest.mark.parametrize("name", OPENING)
def test_a_round_that_cannot_be_opened(space: Workspace, name: str) -> None:
    ReportingRound.objects.filter(pk=space.round.pk).update(state=RoundState.PUBLISHED)
    changes, field, words = OPENING[name]
    values = {"fiscal_year": 2025, "due_in": 30, "as_of": date(2026, 3, 31)} | changes
    values["due_on"] = in_days(values.pop("due_in"))
    before = snapshot()
    with pytest.raises(RoundProblem) as caught:
        rounds.open_round(space.manifesto, by=space.cast.planner, **values)
    assert told(caught) == (field, words)
    assert snapshot() == before


def test_the_last_year_that_may_be_is_opened(space: Workspace) -> None:
    ReportingRound.objects.filter(pk=space.round.pk).update(state=RoundState.PUBLISHED)
    values = {"fiscal_year": 2099, "due_on": in_days(0), "as_of": date(2100, 3, 31)}
    assert rounds.open_round(space.manifesto, by=space.cast.planner, **values).state == RoundState.OPEN


@pytest.mark.parametrize(
    ("running", "words"),
    [("open", "受付中です。締め切って公表してから"), ("closed", "締め切ったまま公表していない")],
)
def test_one_round_at_a_time(space: Workspace, running: str, words: str) -> None:
    ReportingRound.objects.filter(pk=space.round.pk).update(state=running)
    with pytest.raises(RoundProblem, match=words):
        rounds.open_round(
            space.manifesto,
            fiscal_year=2025,
            due_on=in_days(30),
            as_of=date(2026, 3, 31),
            by=space.cast.planner,
        )


def test_a_round_of_nothing_is_not_opened(space: Workspace) -> None:
    ReportingRound.objects.filter(pk=space.round.pk).update(state=RoundState.PUBLISHED)
    Initiative.objects.update(last_fiscal_year=2024)
    before = snapshot()
    with pytest.raises(RoundProblem, match="続いている取組がありません"):
        rounds.open_round(
            space.manifesto,
            fiscal_year=2025,
            due_on=in_days(30),
            as_of=date(2026, 3, 31),
            by=space.cast.planner,
        )
    assert snapshot() == before


ACTS: dict[str, Callable[[Workspace, User], object]] = {
    "open": lambda s, by: rounds.open_round(
        s.manifesto, fiscal_year=2025, due_on=in_days(30), as_of=date(2026, 3, 31), by=by
    ),
    "extend": lambda s, by: rounds.extend(s.round, due_on=in_days(30), by=by),
    "close": lambda s, by: rounds.close(s.round, by=by),
    "start_correction": lambda s, by: rounds.start_correction(s.round, by=by, reason="誤り"),
    "finish_correction": lambda s, by: rounds.finish_correction(s.round, by=by),
    "add_missing": lambda s, by: rounds.add_missing(s.round, by=by),
    "end": lambda s, by: rounds.end_initiative(
        s.row().initiative, last_fiscal_year=2024, by=by, reason="完了"
    ),
}


@pytest.mark.parametrize("act", ACTS)
def test_only_the_planning_office_runs_rounds(space: Workspace, act: str) -> None:
    before = snapshot()
    for who in ("clerk", "both", "stranger", "administrator"):
        with pytest.raises(RoundProblem, match="企画の職員だけです"):
            ACTS[act](space, User.objects.get(username=who))
    assert snapshot() == before


ROUND_TABLE: dict[str, dict[str, str]] = {  # act, state before, state after
    "extend": {"open": "open", "closed": "open", "correcting": "correcting"},
    "close": {"open": "closed"},
    "start_correction": {"published": "correcting", "imported": "correcting"},
    "finish_correction": {"correcting": "imported"},  # there is no report of it
    "add_missing": {"open": "open", "correcting": "correcting"},
}


@pytest.mark.parametrize("before", RoundState.values)
@pytest.mark.parametrize("act", ROUND_TABLE)
def test_every_act_in_every_state_of_the_round(space: Workspace, act: str, before: str) -> None:
    all_approved(space)
    ReportingRound.objects.filter(pk=space.round.pk).update(state=before)
    after = ROUND_TABLE[act].get(before)
    if after is None:
        with pytest.raises(RoundProblem):
            ACTS[act](space, space.cast.planner)
        assert (state(space.round), len(round_events(space.round))) == (before, 1)
    else:
        ACTS[act](space, space.cast.planner)
        assert state(space.round) == after
        assert [event[:2] for event in round_events(space.round)[1:]] == (
            [] if act == "add_missing" else [(before, after)]
        )


# ---- while it runs


def test_a_closed_round_takes_no_answers_but_approvals_and_answers_again_once_extended(
    space: Workspace,
) -> None:
    draft, sent = fill(space.row(1), space.cast.clerk), submit(space.row(2), space.cast.other)
    closed = rounds.close(space.round, by=space.cast.planner)
    with pytest.raises(NotNow, match="この報告回は「締切済」なので、保存できません。"):
        fill(draft, space.cast.clerk, plan="・別の予定。")
    with pytest.raises(NotNow, match="提出できません"):
        workflow.submit(draft.pk, by=space.cast.clerk, version=draft.version)
    assert (
        workflow.approve(sent.pk, by=space.cast.planner, version=sent.version).state == ActionState.APPROVED
    )
    rounds.extend(closed, due_on=in_days(7), by=space.cast.planner)
    assert (
        workflow.submit(draft.pk, by=space.cast.clerk, version=draft.version).state == ActionState.SUBMITTED
    )
    assert round_events(space.round)[1:] == [
        ("open", "closed", "", {}),
        ("closed", "open", "", {"due_on": str(in_days(7)), "due_before": str(space.round.due_on)}),
    ]


def test_a_due_date_in_the_past_is_refused(space: Workspace) -> None:
    with pytest.raises(RoundProblem) as caught:
        rounds.extend(space.round, due_on=in_days(-1), by=space.cast.planner)
    assert caught.value.field == "due_on"
    assert ReportingRound.objects.get(pk=space.round.pk).due_on == space.round.due_on


def test_what_was_entered_later_is_added_once(space: Workspace) -> None:
    pledge = space.row().initiative.pledge
    new = Initiative.objects.create(pledge=pledge, position=5, first_fiscal_year=2024)
    Initiative.objects.create(pledge=pledge, position=6, first_fiscal_year=2025)
    assert list(rounds.missing_initiatives(space.round)) == [new]
    assert [rounds.add_missing(space.round, by=space.cast.planner) for _ in range(2)] == [1, 0]
    assert [(row.place, row.was_reported) for row in space.rows()[4:]] == [("1-1-1-5", False)]
    assert round_events(space.round)[1:] == [("open", "open", "", {"added": 1, "places": ["1-1-1-5"]})]


# ---- ending an initiative


def test_an_ended_initiative_loses_its_untouched_rows_and_stays_in_reports(space: Workspace) -> None:
    initiative = space.row(2).initiative
    rounds.end_initiative(initiative, last_fiscal_year=2023, by=space.cast.planner, reason=" 完了したため\n")
    assert [row.place for row in space.rows()] == ["1-1-1-1", "1-1-1-3", "1-1-1-4"]
    event = Event.objects.latest("number")
    assert (event.kind, event.subject, event.actor) == (
        EventKind.CATALOGUE,
        f"initiative:{initiative.pk}",
        space.cast.planner.signature,
    )
    assert (event.reason, event.content) == (
        "完了したため",
        {
            "model": "取組",
            "name": "①駅を直します (2)",
            "place": "1-1-1-2",
            "manifesto": "2021",
            "departments": ["農政課"],
            "last_fiscal_year": 2023,
            "deleted_rows": [2024],
        },
    )
    all_approved(space)
    before, report = newest_report(space.manifesto), publish(space)
    assert {key: (entry.ended_after, entry.carried_from) for key, entry in entries(report).items()} == {
        "1-1-1-1": (None, None), "1-1-1-2": (2023, None), "1-1-1-3": (None, None), "1-1-1-4": (None, None),
    }  # fmt: skip
    ended, stood = entries(report)["1-1-1-2"], entries(before)["1-1-1-2"]
    kept = ("results", "plans", "rating_code", "rating_reason", "rating_history", "departments", "sdgs")
    assert [getattr(ended, name) for name in kept] == [getattr(stood, name) for name in kept]


@pytest.mark.parametrize(
    ("last", "reason", "field"),
    [
        (2023, " \n", "reason"),
        (2023, "・\u200b", "reason"),
        (2020, "完了", "last_fiscal_year"),
        (2100, "完了", "last_fiscal_year"),
        (2023, "完了", "last_fiscal_year"),
    ],
)
def test_an_end_that_cannot_be(space: Workspace, last: int, reason: str, field: str) -> None:
    """The last case: somebody has written into the year that would go."""
    fill(space.row(), space.cast.clerk)
    before = snapshot()
    with pytest.raises(RoundProblem) as caught:
        rounds.end_initiative(
            space.row().initiative, last_fiscal_year=last, by=space.cast.planner, reason=reason
        )
    assert caught.value.field == field
    assert snapshot() == before


@pytest.mark.parametrize("last", [2024, 2099])
def test_an_initiative_may_end_with_its_first_year_or_the_last_that_there_is(
    space: Workspace, last: int
) -> None:
    pledge = space.row().initiative.pledge
    new = Initiative.objects.create(pledge=pledge, position=5, first_fiscal_year=2024)
    rounds.add_missing(space.round, by=space.cast.planner)
    rounds.end_initiative(new, last_fiscal_year=last, by=space.cast.planner, reason="完了")
    assert Initiative.objects.get(pk=new.pk).last_fiscal_year == last
    assert YearlyAction.objects.filter(initiative=new).count() == 1


def test_an_initiative_ends_once(space: Workspace) -> None:
    ended = rounds.end_initiative(
        space.row().initiative, last_fiscal_year=2024, by=space.cast.planner, reason="完了"
    )
    with pytest.raises(RoundProblem, match="令和6年度 で終わっています"):
        rounds.end_initiative(ended, last_fiscal_year=2025, by=space.cast.planner, reason="完了")
    assert len(space.rows()) == 4


def test_an_ended_initiative_that_was_never_reported_is_in_nobodys_way(space: Workspace) -> None:
    new = Initiative.objects.create(
        pledge=space.row().initiative.pledge, position=5, first_fiscal_year=2024, last_fiscal_year=2023
    )
    all_approved(space)
    draft = drafting.draft(space.round)
    assert (draft.left_out, len(draft.entries)) == ([], 4)
    Initiative.objects.filter(pk=new.pk).update(last_fiscal_year=None)
    assert drafting.draft(space.round).left_out == [new]


# ---- publishing


def test_a_whole_year_is_published(space: Workspace) -> None:
    approved(space, space.row(1), rating_id=space.ratings["A"].pk, rating_reason="完成したため")
    for action in space.rows()[1:]:
        approved(space, action)
    head = events.head()
    report = publish(space)
    assert (report.edition, report.chain_head, report.unapproved_reason, state(space.round)) == (
        1,
        head,
        "",
        "published",
    )
    first = entries(report)["1-1-1-1"]
    assert (first.rating_code, first.rating_reason) == ("A", "完成したため")
    assert first.rating_history == [
        {"fiscal_year": 2023, "code": "B", "reason": ""},
        {"fiscal_year": 2024, "code": "A", "reason": "完成したため"},
    ]
    assert (first.results, first.plans) == (
        {"2023": "・調べました。", "2024": "・会議を開き、計画をまとめました。"},
        {"2024": "・工事を始めます。", "2025": "・工事を始めます。"},
    )
    event = Event.objects.latest("number")
    assert (event.previous_hash, event.subject, event.actor) == (
        head,
        "report:2021/2025-03-31/1",
        space.cast.planner.signature,
    )


@pytest.mark.parametrize("stopped_at", ["not_started", "draft", "submitted", "returned"])
def test_a_row_that_is_not_approved_stays_as_it_stood_and_says_so(space: Workspace, stopped_at: str) -> None:
    row, *others = space.rows()
    for action in others:
        approved(space, action)
    if stopped_at == "draft":
        fill(row, space.cast.clerk)
    elif stopped_at != "not_started":
        sent = submit(row, space.cast.clerk)
        if stopped_at == "returned":
            workflow.send_back(row.pk, by=space.cast.planner, version=sent.version, reason="数がない")
    before = snapshot()
    with pytest.raises(PublishingProblem, match="承認されていない取組が 1 件あります"):
        publishing.publish(space.round, by="x")
    assert snapshot() == before
    last, report = newest_report(space.manifesto), publish(space, unapproved_reason=" 確認中 ")
    stays, stood = entries(report)["1-1-1-1"], entries(last)["1-1-1-1"]
    assert (stays.carried_from, report.unapproved_reason) == (date(2024, 3, 31), "確認中")
    assert [getattr(stays, name) for name in digests.CONTENT_FIELDS] == [
        getattr(stood, name) for name in digests.CONTENT_FIELDS
    ]
    assert Event.objects.latest("number").content == {
        "digest": report.digest, "entries": 4, "unapproved_reason": "確認中", "carried": ["1-1-1-1"],
        "left_out": [],
    }  # fmt: skip


def test_a_row_that_stays_twice_names_the_first_time(space: Workspace) -> None:
    publish(space, unapproved_reason="確認中")
    later = rounds.open_round(
        space.manifesto, fiscal_year=2025, due_on=in_days(30), as_of=date(2026, 3, 31), by=space.cast.planner
    )
    report = publish(space, later, unapproved_reason="まだ確認中")
    assert {entry.carried_from for entry in report.entries.all()} == {date(2024, 3, 31)}
    assert (report.result_years, report.plan_years) == ([2023], [2024])


def test_a_new_initiative_that_is_not_approved_is_left_out_and_named(space: Workspace) -> None:
    new = Initiative.objects.create(pledge=space.row().initiative.pledge, position=5, first_fiscal_year=2024)
    all_approved(space)
    rounds.add_missing(space.round, by=space.cast.planner)
    draft = drafting.draft(space.round)
    assert (draft.left_out, draft.carried) == ([new], [])
    with pytest.raises(PublishingProblem, match="1 件あります"):
        publishing.publish(space.round, by="x")
    report = publish(space, unapproved_reason="確認中")
    assert list(entries(report)) == ["1-1-1-1", "1-1-1-2", "1-1-1-3", "1-1-1-4"]
    assert Event.objects.latest("number").content["left_out"] == ["1-1-1-5"]


def test_a_reason_that_is_not_needed_is_not_kept(space: Workspace) -> None:
    all_approved(space)
    assert publish(space, unapproved_reason="不要").unapproved_reason == ""


def test_the_content_must_be_what_was_looked_at(space: Workspace) -> None:
    all_approved(space)
    looked_at = drafting.draft(space.round).content_digest
    again = reopened(space, space.row())
    fill(again, space.cast.clerk, plan="・別の予定。")
    before = snapshot()
    with pytest.raises(PublishingProblem, match="確かめたあとに、公表する内容が変わりました"):
        publishing.publish(space.round, by="x", expected=looked_at, unapproved_reason="確認中")
    assert snapshot() == before
    now = drafting.draft(space.round).content_digest
    assert publish(space, expected=now, unapproved_reason="確認中").edition == 1


# ---- correcting


def corrected(space: Workspace, **values: Any) -> YearlyAction:
    """This year's first row, reopened after the publication and approved with other content."""
    rounds.start_correction(space.round, by=space.cast.planner, reason="数の誤り")
    again = reopened(space, space.row())
    sent = submit(again, space.cast.clerk, **{"rating_id": again.rating_id, "is_unrated": False, **values})
    return workflow.approve(sent.pk, by=space.cast.planner, version=sent.version)


def test_a_correction_is_the_next_edition_and_the_first_stays(space: Workspace) -> None:
    all_approved(space)
    first = publish(space)
    stood = [Report.objects.values().get(pk=first.pk), list(first.entries.order_by("pk").values())]
    corrected(space, result="・2 回開きました。")
    with pytest.raises(PublishingProblem, match="訂正の理由が必要です"):
        publishing.publish(space.round, by="x")
    second = publish(space, reason="数の誤り")
    assert (second.edition, second.correction_reason, state(space.round)) == (2, "数の誤り", "published")
    assert entries(second)["1-1-1-1"].results["2024"] == "・2 回開きました。"
    assert [Report.objects.values().get(pk=first.pk), list(first.entries.order_by("pk").values())] == stood


@pytest.mark.parametrize("days", [-439, 5])
def test_nobody_is_late_for_a_correction_by_the_date_of_the_collection(space: Workspace, days: int) -> None:
    """A date that has passed counts no more, until somebody sets one; the event keeps it."""
    all_approved(space)
    publish(space)
    opens_on, due_on = in_days(-500), in_days(days)
    ReportingRound.objects.filter(pk=space.round.pk).update(opens_on=opens_on, due_on=due_on)
    begun = rounds.start_correction(space.round, by=space.cast.planner, reason="数の誤り")
    again = reopened(space, space.row())
    assert (begun.due_on, again.is_late) == (due_on if days > 0 else None, False)
    kept = {} if days > 0 else {"due_before": str(due_on)}
    assert round_events(space.round)[-1] == ("published", "correcting", "数の誤り", kept)
    assert [each.pk for each in rounds_to_remind(timezone.now())] == [begun.pk] * (days > 0)


def test_a_published_row_is_not_reopened_without_a_correction(space: Workspace) -> None:
    all_approved(space)
    publish(space)
    with pytest.raises(NotNow, match="この報告回は「公表済」なので"):
        reopened(space, space.row())


def test_a_corrected_rating_is_compared_with_the_report_that_is_corrected(space: Workspace) -> None:
    approved(space, space.row(1), rating_id=space.ratings["A"].pk, rating_reason="完成したため")
    for action in space.rows()[1:]:
        approved(space, action)
    publish(space)
    rounds.start_correction(space.round, by=space.cast.planner, reason="誤り")
    assert [row.reference_rating for row in space.rows()] == [space.ratings[code] for code in "ABBB"]
    again = reopened(space, space.row())
    assert (again.reference_rating, again.rating_changed) == (space.ratings["A"], False)
    saved = fill(again, space.cast.clerk, rating_id=space.ratings["B"].pk, is_unrated=False, rating_reason="")
    assert list(workflow.problems(saved)) == ["rating_reason"]


def test_a_correction_that_changes_nothing_ends_with_an_event_and_no_edition(space: Workspace) -> None:
    all_approved(space)
    report = publish(space)
    rounds.start_correction(space.round, by=space.cast.planner, reason="誤り")
    assert publishing.publish(space.round, by="企画", reason="誤り") == (report, False)
    assert state(space.round) == "published"
    assert round_events(space.round)[-1] == ("correcting", "published", "", {})


def test_a_row_under_correction_stays_as_it_stood_in_the_report(space: Workspace) -> None:
    all_approved(space)
    publish(space)
    rounds.start_correction(space.round, by=space.cast.planner, reason="誤り")
    reopened(space, space.row())
    second = publish(space, reason="誤り", unapproved_reason="確認中")
    stays = entries(second)["1-1-1-1"]
    assert (stays.carried_from, stays.results["2024"]) == (
        date(2025, 3, 31),
        "・会議を開き、計画をまとめました。",
    )


@pytest.mark.parametrize("last_fiscal_year", [None, 2023])
def test_a_year_under_correction_stands_in_the_next_years_report_as_it_stood(
    space: Workspace, last_fiscal_year: int | None
) -> None:
    """Also the rating of an initiative that ended with that year."""
    if last_fiscal_year:
        rounds.end_initiative(
            space.row().initiative, last_fiscal_year=2023, by=space.cast.planner, reason="完了"
        )
    all_approved(space)
    rounds.start_correction(space.last_round, by=space.cast.planner, reason="誤り")
    for action in YearlyAction.objects.filter(round=space.last_round):
        reopened(space, action)
    report = publish(space, unapproved_reason="確認中" if last_fiscal_year else "")
    first, last = entries(report)["1-1-1-1"], entries(Report.objects.get(as_of=date(2024, 3, 31)))["1-1-1-1"]
    assert (first.results["2023"], first.plans["2024"], first.rating_history[0]) == (
        last.results["2023"], last.plans["2024"], last.rating_history[0],
    )  # fmt: skip
    assert (first.rating_code, report.result_years) == ("B", [2023, 2024])


def test_an_older_round_is_corrected_beside_the_running_one(space: Workspace) -> None:
    """Its rows are compared with its own report; the running rows then with the corrected one."""
    drafted, sent = fill(space.row(1), space.cast.clerk), submit(space.row(2), space.cast.other)
    rounds.start_correction(space.last_round, by=space.cast.planner, reason="評価の誤り")
    for place in (0, 1):
        old = YearlyAction.objects.filter(round=space.last_round).with_place().in_table_order()[place]
        returned = reopened(space, old)
        done = submit(
            returned,
            space.cast.planner,
            rating_id=space.ratings["A"].pk,
            is_unrated=False,
            rating_reason="転記の誤りのため",
        )
        workflow.approve(done.pk, by=space.cast.second_planner, version=done.version)
    corrected = publish(space, space.last_round, reason="評価の誤り")
    assert (corrected.as_of, corrected.edition, entries(corrected)["1-1-1-1"].rating_code) == (
        date(2024, 3, 31),
        2,
        "A",
    )
    assert [row.reference_rating for row in space.rows()] == [space.ratings[code] for code in "ABBB"]
    with pytest.raises(workflow.Incomplete):
        workflow.submit(drafted.pk, by=space.cast.clerk, version=drafted.version)
    returned = workflow.send_back(
        sent.pk, by=space.cast.planner, version=sent.version, reason="前回が訂正されました"
    )
    assert (returned.reference_rating, returned.rating_changed) == (space.ratings["A"], True)
    with pytest.raises(workflow.Incomplete):
        workflow.submit(returned.pk, by=space.cast.other, version=returned.version)


@pytest.mark.parametrize(
    ("answer", "reference"),
    [
        ({}, "B"),
        ({"rating": "C", "rating_reason": "・理由"}, "A"),
        ({"rating": "A", "rating_reason": "・理由"}, "A"),
    ],
    ids=["unchanged, no reason", "changed, with a reason", "as it is corrected, with a reason"],
)
def test_what_was_handed_in_is_compared_with_a_correction_where_its_reason_holds(
    space: Workspace, answer: dict[str, str], reference: str
) -> None:
    values: dict[str, Any] = dict(answer)
    if code := values.pop("rating", ""):
        values |= {"rating_id": space.ratings[code].pk, "is_unrated": False}
    submit(space.row(1), space.cast.clerk, **values)
    YearlyAction.objects.filter(round=space.last_round).update(rating=space.ratings["A"])
    publish(space, space.last_round, reason="誤り")
    assert space.row(1).reference_rating == space.ratings[reference]


def test_an_older_round_is_corrected_after_the_next_one_was_published(space: Workspace) -> None:
    approved(space, space.row(1), rating_id=space.ratings["A"].pk, rating_reason="完成したため")
    for action in space.rows()[1:]:
        approved(space, action)
    publish(space)
    rounds.start_correction(space.last_round, by=space.cast.planner, reason="誤り")
    old = YearlyAction.objects.filter(round=space.last_round)
    assert {row.reference_rating for row in old} == {space.ratings["B"]}
    assert {row.reference_rating for row in space.rows()} == {space.ratings["B"]}


def test_a_round_that_no_report_tells_can_be_corrected(space: Workspace) -> None:
    """Such as the first years of an imported table: there is no rating to compare with."""
    early = ReportingRound.objects.create(
        manifesto=space.manifesto, fiscal_year=2022, as_of=date(2023, 3, 31), state=RoundState.PUBLISHED
    )
    for row in space.rows():
        early.actions.create(
            initiative=row.initiative, result="・図りました。", state=ActionState.APPROVED, is_imported=True
        )
    rounds.start_correction(early, by=space.cast.planner, reason="誤り")
    assert set(early.actions.values_list("was_reported", "reference_rating")) == {(False, None)}


def test_a_correction_is_finished_without_publishing_once_all_is_approved(space: Workspace) -> None:
    all_approved(space)
    publish(space)
    rounds.start_correction(space.round, by=space.cast.planner, reason="誤り")
    again = reopened(space, space.row())
    with pytest.raises(RoundProblem, match="承認されていない取組が 1 件あります"):
        rounds.finish_correction(space.round, by=space.cast.planner)
    sent = submit(again, space.cast.clerk)
    workflow.approve(sent.pk, by=space.cast.planner, version=sent.version)
    rounds.finish_correction(space.round, by=space.cast.planner)
    assert (state(space.round), round_events(space.round)[-1]) == (
        "published",
        ("correcting", "published", "", {}),
    )


def test_a_correction_needs_a_reason(space: Workspace) -> None:
    all_approved(space)
    publish(space)
    for reason in (" \n", "\u200b", "・"):
        with pytest.raises(RoundProblem) as caught:
            rounds.start_correction(space.round, by=space.cast.planner, reason=reason)
        assert (caught.value.field, state(space.round)) == ("reason", "published")


def test_two_open_rounds_are_refused_by_the_database(space: Workspace) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ReportingRound.objects.filter(pk=space.last_round.pk).update(state=RoundState.OPEN)
