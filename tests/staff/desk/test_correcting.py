"""A correction is told at home, on the board, in the queue and on a row: what it makes, what it reopened."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.public.markup import parse
from tests.repeating import once
from tests.staff.desk.test_other_rounds import approved
from tests.staff.people import logged_in, open_round, submit
from tests.workspace import Workspace
from tracker.choices import RoundState
from tracker.cycle import rounds, workflow
from tracker.models import Event, ReportingRound, YearlyAction
from tracker.reports import publishing
from tracker.staff.desk.correcting import correction_of

UNCHANGED = "公表済みの内容は、まだ変わっていません。"


@pytest.fixture
def correcting(space: Workspace) -> Workspace:
    """This year's round was published with three of four rows approved, and is being corrected."""
    return once(_begin_correction, space)


def _begin_correction(space: Workspace) -> Workspace:
    for number in (1, 2, 3):
        approved(space, number, "B")
    publishing.publish(space.round, by="企画", unapproved_reason="確認中")
    rounds.start_correction(space.round, by=space.cast.planner, reason="数の誤り")
    space.round.refresh_from_db()
    return space


def reopen(space: Workspace, number: int) -> YearlyAction:
    row = space.row(number)
    return workflow.reopen(row.pk, by=space.cast.second_planner, version=row.version, reason="数が違う")


def told_on(space: Workspace, path: str) -> str:
    return logged_in(space.cast.planner).get(path).content.decode()


def test_every_page_says_which_edition_it_makes_and_that_nothing_public_has_changed(
    correcting: Workspace,
) -> None:
    round = correcting.round
    row = reopen(correcting, 1)
    words = f"令和7年3月末時点の第2版を作るための訂正中です。{UNCHANGED}"
    pages = (
        "/staff/",
        f"/staff/rounds/{round.pk}/",
        f"/staff/queue/?round={round.pk}",
        f"/staff/actions/{row.pk}/review/",
    )
    shown = [told_on(correcting, path) for path in pages]
    assert [words in page for page in shown] == [True] * 4
    assert ["訂正の理由：数の誤り" in page for page in shown] == [True] * 4
    assert ["承認を取り消した取組 1 件" in page for page in shown] == [True] * 4
    leads_to_board = f'<a\n          href="/staff/rounds/{round.pk}/">訂正の進み具合を見る</a>'
    assert [leads_to_board in page for page in shown] == [False, False, True, True]
    review = f'<a href="/staff/actions/{row.pk}/review/?round={round.pk}&amp;state=all"'
    assert [review in page for page in shown] == [True, True, False, False]


def test_only_rows_reopened_since_it_began_are_counted(correcting: Workspace) -> None:
    """A row that nobody approved in time is none of them; one that is approved again still is."""
    assert [row.pk for row in found(correcting).rows] == []
    first, second = reopen(correcting, 1), reopen(correcting, 2)
    row = submit(first, correcting.cast.clerk)
    workflow.approve(row.pk, by=correcting.cast.planner, version=row.version)
    assert ([row.pk for row in found(correcting).rows], found(correcting).done) == ([first.pk, second.pk], 1)
    publishing.publish(correcting.round, by="企画", reason="数の誤り", unapproved_reason="確認中")
    assert correction_of(ReportingRound.objects.get(pk=correcting.round.pk)) is None
    rounds.start_correction(correcting.round, by=correcting.cast.planner, reason="二度目")
    again = found(correcting)
    assert (again.rows, again.reason) == ([], "二度目")
    assert "第3版を作るための訂正中です。" in again.told


def found(space: Workspace):  # type: ignore[no-untyped-def]  # a test asks for what it is
    told = correction_of(ReportingRound.objects.get(pk=space.round.pk))
    assert told
    return told


def test_another_due_date_is_no_other_beginning(correcting: Workspace) -> None:
    reopen(correcting, 1)
    rounds.extend(
        correcting.round, due_on=correcting.round.as_of.replace(year=2099), by=correcting.cast.planner
    )
    told = found(correcting)
    assert (len(told.rows), told.reason) == (1, "数の誤り")


