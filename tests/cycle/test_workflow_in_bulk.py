"""Many rows at once: what is written, what is in the way, and that taking it back leaves only the events."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.staff.people import fill, submit
from tests.workspace import Workspace, make_workspace, transitions
from tracker.choices import TAKING_BACK
from tracker.cycle import events, rounds, workflow, workflow_in_bulk
from tracker.cycle.workflow import Blocked, Content, Incomplete, NotNow, Stale
from tracker.cycle.workflow_in_bulk import Answer, submit_all, take_back, write_all
from tracker.models import Assignment, Event, Manifesto, Membership, ReportingRound, User, YearlyAction

pytestmark = pytest.mark.django_db


def answer(action: YearlyAction, submits: bool = False, **values: Any) -> Answer:
    """A complete answer with last year's rating, unless told otherwise."""
    wanted = {
        "result": "・駅を直しました。",
        "plan": "・道を直します。",
        "rating_id": action.reference_rating_id,
        **values,
    }
    return Answer(action.pk, action.version, Content(**wanted), submits)


def stored(space: Workspace) -> list[dict[str, Any]]:
    """All rows as they stand, but for their versions, which never go back."""
    rows = YearlyAction.objects.filter(round=space.round).order_by("pk").values()
    return [row | {"version": None} for row in rows]


def chain_holds() -> bool:
    return events.first_break(Event.objects.order_by("number"), events.known_heads()) is None


def test_a_draft_is_saved_as_the_form_saves_it(space: Workspace) -> None:
    first, third = space.row(1), space.row(3)
    by_form = fill(first, space.cast.clerk, result="・駅を直しました。", plan="・道を直します。")
    taken = write_all([answer(third)], by=space.cast.clerk)
    by_sheet = space.row(3)
    assert list(taken) == [third.pk]
    assert taken[third.pk]["version"] == by_sheet.version == third.version + 1
    same = (
        "state",
        "result",
        "plan",
        "rating_id",
        "is_unrated",
        "rating_reason",
        "saved_by_id",
        "submitted_by_id",
        "version",
    )
    assert [getattr(by_sheet, name) for name in same] == [getattr(by_form, name) for name in same]
    assert transitions(by_sheet) == [("not_started", "draft")]


def test_a_submission_passes_through_the_draft_with_an_event_for_each_step(space: Workspace) -> None:
    row = space.row(1)
    taken = write_all([answer(row, submits=True)], by=space.cast.clerk, reason="入力シート「a.xlsx」の取込")
    done = space.row(1)
    assert (done.state, done.submitted_by, done.version) == ("submitted", space.cast.clerk, row.version + 2)
    assert taken[row.pk]["version"] == done.version
    assert transitions(done) == [("not_started", "draft"), ("draft", "submitted")]
    told = Event.objects.filter(subject=done.subject).order_by("number")
    assert [event.reason for event in told] == ["入力シート「a.xlsx」の取込"] * 2
    assert [event.content["result"] for event in told] == ["・駅を直しました。"] * 2
    assert [event.content["version"] for event in told] == [row.version + 1, row.version + 2]
    assert chain_holds()


def test_a_complete_draft_is_submitted_without_being_saved_again(space: Workspace) -> None:
    draft = fill(space.row(1), space.cast.colleague)
    write_all([Answer(draft.pk, draft.version, Content.of(draft), submits=True)], by=space.cast.clerk)
    done = space.row(1)
    assert (done.version, done.saved_by, done.submitted_by) == (
        draft.version + 1,
        space.cast.colleague,
        space.cast.clerk,
    )


def test_a_returned_row_keeps_its_reason_until_it_is_approved(space: Workspace) -> None:
    row = submit(space.row(1), space.cast.clerk)
    returned = workflow.send_back(
        row.pk, by=space.cast.planner, version=row.version, reason="数がありません。", field="result"
    )
    write_all([answer(returned)], by=space.cast.clerk)
    saved = space.row(1)
    assert (saved.state, saved.return_reason, saved.return_field) == (
        "returned",
        "数がありません。",
        "result",
    )
    write_all([answer(saved, submits=True)], by=space.cast.clerk)
    done = space.row(1)
    assert (done.state, done.return_reason, done.return_field) == ("submitted", "数がありません。", "result")
    approved = workflow.approve(done.pk, by=space.cast.planner, version=done.version)
    assert (approved.state, approved.return_reason, approved.return_field) == ("approved", "", "")


