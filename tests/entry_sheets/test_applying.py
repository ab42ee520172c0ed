"""Confirming a sheet and taking it back: what is written, what is in the way, and that nothing is lost."""

from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from tests.cutting_off import cut_off
from tests.entry_sheets.filling import filled
from tests.entry_sheets.sheets import outcomes, received, sheet_of
from tests.staff.people import fill, person, submit
from tests.workspace import Workspace, make_workspace, transitions
from tracker.choices import BatchState, Role
from tracker.cycle import events, rounds, workflow, workflow_in_bulk
from tracker.entry_sheets import applying, exporting, planning, receiving
from tracker.entry_sheets.applying import SeenOtherwise, SheetProblem
from tracker.entry_sheets.file.comparison import UNKNOWN_ROW
from tracker.models import Assignment, Event, SheetBatch, User, YearlyAction
from tracker.words.three_way import BOTH, MINE, THEIRS

pytestmark = pytest.mark.django_db


def confirmed(batch: SheetBatch, by: User, **choices: Any) -> SheetBatch:
    """A batch confirmed as its preview shows it, with choices made."""
    wanted = {"picks": {}, "left_out": [], "submits": batch.submits, **choices}
    batch = applying.keep_choices(batch, by=by, **wanted)
    return applying.confirm(batch, by=by, seen=planning.plan_of(batch, by).digest)


def nothing_happens(
    space: Workspace, batch: SheetBatch, by: User, seen: str, problem: type[SheetProblem]
) -> str:
    before = list(YearlyAction.objects.order_by("pk").values()), events.head()
    with pytest.raises(problem) as caught:
        applying.confirm(batch, by=by, seen=seen)
    assert type(caught.value) is problem
    assert (list(YearlyAction.objects.order_by("pk").values()), events.head()) == before
    assert SheetBatch.objects.get(pk=batch.pk).state == BatchState.READY
    return str(caught.value)


def test_a_sheet_is_written_and_taken_back_whole(space: Workspace) -> None:
    clerk = space.cast.clerk
    answers = {row.pk: {"result": f"・{row.pk}"} for row in (space.row(1), space.row(3))}
    batch = received(space, filled(sheet_of(space, clerk), answers), clerk)
    seen = planning.plan_of(batch, clerk).digest
    cut_off(lambda: applying.confirm(batch, by=clerk, seen=seen))
    applying.confirm(SheetBatch.objects.get(pk=batch.pk), by=clerk, seen=seen)
    done = SheetBatch.objects.get(pk=batch.pk)
    cut_off(lambda: applying.undo(done, by=clerk))
    taken = {int(pk): each for pk, each in done.taken.items()}
    cut_off(lambda: workflow_in_bulk.take_back(taken, by=clerk, reason="誤り"))


def test_an_untouched_sheet_changes_nothing(space: Workspace) -> None:
    clerk = space.cast.clerk
    batch = received(space, sheet_of(space, clerk), clerk)
    plan = planning.plan_of(batch, clerk)
    assert [(row.id, row.message) for row in plan.rows] == [(space.row(1).pk, ""), (space.row(3).pk, "")]
    assert (outcomes(plan), plan.same_count) == ({}, 2)
    assert nothing_happens(space, batch, clerk, plan.digest, SheetProblem) == "取り込む変更がありません。"


def test_answers_become_drafts_with_their_events(space: Workspace) -> None:
    clerk, row = space.cast.clerk, space.row(1)
    content = filled(
        sheet_of(space, clerk),
        {row.pk: {"result": "・駅を直しました。", "rating": "B おおむね達成", "plan": "・道"}},
    )
    batch = confirmed(received(space, content, clerk), clerk)
    done = space.row(1)
    assert (done.state, done.result, done.rating, done.plan) == (
        "draft",
        "・駅を直しました。",
        space.ratings["B"],
        "・道",
    )
    assert transitions(done) == [("not_started", "draft")]
    assert (batch.state, batch.message) == (BatchState.APPLIED, "1 件の取組に書き込みました（下書き）。")
    assert Event.objects.get(subject=done.subject).reason == "入力シート「a.xlsx」の取込"