def test_a_correction_beside_a_running_round_is_told_at_home(correcting: Workspace) -> None:
    open_round(correcting.manifesto, correcting.cast.planner, 2025)
    page = told_on(correcting, "/staff/")
    assert UNCHANGED in page
    assert (
        f'href="/staff/rounds/{correcting.round.pk}/">訂正の進み具合を見る</a>' not in page
    )  # nothing reopened
    assert f"/staff/queue/?round={correcting.round.pk}&amp;state=approved" in page
    reopen(correcting, 1)
    assert f'href="/staff/rounds/{correcting.round.pk}/">訂正の進み具合を見る</a>' in told_on(
        correcting, "/staff/"
    )


def test_a_year_that_a_later_report_tells_says_so(correcting: Workspace) -> None:
    """Last year's own report is there: its next edition. Without one the later report is published anew."""
    correction = rounds.start_correction(correcting.last_round, by=correcting.cast.planner, reason="誤り")
    told = correction_of(correction)
    assert told
    assert "令和6年3月末時点の第2版を作るための訂正中です。" in told.told
    ReportingRound.objects.filter(pk=correction.pk).update(as_of="2024-03-30")
    told = correction_of(ReportingRound.objects.get(pk=correction.pk))
    assert told
    assert "この年度は令和7年3月末時点の公表版に載っています。" in told.told


def test_a_table_that_nobody_has_published_has_nothing_public(correcting: Workspace) -> None:
    ReportingRound.objects.filter(pk=correcting.round.pk).update(as_of="2026-03-31")
    assert "まだ公表されていません" in found(correcting).told


@pytest.mark.parametrize(
    "state", [RoundState.OPEN, RoundState.CLOSED, RoundState.PUBLISHED, RoundState.IMPORTED]
)
def test_nothing_is_told_of_other_rounds(space: Workspace, state: str) -> None:
    space.round.state = state
    with CaptureQueriesContext(connection) as made:
        assert correction_of(space.round) is None
    assert len(made) == 0


def test_departments_read_nothing_of_the_desk_s_correction(correcting: Workspace) -> None:
    row = reopen(correcting, 1)
    page = logged_in(correcting.cast.clerk).get(f"/staff/actions/{row.pk}/review/").content.decode()
    assert (UNCHANGED in page, "/staff/queue/" in page) == (False, False)


def test_it_asks_as_often_however_many_rows_were_reopened(correcting: Workspace) -> None:
    asked = []
    for number in (1, 2, 3):
        reopen(correcting, number)
        with CaptureQueriesContext(connection) as made:
            assert len(found(correcting).rows) == number
        asked.append(len(made))
    assert len(set(asked)) == 1
    assert Event.objects.filter(to_state="returned").count() == 3


def test_a_clerk_is_asked_for_what_was_given_back_only(correcting: Workspace) -> None:
    """The row that was not approved when the report was published may be written, and is not counted."""
    clerk = logged_in(correcting.cast.clerk)
    shown = parse(clerk.get("/staff/").content.decode())
    assert "差し戻された取組は、いまありません。" in shown.one("p", "notice-warning").text
    row = reopen(correcting, 1)
    shown = parse(clerk.get("/staff/").content.decode())
    told = shown.one("p", "notice-warning").text
    assert "差し戻された取組を直して、もう一度提出してください。" in told
    assert shown.one("b", "figure").text == "1"
    assert "締切" not in shown.one("div", "due").text
    assert f"/staff/actions/{row.pk}/" in shown.links


def test_a_clerk_may_write_what_was_not_approved_then(correcting: Workspace) -> None:
    duty = correcting.row(4).initiative.assignments
    duty.create(department=correcting.mine, position=1)
    shown = parse(logged_in(correcting.cast.clerk).get("/staff/").content.decode())
    assert "公表のときに承認されていなかった取組が 1 件あります。" in shown.one("p", "notice-warning").text
    assert "あと" not in shown.one("div", "due").text
    assert shown.one("div", "due").all("p")[0].text == (
        "差し戻し 0 件全 3 件のうち 2 件を提出済み、1 件は公表のときに承認されていなかった取組"
    )