def blocked_by(act: Any) -> tuple[dict[int, str], str]:
    before = events.head(), list(YearlyAction.objects.order_by("pk").values())
    with pytest.raises(Blocked) as caught, transaction.atomic():
        act()
    assert (events.head(), list(YearlyAction.objects.order_by("pk").values())) == before
    return {action.pk: why for action, why in caught.value.rows}, str(caught.value)


def test_one_row_in_the_way_stops_all_and_every_one_is_named(space: Workspace) -> None:
    first, third = space.row(1), space.row(3)
    submitted = submit(first, space.cast.colleague)
    stale = fill(third, space.cast.colleague)
    fine = answer(space.row(2))
    wanted = [answer(submitted), Answer(stale.pk, stale.version - 1, Content(result="・別の文。")), fine]
    named, words = blocked_by(lambda: write_all(wanted, by=space.cast.both))
    assert named == {
        submitted.pk: "状態が「提出済」に変わっています。",
        stale.pk: "確かめたあとに内容が変わっています。",
    }
    assert words == "2 件が書き込めない状態になっていたため、1 件も書き込んでいません。"


@pytest.mark.parametrize("who", ["clerk", "stranger", "administrator"])
def test_rows_of_others_are_not_written(space: Workspace, who: str) -> None:
    foreign = space.row(2)
    by = User.objects.get(username=who)
    named, words = blocked_by(lambda: write_all([answer(foreign)], by=by))
    assert (named, words[:1]) == ({}, "1")


def test_a_submission_that_lacks_something_is_in_the_way(space: Workspace) -> None:
    row = space.row(1)
    named, _words = blocked_by(
        lambda: write_all([answer(row, submits=True, rating_id=space.ratings["A"].pk)], by=space.cast.clerk)
    )
    assert named == {row.pk: "評価が前回の公表と違います。評価を変えた理由を書いてください。"}


def test_a_rating_of_another_scale_is_in_the_way(space: Workspace) -> None:
    other = make_workspace(slug="2017", cast=space.cast)
    row = space.row(1)
    named, _words = blocked_by(
        lambda: write_all([answer(row, rating_id=other.ratings["A"].pk)], by=space.cast.clerk)
    )
    assert named == {row.pk: "その評価は、このマニフェストの区分にありません。"}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"is_unrated": True}, "評価を選ぶか、評価を付けないか、どちらかにしてください。"),
        ({"rating_id": 10**9}, "その評価は、このマニフェストの区分にありません。"),
        ({"rating_id": 10**9, "is_unrated": True}, "その評価は、このマニフェストの区分にありません。"),
    ],
)
def test_a_rating_that_cannot_be_one_is_refused_in_the_words_of_the_form(
    space: Workspace, values: dict[str, Any], words: str
) -> None:
    row = space.row(1)
    wanted = answer(row, **values)
    with pytest.raises(Incomplete, match=words), transaction.atomic():
        workflow.save(row.pk, by=space.cast.clerk, version=row.version, content=wanted.content)
    named, _words = blocked_by(lambda: write_all([wanted], by=space.cast.clerk))
    assert named == {row.pk: words}


@pytest.mark.parametrize(
    "values", [{"result": ""}, {"rating_id": None}, {"rating_id": None, "result": "", "plan": "あ" * 10_001}]
)
def test_a_submission_lacks_what_the_form_says(space: Workspace, values: dict[str, Any]) -> None:
    row = space.row(1)
    wanted = answer(row, submits=True, **values)
    draft = workflow.save(row.pk, by=space.cast.clerk, version=row.version, content=wanted.content)
    again = replace(wanted, version=draft.version)
    with pytest.raises(Incomplete) as caught, transaction.atomic():
        workflow.submit(row.pk, by=space.cast.clerk, version=draft.version)
    named, _words = blocked_by(lambda: write_all([again], by=space.cast.clerk))
    assert named == {row.pk: str(caught.value)}


def test_rows_of_two_rounds_are_never_written_together(space: Workspace) -> None:
    other = make_workspace(slug="2017", cast=space.cast)
    named, words = blocked_by(
        lambda: write_all([answer(space.row(1)), answer(other.row(1))], by=space.cast.clerk)
    )
    assert (named, words[:1]) == ({}, "1")