def test_submitting_hands_in_what_is_complete_and_leaves_the_rest_as_drafts(space: Workspace) -> None:
    clerk, first, third = space.cast.clerk, space.row(1), space.row(3)
    answers = {
        first.pk: {"result": "・駅", "rating": "A"},
        third.pk: {"result": "・道", "rating": "評価なし", "rating_reason": "・理由"},
    }
    batch = received(space, filled(sheet_of(space, clerk), answers), clerk, submits=True)
    plan = planning.plan_of(batch, clerk)
    lacking = {row.id: plan.lacks(row) for row in plan.rows}
    assert lacking == {
        first.pk: {"rating_reason": "評価が前回の公表と違います。評価を変えた理由を書いてください。"},
        third.pk: {},
    }
    batch = confirmed(batch, clerk)
    assert [(row.state, row.result) for row in (space.row(1), space.row(3))] == [
        ("draft", "・駅"),
        ("submitted", "・道"),
    ]
    assert batch.message == "2 件の取組に書き込み、うち 1 件を提出しました。"
    assert transitions(third) == [("not_started", "draft"), ("draft", "submitted")]


def test_submitting_hands_in_complete_drafts_that_the_sheet_did_not_change(space: Workspace) -> None:
    clerk = space.cast.clerk
    draft = fill(space.row(1), space.cast.colleague)
    fill(space.row(3), space.cast.colleague, result="")
    confirmed(received(space, sheet_of(space, clerk), clerk, submits=True), clerk)
    done = space.row(1)
    assert (done.state, done.saved_by, done.submitted_by, done.version) == (
        "submitted", space.cast.colleague, clerk, draft.version + 1,
    )  # fmt: skip
    assert space.row(3).state == "draft"


def test_a_returned_row_that_nobody_touched_is_not_handed_in_again(space: Workspace) -> None:
    clerk = space.cast.clerk
    row = submit(space.row(1), clerk)
    workflow.send_back(row.pk, by=space.cast.planner, version=row.version, reason="数がありません。")
    batch = received(space, sheet_of(space, clerk), clerk, submits=True)
    assert (
        nothing_happens(space, batch, clerk, planning.plan_of(batch, clerk).digest, SheetProblem)
        == "取り込む変更がありません。"
    )


def test_a_sheet_never_gets_beyond_a_submission(space: Workspace) -> None:
    """Not even the planning office's own."""
    planner = space.cast.planner
    _made, content = exporting.export(space.round, by=planner)
    answers = {row.pk: {"result": "・書きました。", "rating": "B"} for row in space.rows()}
    confirmed(received(space, filled(content, answers), planner, submits=True), planner)
    assert {row.state for row in space.rows()} == {"submitted"}
    assert {row.submitted_by for row in space.rows()} == {planner}


def test_what_others_wrote_meanwhile_stays_and_what_both_wrote_is_chosen(space: Workspace) -> None:
    clerk, row = space.cast.clerk, space.row(1)
    made = sheet_of(space, clerk)
    fill(row, space.cast.colleague, result="・会議", plan="")
    batch = received(space, filled(made, {row.pk: {"result": "・駅", "plan": "・道"}}), clerk)
    plan = planning.plan_of(batch, clerk)
    assert outcomes(plan) == {
        (row.pk, "result"): "conflict",
        (row.pk, "rating"): "merged",
        (row.pk, "plan"): "changed",
    }
    words = nothing_happens(space, batch, clerk, plan.digest, SheetProblem)
    assert words == "どちらを残すか決まっていない行が 1 行あります。すべて選んでから、取り込んでください。"
    confirmed(batch, clerk, picks={str(row.pk): {"result": BOTH}})
    done = space.row(1)
    assert (done.result, done.rating, done.plan) == ("・会議\n・駅", space.ratings["B"], "・道")


