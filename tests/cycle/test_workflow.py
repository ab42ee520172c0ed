"""The life of a yearly action: every act in every case, what it writes, and what it refuses."""

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.conftest import a_third_at_once
from tests.extra_columns import define_all
from tests.indicators import define
from tests.staff.people import Cast, fill, submit
from tests.workspace import Workspace, make_workspace, transitions
from tracker.choices import (
    TAKING_BACK,
    TRANSITIONS,
    WITHDRAWING,
    ActionField,
    ActionState,
    EventKind,
    Role,
    RoundState,
)
from tracker.cycle import event_words, events, rounds, section_check, workflow
from tracker.cycle.workflow import Blocked, Content, Forbidden, Incomplete, Stale, WorkflowProblem
from tracker.models import (
    Assignment,
    Event,
    Manifesto,
    Membership,
    Rating,
    ReportingRound,
    User,
    YearlyAction,
)

pytestmark = pytest.mark.django_db

NOT_STARTED, DRAFT, IN_SECTION, SUBMITTED, RETURNED, APPROVED = ActionState
REASON = "数を書いてください"


# ---- the table of acts, written out once more

ACTS: dict[str, Callable[[YearlyAction, User], YearlyAction | int]] = {
    "save": lambda a, by: workflow.save(
        a.pk, by=by, version=a.version, content=replace(Content.of(a), result="・新しい文。")
    ),
    "submit": lambda a, by: workflow.submit(a.pk, by=by, version=a.version),
    "withdraw": lambda a, by: workflow.withdraw(a.pk, by=by, version=a.version),
    "confirm": lambda a, by: section_check.confirm(a.pk, by=by, version=a.version),
    "give_back": lambda a, by: section_check.give_back(a.pk, by=by, version=a.version, reason=REASON),
    "approve": lambda a, by: workflow.approve(a.pk, by=by, version=a.version),
    "approve_all": lambda a, by: workflow.approve_all([(a.pk, a.version)], by=by),
    "send_back": lambda a, by: workflow.send_back(a.pk, by=by, version=a.version, reason=REASON),
    "reopen": lambda a, by: workflow.reopen(a.pk, by=by, version=a.version, reason=REASON),
}
RULES = {
    "save": workflow.SAVE, "submit": workflow.SUBMIT, "withdraw": workflow.WITHDRAW,
    "confirm": section_check.CONFIRM, "give_back": section_check.GIVE_BACK,
    "approve": workflow.APPROVE, "send_back": workflow.RETURN, "reopen": workflow.REOPEN,
}  # fmt: skip
BECOMES: dict[str, dict[str, str]] = {  # act, state before, state after
    "save": {"not_started": "draft", "draft": "draft", "returned": "returned"},
    "submit": {"draft": "submitted", "returned": "submitted"},
    "withdraw": {"submitted": "draft", "submitted by planner": "draft", "in_section": "draft"},
    "confirm": {"in_section": "submitted"},
    "give_back": {"in_section": "returned"},
    "approve": {"submitted": "approved", "submitted by planner": "approved"},
    "approve_all": {"submitted": "approved", "submitted by planner": "approved"},
    "send_back": {"submitted": "returned", "submitted by planner": "returned"},
    "reopen": {"approved": "returned"},
}
WRITING, APPROVING = {"open", "correcting"}, {"open", "closed", "correcting"}
ROUNDS = {act: APPROVING if act.startswith("approve") else WRITING for act in ACTS}
PLANNERS = {"planner", "second_planner"}
WRITERS = PLANNERS | {"clerk", "colleague", "both"}
HEADS = {"colleague"}  # in the state in_section only: see `brought_to`
PEOPLE = dict.fromkeys(ACTS, PLANNERS) | dict.fromkeys(("save", "submit", "withdraw"), WRITERS)
PEOPLE |= dict.fromkeys(("confirm", "give_back"), HEADS)
STATES = ["not_started", "draft", "in_section", "submitted", "submitted by planner", "returned", "approved"]
EVERYBODY = ["clerk", "colleague", "other", "both", "stranger", "planner", "second_planner", "administrator"]