def test_nothing_is_written_into_a_closed_round(space: Workspace) -> None:
    wanted = answer(space.row(1))
    rounds.close(space.round, by=space.cast.planner)
    with pytest.raises(NotNow, match="この報告回は「締切済」なので、書き込めません"):
        write_all([wanted], by=space.cast.clerk)


def states_before(space: Workspace, state: str) -> YearlyAction:
    row = space.row(1)
    if state == "not_started":
        return row
    if state == "draft":
        return fill(row, space.cast.colleague, result="・前の文。")
    row = submit(row, space.cast.colleague)
    return workflow.send_back(
        row.pk, by=space.cast.planner, version=row.version, reason="数がありません。", field="result"
    )


@pytest.mark.parametrize("submits", [False, True])
@pytest.mark.parametrize("state", ["not_started", "draft", "returned"])
def test_taking_back_leaves_the_rows_as_they_stood(space: Workspace, state: str, submits: bool) -> None:
    row = states_before(space, state)
    before, number = stored(space), len(transitions(row))
    taken = write_all([answer(row, submits), answer(space.row(3), submits)], by=space.cast.clerk)
    assert stored(space) != before
    take_back(taken, by=space.cast.planner, reason="入力シート「a.xlsx」の取込の取消し")
    assert stored(space) == before
    assert space.row(1).version > taken[row.pk]["version"]
    moved = transitions(row)[number:]
    stands = "submitted" if submits else "draft" if state == "not_started" else state
    assert moved[-1:] == [(stands, state)]  # an event even where the state stays: the texts went back
    assert chain_holds()


def test_taking_back_makes_exactly_the_transitions_that_are_for_it(space: Workspace) -> None:
    made = set()
    for state in ("not_started", "draft", "returned"):
        for submits, has_head in product((False, True), (False, True)):
            with transaction.atomic():
                states_before(space, state)
                Manifesto.objects.update(section_check=has_head)
                Membership.objects.filter(user=space.cast.colleague).update(is_head=has_head)
                row = space.row(1)
                taken = write_all([answer(row, submits)], by=space.cast.clerk)
                between = len(transitions(row))
                take_back(taken, by=space.cast.clerk, reason="取消し")
                made |= set(transitions(row)[between:])
                transaction.set_rollback(True)
    assert {way for way in made if way[0] != way[1]} == {(str(a), str(b)) for a, b in TAKING_BACK}
    assert {way[0] for way in made if way[0] == way[1]} == {"draft", "returned"}


def test_a_row_that_is_somebody_elses_by_now_is_not_taken_back(space: Workspace) -> None:
    first = space.row(1)
    taken = write_all([answer(first), answer(space.row(3))], by=space.cast.clerk)
    Assignment.objects.filter(initiative=first.initiative).update(department=space.theirs)
    named, words = blocked_by(lambda: take_back(taken, by=space.cast.clerk, reason="取消し"))
    assert (named, words[:1]) == ({}, "1")


def written_or_taken_back(space: Workspace, act: str) -> Callable[[], object]:
    """An act on two rows, ready to be done."""
    wanted = [answer(space.row(1)), answer(space.row(3), result="・別の文。")]
    if act == "write":
        return lambda: write_all(wanted, by=space.cast.clerk)
    taken = write_all(wanted, by=space.cast.clerk)
    return lambda: take_back(taken, by=space.cast.clerk, reason="取消し")


def moved(space: Workspace, **values: Any) -> Any:
    """A step of ours, after which somebody who asks for no lock has written into the third row."""

    def step(found: Any) -> Any:
        YearlyAction.objects.filter(pk=space.row(3).pk).update(**values)
        return scale_of(found)

    scale_of = workflow_in_bulk._scale_of
    return step


@pytest.mark.parametrize(
    "values", [{"version": F("version") + 1}, {"state": "submitted"}], ids=["version", "state"]
)
@pytest.mark.parametrize("act", ["write", "take back"])
def test_a_row_that_moves_between_reading_and_writing_stops_all(
    space: Workspace, monkeypatch: pytest.MonkeyPatch, act: str, values: dict[str, Any]
) -> None:
    fill(space.row(3), space.cast.colleague)
    values = values | {"submitted_by": space.cast.colleague, "submitted_at": timezone.now()}
    attempt = written_or_taken_back(space, act)
    before = stored(space), events.head()
    monkeypatch.setattr(workflow_in_bulk, "_scale_of", moved(space, **values))
    with pytest.raises(Stale, match="1 件も書き込んでいません。"):
        attempt()
    assert (stored(space), events.head()) == before