@pytest.mark.parametrize(("side", "result"), [(MINE, "・駅"), (THEIRS, "・会議")])
def test_a_side_is_chosen(space: Workspace, side: str, result: str) -> None:
    clerk, row = space.cast.clerk, space.row(1)
    made = sheet_of(space, clerk)
    fill(row, space.cast.colleague, result="・会議")
    content = filled(made, {row.pk: {"result": "・駅", "rating_reason": "・理由"}})
    confirmed(received(space, content, clerk), clerk, picks={str(row.pk): {"result": side}})
    assert (space.row(1).result, space.row(1).rating_reason) == (result, "・理由")


def test_a_row_left_out_stays_as_it_is_even_with_a_conflict(space: Workspace) -> None:
    clerk, first, third = space.cast.clerk, space.row(1), space.row(3)
    made = sheet_of(space, clerk)
    fill(first, space.cast.colleague, result="・会議")
    content = filled(made, {first.pk: {"result": "・駅"}, third.pk: {"result": "・道"}})
    confirmed(received(space, content, clerk), clerk, left_out=[first.pk])
    assert [row.result for row in (space.row(1), space.row(3))] == ["・会議", "・道"]


def test_rows_with_errors_are_left_and_the_others_taken(space: Workspace) -> None:
    clerk, first, third = space.cast.clerk, space.row(1), space.row(3)
    content = filled(
        sheet_of(space, clerk), {first.pk: {"result": "・駅", "rating": "Z"}, third.pk: {"result": "・道"}}
    )
    batch = received(space, content, clerk)
    assert outcomes(planning.plan_of(batch, clerk)) == {
        (first.pk, "result"): "changed", (first.pk, "rating"): "error", (third.pk, "result"): "changed",
    }  # fmt: skip
    confirmed(batch, clerk)
    assert [row.result for row in (space.row(1), space.row(3))] == ["", "・道"]


def test_a_foreign_row_is_as_if_it_was_not_there(space: Workspace) -> None:
    """Copied from another department's sheet, with its id and version."""
    foreign, planner = space.row(2), space.cast.planner
    _made, content = exporting.export(space.round, by=planner)
    batch = received(
        space,
        filled(content, {foreign.pk: {"result": "・他の課"}, space.row(4).pk: {"result": "・企画"}}),
        space.cast.clerk,
    )
    plan = planning.plan_of(batch, space.cast.clerk)
    assert {row.id: row.message for row in plan.rows if row.message} == {
        foreign.pk: UNKNOWN_ROW,
        space.row(4).pk: UNKNOWN_ROW,
    }
    assert (
        nothing_happens(space, batch, space.cast.clerk, plan.digest, SheetProblem)
        == "取り込む変更がありません。"
    )


def test_a_submitted_row_is_not_written_over(space: Workspace) -> None:
    clerk, row = space.cast.clerk, space.row(1)
    made = sheet_of(space, clerk)
    submit(row, space.cast.colleague)
    plan = planning.plan_of(received(space, filled(made, {row.pk: {"result": "・駅"}}), clerk), clerk)
    cell = next(cell for cell in plan.rows[0].cells if cell.name == "result")
    assert (cell.outcome, cell.message) == (
        "error", "提出済みなので、この行は取り込みません。直すときは、画面で提出を取り下げます。",
    )  # fmt: skip


# ---- between preview and confirmation


def changed_sheet(space: Workspace) -> tuple[SheetBatch, str]:
    clerk = space.cast.clerk
    content = filled(
        sheet_of(space, clerk), {row.pk: {"result": "・駅"} for row in (space.row(1), space.row(3))}
    )
    batch = received(space, content, clerk)
    return batch, planning.plan_of(batch, clerk).digest


def saved_by_another(space: Workspace) -> None:
    fill(space.row(3), space.cast.colleague)


def submitted_by_another(space: Workspace) -> None:
    submit(space.row(3), space.cast.colleague)


def round_closed(space: Workspace) -> None:
    rounds.close(space.round, by=space.cast.planner)