def expected(act: str, state: str, who: str, round_state: str) -> str:
    """The state afterwards, or the name of what is raised."""
    if who not in PEOPLE[act] or (PEOPLE[act] is HEADS and state != "in_section"):
        return "Forbidden"
    own = state == "submitted by planner" and who == "planner"
    if act == "approve_all":
        possible = round_state in ROUNDS[act] and state in BECOMES[act] and not own
        return BECOMES[act][state] if possible else "Blocked"
    if round_state not in ROUNDS[act] or state not in BECOMES[act]:
        return "NotNow"
    if act == "approve" and own:
        return "Forbidden"
    return BECOMES[act][state]


def brought_to(space: Workspace, state: str) -> YearlyAction:
    """The row of `mine`, brought to a state by the acts themselves."""
    action, cast = space.row(), space.cast
    if state == "not_started":
        return action
    if state == "draft":
        return fill(action, cast.clerk)
    if state == "in_section":
        checked(space, cast.colleague)
    submitted = submit(action, cast.planner if state == "submitted by planner" else cast.clerk)
    if state == "returned":
        return workflow.send_back(action.pk, by=cast.planner, version=submitted.version, reason=REASON)
    if state == "approved":
        return workflow.approve(action.pk, by=cast.planner, version=submitted.version)
    return submitted


def checked(space: Workspace, *heads: User) -> None:
    """From now on `mine` and `theirs` have these heads, as far as they are there, who look at their rows."""
    Manifesto.objects.filter(pk=space.manifesto.pk).update(section_check=True)
    Membership.objects.filter(user__in=heads).update(is_head=True)


def tried(act: str, action: YearlyAction, by: User) -> str:
    """The state afterwards, or the name of what was raised; in the second case nothing is written."""
    before = (YearlyAction.objects.values().get(pk=action.pk), events.head())
    problem: WorkflowProblem | None = None
    try:
        ACTS[act](action, by)
    except WorkflowProblem as caught:
        problem = caught
    if problem:
        assert (YearlyAction.objects.values().get(pk=action.pk), events.head()) == before
        assert str(problem) != ""
        return type(problem).__name__
    return str(YearlyAction.objects.get(pk=action.pk).state)


@pytest.mark.parametrize(("act", "state"), a_third_at_once(product(ACTS, STATES)))
def test_every_act_for_every_person_and_round(space: Workspace, act: str, state: str) -> None:
    action = brought_to(space, state)
    cases = [(who, str(round_state)) for round_state in RoundState for who in EVERYBODY]
    found, shown, row = {}, {}, space.row()
    for who, round_state in cases:
        by = User.objects.get(username=who)
        if row.round.state != round_state:
            ReportingRound.objects.filter(pk=space.round.pk).update(state=round_state)
            row.round.state = round_state
        with transaction.atomic():
            if act in RULES:
                shown[who, round_state] = workflow.can(RULES[act], by, row)
            found[who, round_state] = tried(act, action, by)
            transaction.set_rollback(True)
    assert found == {case: expected(act, state, *case) for case in cases}
    assert shown == {case: outcome in set(ActionState) for case, outcome in found.items() if case in shown}


def test_the_acts_make_exactly_the_transitions_of_the_table() -> None:
    """But for those of a sheet that is taken back (tests/cycle/test_workflow_in_bulk.py).

    Where a submission goes to a head, and a withdrawal back to a return: tests/cycle/test_section_check.py.
    """
    made = {
        (before.split()[0], after)
        for act in BECOMES
        for before, after in BECOMES[act].items()
        if before.split()[0] != after
    }
    taken_back = {(str(before), str(after)) for before, after in TAKING_BACK}
    made |= {("draft", "in_section"), ("returned", "in_section")}
    made |= {("submitted", "returned"), ("in_section", "returned")}
    assert made | taken_back == {(str(before), str(after)) for before, after in TRANSITIONS}
    assert made & taken_back == {(str(before), str(after)) for before, after in WITHDRAWING}


# ---- what an act writes


