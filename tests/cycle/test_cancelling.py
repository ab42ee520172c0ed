"""A round that was opened by mistake goes. What was typed stays in the events."""

import pytest
from django.utils import timezone

from tests.half_years import open_half, problems, publish, publish_first_half, rows_of
from tests.staff.people import fill, submit
from tests.workspace import Workspace
from tracker.choices import CANCELLED, EventKind, RoundState
from tracker.cycle import cancelling, rounds, workflow
from tracker.cycle.cancelling import WrittenMeanwhile
from tracker.cycle.rounds import RoundProblem
from tracker.cycle.workflow import NotNow
from tracker.models import Event, FormerText, ReportingRound, SentMail, YearlyAction

pytestmark = pytest.mark.django_db


def cancel(space: Workspace, round: ReportingRound | None = None, reason: str = "年度のまちがい") -> None:
    round = round or space.round
    seen = cancelling.seen_digest(cancelling.typed_rows(round))
    cancelling.cancel(round, by=space.cast.planner, reason=reason, seen=seen)


def typed_in(space: Workspace) -> list[int]:
    """A draft over another's text, and a submitted row; the ids of all rows."""
    first = fill(space.row(1), space.cast.clerk, result="・先に書いた長い文。")
    fill(first, space.cast.colleague, result="・あとの文。")
    submit(space.row(2), space.cast.other, result="・出した文。")
    return [row.pk for row in space.rows()]


def test_what_was_typed_is_listed_by_name(space: Workspace) -> None:
    typed_in(space)
    assert [
        (each.row.place, each.writers, each.characters, len(each.former))
        for each in cancelling.typed_rows(space.round)
    ] == [
        ("1-1-1-1", [space.cast.colleague.signature, space.cast.clerk.signature], 15, 1),
        ("1-1-1-2", [space.cast.other.signature], 15, 0),
    ]


def test_rows_and_round_are_gone_and_every_text_is_in_the_events(space: Workspace) -> None:
    first, second, *others = typed_in(space)
    sent_at = timezone.now()
    SentMail.objects.create(
        round=space.round, department=space.mine, kind="reminder", occasion="2025-04-01", sent_at=sent_at,
        sent_by="企画", recipient="a@city.example", row_count=1,
    )  # fmt: skip
    before, pk = Event.objects.count(), space.round.pk
    cancel(space)
    assert ReportingRound.objects.filter(pk=pk).exists() is False
    assert YearlyAction.objects.filter(pk__in=[first, second, *others]).exists() is False
    assert (FormerText.objects.count(), SentMail.objects.count()) == (0, 0)
    whole, *told = Event.objects.order_by("number")[before:]
    assert (whole.kind, whole.subject, whole.from_state, whole.to_state, whole.reason) == (
        EventKind.ROUND,
        "round:2021/2024",
        "open",
        CANCELLED,
        "年度のまちがい",
    )
    assert whole.content["rows"] == {
        str(row): f"1-1-1-{number}" for number, row in enumerate([first, second, *others], start=1)
    }
    assert whole.content["mails"] == [["reminder", sent_at.isoformat(), "001", "a@city.example"]]
    assert [(event.subject, event.from_state, event.to_state, event.content["result"]) for event in told] == [
        (f"action:{first}", "draft", CANCELLED, "・あとの文。"),
        (f"action:{second}", "submitted", CANCELLED, "・出した文。"),
    ]
    (former,) = told[0].content["former_texts"]
    assert (former["result"], former["rating"], former["written_by"]) == (
        "・先に書いた長い文。",
        "B",
        space.cast.clerk.signature,
    )
    assert problems() == []


def test_a_new_round_can_be_opened_whose_events_are_its_own(space: Workspace) -> None:
    typed_in(space)
    cancel(space)
    again = open_half(space, name="")
    assert (again.number, again.subject, again.actions.count()) == (2, "round:2021/2024/2", 4)
    assert Event.objects.filter(subject=again.subject).count() == 1
    assert problems() == []


def test_a_begun_row_that_nobody_wrote_into_counts_as_untyped_and_goes_cleanly(space: Workspace) -> None:
    publish_first_half(space)
    second = open_half(space)
    assert cancelling.typed_rows(second) == []
    cancel(space, second)
    assert problems() == []
    assert rows_of(open_half(space))[0].result == "・上半期に1。"


def test_a_save_that_comes_too_late_is_told_that_the_round_was_cancelled(space: Workspace) -> None:
    row = space.row()
    cancel(space)
    with pytest.raises(NotNow, match="令和6年度の報告回は、企画が取り消しました（理由：年度のまちがい）"):
        workflow.save(row.pk, by=space.cast.clerk, version=1, content=workflow.Content(result="・遅れた文。"))
    assert cancelling.cancellation_of_row(row.pk) == cancelling.cancellation_of_round(space.round.pk)
    assert cancelling.cancellation_of_row(10**9) is None


def refused(space: Workspace, words: str, **values: str) -> None:
    before = Event.objects.count(), YearlyAction.objects.count()
    with pytest.raises(RoundProblem, match=words):
        cancel(space, **values)  # type: ignore[arg-type]
    assert (Event.objects.count(), YearlyAction.objects.count()) == before


def test_it_needs_a_reason_and_the_planning_office(space: Workspace) -> None:
    refused(space, "取り消す理由を書いてください。", reason="　")
    with pytest.raises(RoundProblem, match="企画の職員だけ"):
        cancelling.cancel(space.round, by=space.cast.clerk, reason="x", seen="")


@pytest.mark.parametrize("state", [RoundState.PUBLISHED, RoundState.CORRECTING, RoundState.IMPORTED])
def test_a_round_in_another_state_is_not_cancelled(space: Workspace, state: RoundState) -> None:
    ReportingRound.objects.filter(pk=space.round.pk).update(state=state)
    refused(space, "取り消せません")


def test_a_published_round_is_not_cancelled_whatever_its_state_says(space: Workspace) -> None:
    publish(space.round, unapproved_reason="確認中")
    ReportingRound.objects.filter(pk=space.round.pk).update(state=RoundState.CLOSED)
    refused(space, "公表版がすでにあるので、取り消せません")


def test_what_was_written_after_the_look_stands_in_the_way(space: Workspace) -> None:
    seen = cancelling.seen_digest(cancelling.typed_rows(space.round))
    fill(space.row(), space.cast.clerk)
    with pytest.raises(WrittenMeanwhile, match="だれかが書き込みました"):
        cancelling.cancel(space.round, by=space.cast.planner, reason="x", seen=seen)
    assert space.round.actions.count() == 4


def test_a_round_cancelled_by_somebody_else_is_told(space: Workspace) -> None:
    cancel(space)
    with pytest.raises(RoundProblem, match="いま取り消されました"):
        rounds.close(space.round, by=space.cast.planner)