def duty_moved(space: Workspace) -> None:
    Assignment.objects.filter(initiative=space.row(1).initiative).update(department=space.theirs)


def no_longer_a_clerk(space: Workspace) -> None:
    User.objects.filter(pk=space.cast.clerk.pk).update(role=Role.ADMINISTRATOR)
    space.cast.clerk.refresh_from_db()


def scale_changed(space: Workspace) -> None:
    space.manifesto.ratings.create(position=9, code="Z", label="中止")


def rating_explained_by_another(space: Workspace) -> None:
    """The row stays a draft, and what the sheet changes stays as it was."""
    fill(space.row(3), space.cast.colleague, result="", plan="", rating_reason="・理由")


@pytest.mark.parametrize(
    "event",
    [
        *(saved_by_another, rating_explained_by_another, submitted_by_another, round_closed, duty_moved),
        *(no_longer_a_clerk, scale_changed),
    ],
)
def test_whatever_differs_from_the_preview_goes_back_to_it(space: Workspace, event: Any) -> None:
    fill(space.row(3), space.cast.colleague, result="", plan="")
    batch, seen = changed_sheet(space)
    event(space)
    words = nothing_happens(space, batch, space.cast.clerk, seen, SeenOtherwise)
    assert words.startswith("確かめているあいだに、取組が変更されました。まだ何も書き込んでいません。")


def moved_under_the_hand(space: Workspace) -> None:
    """By somebody who does not ask for the round's lock."""
    YearlyAction.objects.filter(pk=space.row(3).pk).update(version=F("version") + 1)


def followed_by(monkeypatch: pytest.MonkeyPatch, step: tuple[Any, str], act: Any, space: Workspace) -> None:
    """Lets something happen right after a step of ours."""
    original = getattr(*step)

    def step_and_act(*args: Any, **values: Any) -> Any:
        made = original(*args, **values)
        act(space)
        return made

    monkeypatch.setattr(*step, step_and_act)


AFTER_COMPARING, AFTER_LOCKING = (applying, "plan_of"), (workflow_in_bulk, "_scale_of")


@pytest.mark.parametrize(
    ("step", "event", "problem", "words"),
    [
        (AFTER_COMPARING, saved_by_another, SeenOtherwise, "確かめているあいだに、取組が変更されました。"),
        (AFTER_LOCKING, moved_under_the_hand, SeenOtherwise, "確かめているあいだに、取組が変更されました。"),
        (AFTER_COMPARING, round_closed, SheetProblem, "この報告回は「締切済」なので、書き込めません。"),
    ],
)
def test_what_happens_between_comparing_and_writing_stops_it(
    space: Workspace, monkeypatch: pytest.MonkeyPatch, step: Any, event: Any, problem: Any, words: str
) -> None:
    batch, seen = changed_sheet(space)
    followed_by(monkeypatch, step, event, space)
    assert nothing_happens(space, batch, space.cast.clerk, seen, problem).startswith(words)


@pytest.mark.parametrize("who", ["colleague", "planner", "administrator"])
def test_only_its_owner_confirms_a_batch(space: Workspace, who: str) -> None:
    batch, seen = changed_sheet(space)
    by = User.objects.get(username=who)
    assert (
        nothing_happens(space, batch, by, seen, SheetProblem)
        == "取り込めるのは、このシートを読み込ませた人だけです。"
    )
    with pytest.raises(SheetProblem):
        applying.discard(batch, by=by)


def test_a_batch_is_confirmed_once(space: Workspace) -> None:
    batch, seen = changed_sheet(space)
    applying.confirm(batch, by=space.cast.clerk, seen=seen)
    with pytest.raises(SheetProblem, match="この取込は「取込済」です。"):
        applying.confirm(batch, by=space.cast.clerk, seen=seen)
    assert len(transitions(space.row(1))) == 1