def test_a_whole_life_in_events(space: Workspace) -> None:
    cast, action = space.cast, space.row()
    written = {
        "result": "・開きました。",
        "plan": "・続けます。",
        "rating_id": space.ratings["A"].pk,
        "rating_reason": "完成したため",
    }
    action = fill(action, cast.clerk, **written)
    action = workflow.save(
        action.pk,
        by=cast.both,
        version=action.version,
        content=replace(Content.of(action), plan="・直します。"),
    )
    action = workflow.submit(action.pk, by=cast.clerk, version=action.version)
    action = workflow.send_back(
        action.pk, by=cast.planner, version=action.version, reason=f" {REASON}\n", field="result"
    )
    action = fill(action, cast.colleague, **written | {"result": "・2 回開きました。"})
    action = workflow.submit(action.pk, by=cast.colleague, version=action.version)
    action = workflow.approve(action.pk, by=cast.planner, version=action.version)
    action = workflow.reopen(
        action.pk, by=cast.second_planner, version=action.version, reason="日付の誤り", field="plan"
    )
    content: dict[str, Any] = {
        "manifesto": "2021",
        "fiscal_year": 2024,
        "place": "1-1-1-1",
        "pledge": "①駅を直します",
        "departments": ["土木課"],
        "result": "・開きました。",
        "plan": "・続けます。",
        "rating": "A",
        "rating_label": "A 達成",
        "is_unrated": False,
        "was_reported": True,
        "rating_before": "B",
        "rating_before_label": "B おおむね達成",
        "rating_reason": "完成したため",
        "return_field": "",
        "version": 2,
    }
    submitted = content | {"plan": "・直します。", "version": 4}
    again = content | {"result": "・2 回開きました。", "return_field": "result"}
    told = list(
        Event.objects.filter(kind=EventKind.TRANSITION)
        .order_by("number")
        .values_list("subject", "actor", "from_state", "to_state", "reason", "content")
    )
    subject = f"action:{action.pk}"
    assert told == [
        (subject, cast.clerk.signature, "not_started", "draft", "", content),
        (subject, cast.clerk.signature, "draft", "submitted", "", submitted),
        (subject, cast.planner.signature, "submitted", "returned", REASON,
         content | {"plan": "・直します。", "version": 5, "return_field": "result"}),
        (subject, cast.colleague.signature, "returned", "submitted", "", again | {"version": 7}),
        (subject, cast.planner.signature, "submitted", "approved", "",
         again | {"version": 8, "return_field": ""}),
        (subject, cast.second_planner.signature, "approved", "returned", "日付の誤り",
         again | {"version": 9, "return_field": "plan"}),
    ]  # fmt: skip
    assert events.first_break(Event.objects.order_by("number"), events.known_heads()) is None


def test_what_an_act_returns_is_what_is_stored(space: Workspace) -> None:
    cast = space.cast
    names = [field.attname for field in YearlyAction._meta.concrete_fields]
    made = [fill(space.row(), cast.clerk)]
    made.append(workflow.submit(made[-1].pk, by=cast.clerk, version=made[-1].version))
    assert [getattr(made[-1], name) for name in names] == [getattr(space.row(), name) for name in names]
    made.append(workflow.approve(made[-1].pk, by=cast.planner, version=made[-1].version))
    assert [getattr(made[-1], name) for name in names] == [getattr(space.row(), name) for name in names]
    made.append(workflow.reopen(made[-1].pk, by=cast.planner, version=made[-1].version, reason=REASON))
    assert [getattr(made[-1], name) for name in names] == [getattr(space.row(), name) for name in names]


def test_a_submission_names_who_and_keeps_what_was_asked_for_until_the_approval(space: Workspace) -> None:
    returned = brought_to(space, "returned")
    assert (returned.return_reason, returned.submitted_by, returned.submitted_at) == (
        REASON,
        space.cast.clerk,
        None,
    )
    again = workflow.submit(returned.pk, by=space.cast.colleague, version=returned.version)
    assert (again.submitted_by, again.submitted_at is None) == (space.cast.colleague, False)
    assert (again.return_reason, again.return_field, again.approved_by) == (REASON, "", None)
    approved = workflow.approve(again.pk, by=space.cast.planner, version=again.version)
    assert (approved.return_reason, approved.return_field) == ("", "")


def test_a_reopened_row_of_an_import_is_a_row_like_any_other(space: Workspace) -> None:
    """Its next approval names who submitted and who approved it."""
    rounds.start_correction(space.last_round, by=space.cast.planner, reason="誤り")
    row = YearlyAction.objects.filter(round=space.last_round)[0]
    assert row.is_imported is True
    returned = workflow.reopen(row.pk, by=space.cast.planner, version=row.version, reason="誤り")
    assert (returned.is_imported, YearlyAction.objects.get(pk=row.pk).is_imported) == (False, False)