@pytest.mark.parametrize("act", ["write", "take back"])
def test_a_fault_of_ours_in_the_middle_leaves_all_as_it_was(
    space: Workspace, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    def fail(*args: object, **values: object) -> None:
        raise RuntimeError("a fault of ours")

    attempt = written_or_taken_back(space, act)
    before = stored(space)
    monkeypatch.setattr(events, "record_all", fail)
    with pytest.raises(RuntimeError):
        attempt()
    assert stored(space) == before


@pytest.mark.parametrize("touch", ["saved", "approved"])
def test_a_row_touched_since_stops_taking_back_and_is_named(space: Workspace, touch: str) -> None:
    first, third = space.row(1), space.row(3)
    taken = write_all([answer(first, touch == "approved"), answer(third)], by=space.cast.clerk)
    now = space.row(1)
    if touch == "saved":
        fill(now, space.cast.colleague, result="・もっと書きました。")
    else:
        workflow.approve(now.pk, by=space.cast.planner, version=now.version)
    named, words = blocked_by(lambda: take_back(taken, by=space.cast.clerk, reason="取消し"))
    assert named == {first.pk: "そのあとに変更されています。"}
    assert words == "1 件が取り込んだあとに変わっているため、1 件も取り消していません。"


def test_statements_do_not_grow_with_the_rows(space: Workspace) -> None:
    def statements(count: int) -> int:
        with transaction.atomic():
            other = make_workspace(count, slug="2017", cast=space.cast)
            YearlyAction.objects.filter(round=other.round).update(state="draft")
            rows = list(YearlyAction.objects.filter(round=other.round))
            with CaptureQueriesContext(connection) as captured:
                write_all(
                    [Answer(row.pk, row.version, Content(result="・新しい文。")) for row in rows],
                    by=space.cast.planner,
                )
            transaction.set_rollback(True)
            return len(captured)

    assert statements(20) == statements(600) <= 9


def test_the_round_is_the_rows_own(space: Workspace) -> None:
    """No row, no round: nothing to write is nothing written."""
    assert write_all([], by=space.cast.clerk) == {}
    assert ReportingRound.objects.get(pk=space.round.pk).state == "open"


def test_drafts_are_handed_in_together_as_each_would_be_alone(space: Workspace) -> None:
    clerk = space.cast.clerk
    alone, together = submit(space.row(1), clerk), fill(space.row(3), clerk)
    before = Event.objects.count()
    (returned,) = submit_all([(together.pk, together.version)], by=clerk)
    done = space.row(3)
    assert (returned.pk, returned.state, returned.version) == (done.pk, done.state, done.version)
    same = ("state", "result", "plan", "submitted_by_id", "saved_by_id", "version")
    assert [getattr(done, name) for name in same] == [getattr(alone, name) for name in same]
    assert transitions(done) == transitions(alone)
    assert Event.objects.count() == before + 1
    assert chain_holds()


def test_one_draft_in_the_way_hands_in_none(space: Workspace) -> None:
    clerk = space.cast.clerk
    ready, gap = fill(space.row(1), clerk), fill(space.row(3), clerk, result="")
    before = stored(space)
    with pytest.raises(Blocked) as caught:
        submit_all([(ready.pk, ready.version), (gap.pk, gap.version)], by=clerk)
    assert [(row.pk, why) for row, why in caught.value.rows] == [(gap.pk, "主な取組を書いてください。")]
    with pytest.raises(Blocked):
        submit_all([(ready.pk, ready.version - 1)], by=clerk)
    with pytest.raises(Blocked):
        submit_all([(ready.pk, ready.version)], by=space.cast.other)
    rounds.close(space.round, by=space.cast.planner)
    with pytest.raises(NotNow):
        submit_all([(ready.pk, ready.version)], by=clerk)
    assert stored(space) == before


def test_handing_in_takes_as_many_statements_for_many_rows(space: Workspace) -> None:
    other = make_workspace(24, slug="2017", cast=space.cast)
    mine = [row for row in other.rows() if other.mine in row.departments]
    drafts = [fill(row, space.cast.clerk) for row in mine]

    def statements(rows: list[YearlyAction]) -> int:
        with CaptureQueriesContext(connection) as captured:
            submit_all([(row.pk, row.version) for row in rows], by=space.cast.clerk)
        return len(captured)

    assert statements(drafts[:2]) == statements(drafts[2:])