def test_a_batch_that_waited_too_long_is_not_confirmed(space: Workspace) -> None:
    batch, seen = changed_sheet(space)
    SheetBatch.objects.filter(pk=batch.pk).update(expires_at=batch.uploaded_at)
    words = nothing_happens(space, batch, space.cast.clerk, seen, SheetProblem)
    assert words == "確認の期限を過ぎました。シートをもう一度読み込ませてください。"


def broken(*args: Any, **values: Any) -> None:
    raise RuntimeError("a fault of ours")


@pytest.mark.parametrize(
    ("owner", "name"),
    [(applying, "plan_of"), (events, "record_all"), (SheetBatch, "save")],
    ids=["comparing", "after the rows are written", "after the events are written"],
)
def test_a_fault_of_ours_leaves_the_batch_to_be_confirmed_again(
    space: Workspace, monkeypatch: pytest.MonkeyPatch, owner: object, name: str
) -> None:
    batch, seen = changed_sheet(space)
    before = list(YearlyAction.objects.order_by("pk").values()), events.head()
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, broken)
        with pytest.raises(RuntimeError):
            applying.confirm(batch, by=space.cast.clerk, seen=seen)
    assert (list(YearlyAction.objects.order_by("pk").values()), events.head()) == before
    assert applying.confirm(batch, by=space.cast.clerk, seen=seen).state == BatchState.APPLIED


def test_discarding_forgets_what_was_not_written_and_nothing_else(space: Workspace) -> None:
    batch, seen = changed_sheet(space)
    applying.discard(batch, by=space.cast.clerk)
    assert SheetBatch.objects.count() == 0
    batch, seen = changed_sheet(space)
    applying.confirm(batch, by=space.cast.clerk, seen=seen)
    with pytest.raises(SheetProblem, match="この取込は「取込済」なので、やめられません。"):
        applying.discard(batch, by=space.cast.clerk)


def test_queries_do_not_grow_with_the_rows(space: Workspace) -> None:
    def counted(count: int) -> tuple[int, int]:
        other = make_workspace(count, slug=f"t{count}", cast=space.cast)
        planner = space.cast.planner
        _made, content = exporting.export(other.round, by=planner)
        batch = receiving.receive(content, file_name="a.xlsx", round=other.round, by=planner, submits=False)
        batch = SheetBatch.objects.select_related("export", "round__manifesto", "owner").get(pk=batch.pk)
        with CaptureQueriesContext(connection) as taking_in:
            receiving.take_in(batch, content)
        with CaptureQueriesContext(connection) as comparing:
            planning.plan_of(batch, planner)
        return len(taking_in), len(comparing)

    assert counted(4) == counted(120) == (4, 5)


# ---- taking back


def test_a_batch_is_taken_back_whole(space: Workspace) -> None:
    before = list(
        YearlyAction.objects.filter(round=space.round)
        .order_by("pk")
        .values("pk", "state", "result", "saved_by")
    )
    batch, seen = changed_sheet(space)
    batch = applying.confirm(batch, by=space.cast.clerk, seen=seen)
    batch = applying.undo(batch, by=space.cast.clerk)
    after = list(
        YearlyAction.objects.filter(round=space.round)
        .order_by("pk")
        .values("pk", "state", "result", "saved_by")
    )
    assert (after, batch.state, batch.undone_by) == (before, BatchState.UNDONE, space.cast.clerk)
    assert transitions(space.row(1)) == [("not_started", "draft"), ("draft", "not_started")]
    with pytest.raises(SheetProblem, match="この取込は「取消済」なので、取り消せません。"):
        applying.undo(batch, by=space.cast.clerk)


def test_a_sheet_that_was_taken_back_can_be_brought_again(space: Workspace) -> None:
    clerk = space.cast.clerk
    content = filled(sheet_of(space, clerk), {space.row(1).pk: {"result": "・駅"}})
    applying.undo(confirmed(received(space, content, clerk), clerk), by=clerk)
    confirmed(received(space, content, clerk), clerk)
    assert space.row(1).result == "・駅"