def test_what_a_save_returns_and_its_event_tells_is_the_new_rating(space: Workspace) -> None:
    action = fill(space.row(), space.cast.clerk, rating_id=space.ratings["A"].pk)
    assert (action.rating, Event.objects.latest("number").content["rating"]) == (space.ratings["A"], "A")
    action = fill(action, space.cast.clerk, rating_id=None, is_unrated=True)
    assert action.rating is None


def test_saving_the_same_again_writes_nothing(space: Workspace) -> None:
    action = brought_to(space, "draft")
    head = events.head()
    same = workflow.save(
        action.pk, by=space.cast.colleague, version=action.version - 1, content=Content.of(action)
    )
    assert (same.version, same.saved_by, events.head()) == (action.version, space.cast.clerk, head)


def test_an_empty_save_of_an_untouched_row_does_not_begin_it(space: Workspace) -> None:
    action = workflow.save(space.row().pk, by=space.cast.clerk, version=1, content=Content())
    assert (action.state, action.version, transitions(action)) == (NOT_STARTED, 1, [])


def test_a_draft_may_be_incomplete_and_saves_within_it_are_no_events(space: Workspace) -> None:
    action = workflow.save(
        space.row().pk, by=space.cast.clerk, version=1, content=Content(plan="・続けます。")
    )
    action = workflow.save(action.pk, by=space.cast.clerk, version=2, content=Content(result="あ" * 20_000))
    assert (action.state, action.version, transitions(action)) == (DRAFT, 3, [("not_started", "draft")])
    assert action.saved_at is not None


# ---- what is refused

BEGINNINGS = {"save": "draft", "submit": "draft", "reopen": "approved"}
BEGINNINGS |= {"confirm": "in_section", "give_back": "in_section"}


@pytest.mark.parametrize("act", [act for act in ACTS if act != "save"])
def test_a_stale_version_is_refused(space: Workspace, act: str) -> None:
    begin = {**BEGINNINGS, "submit": "draft"}.get(act, "submitted")
    action = brought_to(space, begin)
    by = {"submit": space.cast.clerk, "confirm": space.cast.colleague, "give_back": space.cast.colleague}.get(
        act, space.cast.second_planner
    )
    for version in (action.version - 1, action.version + 1, 0):
        action.version = version
        assert tried(act, action, by) == ("Blocked" if act == "approve_all" else "Stale")


def test_a_stale_save_is_refused_and_loses_nothing(space: Workspace) -> None:
    action = brought_to(space, "draft")
    with pytest.raises(Stale, match="ほかの人がこの取組を保存しました"):
        workflow.save(
            action.pk,
            by=space.cast.colleague,
            version=action.version - 1,
            content=Content(result="・別の文。"),
        )
    assert space.row().result == action.result


COMPLETE = {"result": "・開きました。"}


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"result": ""}, {"result"}),
        ({"result": " \n　"}, {"result"}),
        ({"result": "・"}, {"result"}),
        ({"result": "\u200b"}, {"result"}),
        ({"result": "・—"}, {"result"}),
        ({"result": "・\n ・\ufeff"}, {"result"}),
        ({"rating": "C", "rating_reason": "・\u200b"}, {"rating_reason"}),
        ({"rating": "C", "rating_reason": "－"}, {"rating_reason"}),
        ({"rating_id": None, "is_unrated": False}, {"rating"}),
        ({"rating": "A"}, {"rating_reason"}),
        ({"rating": "C", "rating_reason": " \n"}, {"rating_reason"}),
        ({"rating_id": None, "is_unrated": True}, {"rating_reason"}),
        (
            {"result": "あ" * 10_001, "plan": "あ" * 10_001, "rating_reason": "あ" * 10_001},
            {"result", "plan", "rating_reason"},
        ),
        ({"result": "あ" * 10_000, "plan": "", "rating_reason": "あ" * 10_000}, set()),
        ({"rating": "A", "rating_reason": "完成したため"}, set()),
        ({"rating_id": None, "is_unrated": True, "rating_reason": "評価の対象から外れたため"}, set()),
        ({}, set()),
    ],
)
def test_a_submission_tells_what_is_missing_by_field(
    space: Workspace, values: dict[str, Any], fields: set[str]
) -> None:
    values = dict(values)
    if code := values.pop("rating", None):
        values["rating_id"] = space.ratings[code].pk
    action = fill(space.row(), space.cast.clerk, **values)
    assert set(workflow.problems(action)) == fields
    if not fields:
        assert workflow.submit(action.pk, by=space.cast.clerk, version=action.version).state == SUBMITTED
        return
    with pytest.raises(Incomplete) as caught:
        workflow.submit(action.pk, by=space.cast.clerk, version=action.version)
    assert caught.value.errors == workflow.problems(action)
    assert space.row().state == DRAFT


def test_a_row_that_the_last_report_did_not_have_needs_no_reason(space: Workspace) -> None:
    action = space.row()
    YearlyAction.objects.filter(pk=action.pk).update(was_reported=False, reference_rating=None)
    done = submit(space.row(), space.cast.clerk, rating_id=space.ratings["C"].pk, is_unrated=False)
    assert (done.state, done.rating_changed) == (SUBMITTED, False)


@pytest.mark.parametrize("which", ["another manifesto's", "none", "zero", "both answers"])
def test_a_rating_that_cannot_be_one_is_refused_at_once(space: Workspace, which: str) -> None:
    elsewhere = make_workspace_rating()
    number = {
        "another manifesto's": elsewhere.pk,
        "none": 10**9,
        "zero": 0,
        "both answers": space.ratings["A"].pk,
    }[which]
    content = Content(result="・甲", rating_id=number, is_unrated=which == "both answers")
    with pytest.raises(Incomplete) as caught:
        workflow.save(space.row().pk, by=space.cast.clerk, version=1, content=content)
    assert list(caught.value.errors) == ["rating"]
    assert space.row().state == NOT_STARTED


def make_workspace_rating() -> Rating:
    """A step of another manifesto's scale."""
    from_elsewhere = rounds.Manifesto.objects.create(
        slug="2025", title="次のマニフェスト", first_fiscal_year=2025
    )
    return Rating.objects.create(manifesto=from_elsewhere, position=1, code="A", label="達成", percent=100)


@pytest.mark.parametrize("act", [workflow.send_back, workflow.reopen])
@pytest.mark.parametrize(
    ("reason", "field", "error"),
    [
        ("", "", "reason"),
        (" \n　", "result", "reason"),
        ("\u200b", "result", "reason"),
        ("・", "", "reason"),
        ("あ" * 10_001, "", "reason"),
        (REASON, "mayor", "field"),
    ],
)
def test_a_return_needs_a_reason_and_a_field_that_is_one(
    space: Workspace, act: Callable[..., YearlyAction], reason: str, field: str, error: str
) -> None:
    action = brought_to(space, "submitted" if act is workflow.send_back else "approved")
    with pytest.raises(Incomplete) as caught:
        act(action.pk, by=space.cast.planner, version=action.version, reason=reason, field=field)
    assert list(caught.value.errors) == [error]
    assert space.row().state == action.state


@pytest.mark.parametrize("field", ["", *ActionField.values])
def test_a_return_may_point_at_any_field(space: Workspace, field: str) -> None:
    action = brought_to(space, "submitted")
    longest = "あ" * 10_000
    returned = workflow.send_back(
        action.pk, by=space.cast.planner, version=action.version, reason=longest, field=field
    )
    assert (returned.return_field, space.row().return_field) == (field, field)


def test_a_return_may_point_at_a_column_or_an_indicator_of_the_row(space: Workspace) -> None:
    columns = define_all(space.manifesto)
    action = brought_to(space, "submitted")
    indicator = define(action.initiative)
    back = {"by": space.cast.planner, "reason": "数を確かめてください。"}
    with pytest.raises(Incomplete):  # the planning office's own, and one that is not there
        workflow.send_back(action.pk, version=action.version, field="extra_x99", **back)
    field = f"extra_{indicator.code}"
    done = workflow.send_back(action.pk, version=action.version, field=field, **back)
    assert (done.return_field, done.return_label) == (field, "指標「相談件数」の実績")
    event = Event.objects.latest("number")
    assert event.content["return_label"] == done.return_label
    told = event_words.told(event, event_words.Names.of([event]))
    assert told.reason_label == "差戻しの理由（指標「相談件数」の実績について）"
    own = next(each for each in columns.values() if not each.is_of_planning)
    assert f"extra_{own.code}" in {f"extra_{each.code}" for each in done.returnable_columns}