@pytest.mark.parametrize("who", ["planner", "second_planner"])
def test_the_planning_office_takes_back_anybodys(space: Workspace, who: str) -> None:
    batch, seen = changed_sheet(space)
    applying.confirm(batch, by=space.cast.clerk, seen=seen)
    assert applying.undo(batch, by=User.objects.get(username=who)).state == BatchState.UNDONE


def test_nobody_else_takes_it_back(space: Workspace) -> None:
    batch, seen = changed_sheet(space)
    applying.confirm(batch, by=space.cast.clerk, seen=seen)
    for by in (space.cast.colleague, space.cast.administrator, person("late", Role.DEPARTMENT, space.mine)):
        with pytest.raises(SheetProblem, match="取り消せるのは、取り込んだ人と企画だけです。"):
            applying.undo(batch, by=by)
    assert space.row(1).result == "・駅"


def test_rows_that_were_touched_since_are_named_and_nothing_is_taken_back(space: Workspace) -> None:
    batch, seen = changed_sheet(space)
    applying.confirm(batch, by=space.cast.clerk, seen=seen)
    fill(space.row(3), space.cast.colleague, result="・もっと書きました。")
    with pytest.raises(workflow.Blocked) as caught:
        applying.undo(batch, by=space.cast.clerk)
    assert [(action.pk, why) for action, why in caught.value.rows] == [
        (space.row(3).pk, "そのあとに変更されています。")
    ]
    assert (space.row(1).result, SheetBatch.objects.get(pk=batch.pk).state) == ("・駅", BatchState.APPLIED)


def test_a_row_that_moves_while_it_is_taken_back_stops_it(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch, seen = changed_sheet(space)
    applying.confirm(batch, by=space.cast.clerk, seen=seen)
    followed_by(monkeypatch, AFTER_LOCKING, moved_under_the_hand, space)
    with pytest.raises(SheetProblem, match="同時に変更されました。1 件も書き込んでいません。"):
        applying.undo(batch, by=space.cast.clerk)
    assert [space.row(number).result for number in (1, 3)] == ["・駅", "・駅"]


def test_a_fault_of_ours_takes_nothing_back(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    batch, seen = changed_sheet(space)
    applying.confirm(batch, by=space.cast.clerk, seen=seen)
    with monkeypatch.context() as patch:
        patch.setattr(SheetBatch, "save", broken)
        with pytest.raises(RuntimeError):
            applying.undo(batch, by=space.cast.clerk)
    assert [space.row(number).result for number in (1, 3)] == ["・駅", "・駅"]
    assert applying.undo(batch, by=space.cast.clerk).state == BatchState.UNDONE


def test_nothing_is_taken_back_in_a_closed_round(space: Workspace) -> None:
    batch, seen = changed_sheet(space)
    applying.confirm(batch, by=space.cast.clerk, seen=seen)
    rounds.close(space.round, by=space.cast.planner)
    with pytest.raises(SheetProblem, match="この報告回は「締切済」なので、書き込めません。"):
        applying.undo(batch, by=space.cast.clerk)


def test_rows_that_were_only_handed_in_are_not_said_to_be_written(space: Workspace) -> None:
    clerk = space.cast.clerk
    rows = [fill(space.row(number), space.cast.colleague) for number in (1, 3)]
    batch = confirmed(received(space, sheet_of(space, clerk), clerk, submits=True), clerk)
    assert batch.message == "2 件の取組を提出しました。内容は、前に保存したままです。"
    assert [row.result for row in (space.row(1), space.row(3))] == [row.result for row in rows]


def test_written_and_only_handed_in_rows_are_counted_apart(space: Workspace) -> None:
    clerk = space.cast.clerk
    for number in (1, 3):
        fill(space.row(number), space.cast.colleague)
    sheet = filled(sheet_of(space, clerk), {space.row(1).pk: {"result": "・書き直しました。"}})
    batch = confirmed(received(space, sheet, clerk, submits=True), clerk)
    words = "1 件の取組に書き込み、2 件を提出しました（うち 1 件は、前に保存したままの内容です）。"
    assert batch.message == words