def test_a_row_that_is_not_there_is_not_there(space: Workspace) -> None:
    with pytest.raises(YearlyAction.DoesNotExist):
        workflow.submit(10**9, by=space.cast.planner, version=1)


def moved_after(monkeypatch: pytest.MonkeyPatch, step: str, pk: int, **values: Any) -> None:
    """Lets somebody who asks for no lock write into a row, right after a step of ours was done first."""
    original = getattr(workflow, step)

    def step_and_change(*args: Any, **more: Any) -> Any:
        made = original(*args, **more)
        YearlyAction.objects.filter(pk=pk).exclude(**values).update(**values)
        return made

    monkeypatch.setattr(workflow, step, step_and_change)


@pytest.mark.parametrize("act", [act for act in ACTS if act != "approve_all"])
@pytest.mark.parametrize("change", ["version", "state"])
def test_the_update_asks_version_and_state_once_more(
    space: Workspace, monkeypatch: pytest.MonkeyPatch, act: str, change: str
) -> None:
    action = brought_to(space, BEGINNINGS.get(act, "submitted"))
    values: dict[str, Any] = {"version": 99}
    if change == "state":
        others = {"draft": SUBMITTED, "submitted": DRAFT, "in_section": DRAFT, "approved": RETURNED}
        values = {"state": others[action.state], "return_reason": "x", "approved_by": None}
        values |= {"submitted_by": space.cast.colleague, "submitted_at": timezone.now()}
    moved_after(monkeypatch, "require_version", action.pk, **values)
    before = YearlyAction.objects.values().get(pk=action.pk), events.head()
    with pytest.raises(Stale, match="ほかの人がこの取組を保存しました"):
        ACTS[act](action, space.cast.colleague if action.state == IN_SECTION else space.cast.second_planner)
    assert (YearlyAction.objects.values().get(pk=action.pk), events.head()) == before


# ---- whose row it is


def test_the_planning_office_answers_for_a_row_of_nobody(space: Workspace) -> None:
    action = space.row(4)
    assert (action.departments, tried("save", action, space.cast.both)) == ([], "Forbidden")
    assert submit(action, space.cast.planner).state == SUBMITTED


def test_both_departments_of_a_shared_row_may_write(space: Workspace) -> None:
    action = fill(space.row(3), space.cast.clerk)
    action = fill(action, space.cast.other, plan="・別の予定。")
    assert (
        workflow.submit(action.pk, by=space.cast.other, version=action.version).submitted_by
        == space.cast.other
    )


def test_a_duty_of_another_year_is_none(space: Workspace) -> None:
    Assignment.objects.filter(initiative=space.row().initiative).update(to_fiscal_year=2023)
    assert tried("save", space.row(), space.cast.clerk) == "Forbidden"
    Assignment.objects.filter(initiative=space.row().initiative).update(
        from_fiscal_year=2024, to_fiscal_year=2024
    )
    assert tried("save", space.row(), space.cast.clerk) == "draft"


@pytest.mark.parametrize("how", ["left the department", "left the city", "other role"])
def test_who_lost_the_right_meanwhile_writes_nothing(space: Workspace, how: str) -> None:
    """What was read of a person at the beginning of a request does not count: the UPDATE asks the tables."""
    clerk = User.objects.get(pk=space.cast.clerk.pk)
    assert clerk.department_ids == {space.mine.pk}
    if how == "left the department":
        Membership.objects.filter(user=clerk).delete()
    else:
        changed = {"is_active": False} if how == "left the city" else {"role": Role.ADMINISTRATOR}
        User.objects.filter(pk=clerk.pk).update(**changed)
    assert tried("save", space.row(), clerk) == "Stale"


def test_a_planner_who_left_meanwhile_approves_nothing(space: Workspace) -> None:
    action = brought_to(space, "submitted")
    User.objects.filter(pk=space.cast.planner.pk).update(role=Role.DEPARTMENT)
    acts = ("approve", "approve_all", "send_back")
    assert [tried(act, action, space.cast.planner) for act in acts] == ["Stale"] * 3
    assert tried("save", space.row(3), space.cast.planner) == "Stale"


# ---- all at once


def submitted_rows(space: Workspace) -> list[tuple[int, int]]:
    return [
        (done.pk, done.version) for done in (submit(action, space.cast.both) for action in space.rows()[:3])
    ]


def test_all_unchanged_rows_are_approved_with_an_event_each(space: Workspace) -> None:
    rows = submitted_rows(space)
    assert workflow.approve_all(rows, by=space.cast.planner) == 3
    approved = space.rows()[:3]
    assert [(action.state, action.approved_by, action.version) for action in approved] == [
        (APPROVED, space.cast.planner, version + 1) for _pk, version in rows
    ]
    told = list(Event.objects.filter(to_state="approved").order_by("number"))
    assert [(event.subject, event.actor, event.from_state) for event in told] == [
        (action.subject, space.cast.planner.signature, "submitted") for action in approved
    ]
    assert [(event.content["place"], event.content["version"]) for event in told] == [
        (action.place, action.version) for action in approved
    ]


def spoilt(space: Workspace, rows: list[tuple[int, int]], how: str) -> tuple[list[tuple[int, int]], str]:
    """The rows with one of them in the way, and the words for it."""
    pk, version = rows[1]
    cast = space.cast
    if how == "rating changed":
        returned = workflow.send_back(pk, by=cast.planner, version=version, reason=REASON)
        done = submit(returned, cast.other, rating_id=space.ratings["A"].pk, rating_reason="完成したため")
        return [rows[0], (pk, done.version), rows[2]], "評価が変わっているので、1 件ずつ承認してください。"
    if how == "new":
        YearlyAction.objects.filter(pk=pk).update(was_reported=False, reference_rating=None)
        return rows, "前回の公表にない取組なので、1 件ずつ承認してください。"
    if how == "stale":
        return [rows[0], (pk, version - 1), rows[2]], "確かめたあとに内容が変わっています。"
    if how == "returned":
        workflow.send_back(pk, by=cast.planner, version=version, reason=REASON)
        return rows, "状態が「差戻し」に変わっています。"
    if how == "own":
        returned = workflow.send_back(pk, by=cast.planner, version=version, reason=REASON)
        done = workflow.submit(pk, by=cast.second_planner, version=returned.version)
        return [rows[0], (pk, done.version), rows[2]], "自分が提出したものです。"
    ReportingRound.objects.filter(pk=space.round.pk).update(state=RoundState.PUBLISHED)
    return rows, "報告回が「公表済」です。"


@pytest.mark.parametrize("how", ["rating changed", "new", "stale", "returned", "own"])
def test_one_row_in_the_way_stops_all(space: Workspace, how: str) -> None:
    rows, why = spoilt(space, submitted_rows(space), how)
    before = [(action.state, action.version) for action in space.rows()]
    with pytest.raises(
        Blocked, match="1 件が一括承認できない状態になっていたため、1 件も承認していません。"
    ) as caught:
        workflow.approve_all(rows, by=space.cast.second_planner)
    assert [(action.pk, said) for action, said in caught.value.rows] == [(rows[1][0], why)]
    assert [(action.state, action.version) for action in space.rows()] == before


@pytest.mark.parametrize("how", ["", "rating changed", "new", "returned", "own", "unrated", "unrated before"])
def test_the_condition_takes_the_rows_that_bulk_approval_takes(space: Workspace, how: str) -> None:
    """As the queue shows them, before anybody has tried."""
    rows, by = submitted_rows(space), space.cast.second_planner
    pk = rows[1][0]
    if how.startswith("unrated"):
        values: dict[str, Any] = {"rating": None, "is_unrated": True, "rating_reason": "・対象外"}
        if how == "unrated before":
            values = {"reference_rating": None, "rating_reason": "・はじめて評価"}
        YearlyAction.objects.filter(pk=pk).update(**values)
    elif how:
        rows, _why = spoilt(space, rows, how)
    shown = YearlyAction.objects.submitted().filter(workflow.approvable_at_once(by))
    taken = [pk for pk, version in rows if not workflow._why_not_in_bulk(space_row(pk), version, by)]
    assert sorted(shown.values_list("pk", flat=True)) == sorted(taken)
    assert (pk in taken) is (how == "")


def space_row(pk: int) -> YearlyAction:
    return YearlyAction.objects.with_place().get(pk=pk)


def test_a_row_that_is_returned_while_all_are_approved_stops_all(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = submitted_rows(space)
    moved_after(monkeypatch, "_why_not_in_bulk", rows[2][0], state=RETURNED, return_reason="x")
    with pytest.raises(Stale, match="1 件も承認していません。"):
        workflow.approve_all(rows, by=space.cast.planner)
    assert [action.state for action in space.rows()[:3]] == [SUBMITTED] * 3


def test_a_published_round_stops_all(space: Workspace) -> None:
    rows, why = spoilt(space, submitted_rows(space), "published")
    with pytest.raises(Blocked) as caught:
        workflow.approve_all(rows, by=space.cast.planner)
    assert [(action.pk, said) for action, said in caught.value.rows] == [(pk, why) for pk, _version in rows]


def test_rows_that_are_not_there_or_of_another_round_stop_all(space: Workspace) -> None:
    rows = submitted_rows(space)
    elsewhere = YearlyAction.objects.filter(round=space.last_round)[0]
    with pytest.raises(Blocked, match="2 件が"):
        workflow.approve_all([*rows, (10**9, 1), (elsewhere.pk, elsewhere.version)], by=space.cast.planner)
    assert [action.state for action in space.rows()[:3]] == [SUBMITTED] * 3


def test_nothing_to_approve_is_nothing(space: Workspace) -> None:
    assert workflow.approve_all([], by=space.cast.planner) == 0


def test_bulk_approval_says_no_to_all_but_planners(space: Workspace) -> None:
    rows = submitted_rows(space)
    for who in set(EVERYBODY) - PLANNERS:
        with pytest.raises(Forbidden):
            workflow.approve_all(rows, by=User.objects.get(username=who))


def submitted_workspace(cast: Cast, count: int) -> list[tuple[int, int]]:
    """A further workspace whose rows were all submitted unchanged, by SQL."""
    space = make_workspace(count, slug=f"of-{count}", cast=cast)
    rows = YearlyAction.objects.filter(round=space.round)
    rows.update(state=DRAFT)
    answer = {
        "result": "・甲",
        "rating": space.ratings["B"],
        "submitted_by": cast.clerk,
        "submitted_at": timezone.now(),
    }
    rows.update(state=SUBMITTED, **answer)
    return list(rows.values_list("pk", "version"))


def statements(cast: Cast, count: int) -> tuple[int, int]:
    """The statements of a bulk approval of so many rows: how many insert events, how many do all the rest."""
    rows = submitted_workspace(cast, count)
    with CaptureQueriesContext(connection) as queries:
        assert workflow.approve_all(rows, by=cast.planner) == count
    inserts = sum(query["sql"].startswith('INSERT INTO "tracker_event"') for query in queries)
    indexing = sum(query["sql"].startswith('INSERT INTO "tracker_eventindex"') for query in queries)
    assert indexing <= inserts
    return inserts, len(queries) - inserts - indexing


def test_bulk_approval_takes_a_constant_number_of_statements_for_every_500_rows(space: Workspace) -> None:
    found = {count: statements(space.cast, count) for count in (100, 400, 501)}
    at_once = connection.ops.bulk_batch_size(
        [field.name for field in Event._meta.concrete_fields][1:], [None] * 500
    )
    assert {count: inserts for count, (inserts, _rest) in found.items()} == {
        count: math.ceil(count / min(at_once, 500)) for count in found
    }
    fixed = found[100][1] - 4
    assert {count: rest - fixed for count, (_inserts, rest) in found.items()} == {100: 4, 400: 4, 501: 7}
    assert fixed <= 11


def test_handing_in_gives_each_line_its_mark_and_saving_none(space: Workspace) -> None:
    typed = "駅を直しました。\n・道も。", "広場を作ります。"
    row = fill(space.row(), space.cast.clerk, result=typed[0], plan=typed[1])
    assert (row.result, row.plan) == typed
    workflow.submit(row.pk, by=space.cast.clerk, version=row.version)
    stored = YearlyAction.objects.get(pk=row.pk)
    assert (stored.result, stored.plan) == ("・駅を直しました。\n・道も。", "・広場を作ります。")
    event = Event.objects.order_by("number").last()
    assert event is not None
    assert event.content["result"] == stored.result
