"""課長確認 and the withdrawal: whom a submission goes to, what a head does with it, and the ways back."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.staff.people import fill, submit
from tests.workspace import Workspace, transitions
from tracker.choices import WRITABLE_ROUNDS, ActionState, Role, RoundState
from tracker.cycle import event_words, events, rounds, section_check, terms, workflow
from tracker.cycle.workflow import Blocked, Forbidden, Incomplete, NotNow, Stale
from tracker.cycle.workflow_in_bulk import Answer, take_back, write_all
from tracker.models import Event, Manifesto, Membership, ReportingRound, User, YearlyAction

pytestmark = pytest.mark.django_db

IN_SECTION, SUBMITTED, RETURNED, DRAFT = (
    *(ActionState.IN_SECTION, ActionState.SUBMITTED),
    *(ActionState.RETURNED, ActionState.DRAFT),
)
ASKED = "数を書いてください。"


def with_heads(space: Workspace, *heads: str) -> dict[str, User]:
    """The manifesto has 課長確認, and these people head all departments that they are in. The cast, anew."""
    Manifesto.objects.filter(pk=space.manifesto.pk).update(section_check=True)
    Membership.objects.filter(user__username__in=heads).update(is_head=True)
    return {user.username: user for user in User.objects.all()}


def submitted(space: Workspace, people: dict[str, User], number: int = 1, by: str = "clerk") -> YearlyAction:
    return submit(space.row(number), people[by])


def confirm(row: YearlyAction, by: User) -> YearlyAction:
    return section_check.confirm(row.pk, by=by, version=row.version)


def give_back(row: YearlyAction, by: User, reason: str = ASKED) -> YearlyAction:
    return section_check.give_back(row.pk, by=by, version=row.version, reason=reason)


def withdraw(row: YearlyAction, by: User) -> YearlyAction:
    return workflow.withdraw(row.pk, by=by, version=row.version)


# ---- whom a submission goes to


@pytest.mark.parametrize(
    ("number", "heads", "goes_to", "words"),
    [
        (1, ["colleague"], IN_SECTION, "提出しました。課長の確認を待っています。"),
        (3, ["other"], IN_SECTION, "提出しました。課長の確認を待っています。"),
        (1, ["other"], SUBMITTED, "提出しました。課長が登録されていないので、企画に直接提出しました。"),
        (1, [], SUBMITTED, "提出しました。課長が登録されていないので、企画に直接提出しました。"),
        (4, ["colleague"], SUBMITTED, "提出しました。課長が登録されていないので、企画に直接提出しました。"),
    ],
)
def test_a_submission_goes_to_a_head_where_there_is_one(
    space: Workspace, number: int, heads: list[str], goes_to: ActionState, words: str
) -> None:
    people = with_heads(space, *heads)
    row = submitted(space, people, number, "planner")
    assert (row.state, row.submitted_by, section_check.submitted_words(row)) == (
        goes_to,
        people["planner"],
        words,
    )
    [answer] = [Answer(row.pk, row.version, workflow.Content.of(row), submits=True)]
    withdrawn = withdraw(row, people["planner"])
    write_all([Answer(answer.pk, withdrawn.version, answer.content, True)], by=people["planner"])
    assert space.row(number).state == goes_to


def test_without_the_switch_nobody_asks_for_heads(space: Workspace) -> None:
    Membership.objects.update(is_head=True)
    draft = fill(space.row(), space.cast.clerk)
    with CaptureQueriesContext(connection) as queries:
        row = workflow.submit(draft.pk, by=space.cast.clerk, version=draft.version)
    assert (row.state, section_check.submitted_words(row)) == (SUBMITTED, "提出しました。")
    assert [query for query in queries.captured_queries if "is_head" in query["sql"]] == []


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": Role.PLANNING}])
def test_a_head_who_is_gone_is_none(space: Workspace, change: dict[str, Any]) -> None:
    with_heads(space, "colleague")
    User.objects.filter(username="colleague").update(**change)
    assert submit(space.row(), space.cast.clerk).state == SUBMITTED


# ---- what a head does


def test_a_confirmed_row_is_the_writers_and_names_the_head(space: Workspace) -> None:
    people = with_heads(space, "colleague")
    row = submitted(space, people)
    done = confirm(row, people["colleague"])
    assert (done.state, done.submitted_by, done.confirmed_by) == (
        SUBMITTED,
        people["clerk"],
        people["colleague"],
    )
    assert done.submitted_at is not None
    assert row.submitted_at is not None
    assert done.submitted_at > row.submitted_at  # when it reached the planning office
    approved = workflow.approve(done.pk, by=people["planner"], version=done.version)
    assert (approved.state, approved.confirmed_by) == (ActionState.APPROVED, people["colleague"])
    assert transitions(row) == [
        ("not_started", "draft"),
        ("draft", "in_section"),
        ("in_section", "submitted"),
        ("submitted", "approved"),
    ]


def test_who_wrote_confirms_only_where_nobody_else_could(space: Workspace) -> None:
    people = with_heads(space, "clerk", "colleague")
    row = submitted(space, people)
    with pytest.raises(Forbidden):
        confirm(row, people["clerk"])
    Membership.objects.filter(user=people["colleague"]).update(is_head=False)
    assert confirm(row, User.objects.get(username="clerk")).confirmed_by == people["clerk"]


def test_a_head_who_lost_the_post_meanwhile_confirms_nothing(space: Workspace) -> None:
    """What was read of a person when the request began does not count: the UPDATE asks the tables."""
    people = with_heads(space, "colleague")
    row, head = submitted(space, people), people["colleague"]
    assert head.headed_ids == {space.mine.pk}
    Membership.objects.filter(user=head).update(is_head=False)
    for act in (confirm, give_back):
        with pytest.raises(Stale):
            act(row, head)
    with pytest.raises(Stale):
        section_check.confirm_all([(row.pk, row.version)], by=head)
    assert space.row().state == IN_SECTION


def test_what_a_head_asks_for_stands_beside_what_the_planning_office_asked_for(space: Workspace) -> None:
    people = with_heads(space, "colleague")
    row = confirm(submitted(space, people), people["colleague"])
    row = workflow.send_back(
        row.pk, by=people["planner"], version=row.version, reason="企画のことば", field="plan"
    )
    assert (row.state, row.confirmed_by) == (RETURNED, None)
    row = workflow.submit(row.pk, by=people["clerk"], version=row.version)
    row = give_back(row, people["colleague"], " 課長のことば\n")
    said = (row.state, row.return_reason, row.return_field, row.section_reason)
    assert said == (RETURNED, "企画のことば", "plan", "課長のことば")
    row = workflow.submit(row.pk, by=people["clerk"], version=row.version)
    assert (row.state, row.section_reason) == (IN_SECTION, "課長のことば")
    row = confirm(row, people["colleague"])
    assert (row.return_reason, row.section_reason) == ("企画のことば", "")
    row = workflow.approve(row.pk, by=people["planner"], version=row.version)
    assert (row.return_reason, row.return_field, row.section_reason) == ("", "", "")


@pytest.mark.parametrize("reason", ["", " \n　", "\u200b", "あ" * 10_001])
def test_a_head_says_why(space: Workspace, reason: str) -> None:
    people = with_heads(space, "colleague")
    row = submitted(space, people)
    with pytest.raises(Incomplete) as caught:
        give_back(row, people["colleague"], reason)
    assert list(caught.value.errors) == ["reason"]
    assert space.row().state == IN_SECTION


def test_nobody_writes_or_approves_while_a_head_looks(space: Workspace) -> None:
    people = with_heads(space, "colleague")
    row = submitted(space, people)
    with pytest.raises(NotNow, match="この取組は「課内確認中」なので、保存できません"):
        fill(row, people["clerk"], result="・別の文。")
    with pytest.raises(NotNow):
        workflow.approve(row.pk, by=people["planner"], version=row.version)
    with pytest.raises(Blocked):
        workflow.approve_all([(row.pk, row.version)], by=people["planner"])
    with pytest.raises(NotNow):
        workflow.send_back(row.pk, by=people["planner"], version=row.version, reason=ASKED)


@pytest.mark.parametrize("state", [each for each in RoundState if each not in WRITABLE_ROUNDS])
def test_confirming_is_writing(space: Workspace, state: RoundState) -> None:
    people = with_heads(space, "colleague")
    row = submitted(space, people)
    ReportingRound.objects.filter(pk=space.round.pk).update(state=state)
    for act, by in ((confirm, "colleague"), (give_back, "colleague"), (withdraw, "clerk")):
        with pytest.raises(NotNow):
            act(row, people[by])
    assert list(section_check.waiting_for(people["colleague"])) == []


def test_the_switch_strands_no_row(space: Workspace) -> None:
    people = with_heads(space, "colleague")
    rows = [submitted(space, people, number, "both") for number in (1, 3)]
    Manifesto.objects.update(section_check=False)
    assert list(section_check.waiting_for(people["colleague"])) == rows
    assert confirm(rows[0], people["colleague"]).state == SUBMITTED
    assert withdraw(rows[1], people["other"]).state == DRAFT
    assert workflow.submit(rows[1].pk, by=people["other"], version=space.row(3).version).state == SUBMITTED


# ---- all at once


def test_all_unchanged_rows_are_confirmed_with_an_event_each(space: Workspace) -> None:
    people = with_heads(space, "colleague")
    rows = [submitted(space, people, number, "both") for number in (1, 3)]
    seen = [(row.pk, row.version) for row in rows]
    assert section_check.confirm_all(seen, by=people["colleague"]) == 2
    done = [space.row(number) for number in (1, 3)]
    assert [(row.state, row.confirmed_by, row.submitted_by) for row in done] == [
        (SUBMITTED, people["colleague"], people["both"])
    ] * 2
    told = Event.objects.filter(from_state="in_section", to_state="submitted").order_by("number")
    assert [event.subject for event in told] == [row.subject for row in rows]
    assert events.first_break(Event.objects.order_by("number"), events.known_heads()) is None


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("changed", "評価が変わっているので、1 件ずつ確認してください。"),
        ("withdrawn", "状態が「入力中」に変わっています。"),
        ("not theirs", "あなたが確認できる取組ではありません。"),
        ("stale", "確かめたあとに内容が変わっています。"),
    ],
)
def test_one_row_in_the_way_stops_all(space: Workspace, how: str, why: str) -> None:
    people = with_heads(space, "colleague", "other")
    first, second = (
        submitted(space, people),
        submitted(space, people, 2 if how == "not theirs" else 3, "both"),
    )
    version = second.version
    if how == "changed":
        reason = {"rating_id": space.ratings["A"].pk, "rating_reason": "完成したため"}
        draft = fill(withdraw(second, people["both"]), people["both"], **reason)
        version = workflow.submit(draft.pk, by=people["both"], version=draft.version).version
    if how == "withdrawn":
        version = withdraw(second, people["both"]).version
    seen = [(first.pk, first.version), (second.pk, version - (how == "stale"))]
    ready = {first.pk, second.pk} & set(
        YearlyAction.objects.in_section()
        .filter(section_check.confirmable_at_once(people["colleague"]))
        .values_list("pk", flat=True)
    )
    assert ready == ({first.pk, second.pk} if how == "stale" else {first.pk})
    with pytest.raises(
        Blocked, match="1 件が一括確認できない状態になっていたため、1 件も確認していません。"
    ) as caught:
        section_check.confirm_all(seen, by=people["colleague"])
    assert [(row.pk, told) for row, told in caught.value.rows] == [(second.pk, why)]
    assert space.row().state == IN_SECTION


def test_confirming_all_says_no_to_who_heads_nothing(space: Workspace) -> None:
    people = with_heads(space, "colleague")
    row = submitted(space, people)
    for who in ("clerk", "both", "stranger", "planner", "administrator"):
        with pytest.raises(Forbidden):
            section_check.confirm_all([(row.pk, row.version)], by=people[who])


# ---- the way back


@pytest.mark.parametrize("with_head", [False, True])
def test_a_withdrawn_row_is_a_draft_with_all_its_words(space: Workspace, with_head: bool) -> None:
    people = with_heads(space, *(["colleague"] if with_head else []))
    before = fill(space.row(), people["clerk"])
    words = (before.result, before.plan, before.rating_id, before.saved_by_id, before.saved_at)
    row = workflow.submit(before.pk, by=people["clerk"], version=before.version)
    done = withdraw(row, people["both"])
    assert (done.state, done.submitted_by, done.submitted_at) == (DRAFT, None, None)
    assert (done.result, done.plan, done.rating_id, done.saved_by_id, done.saved_at) == words
    [event] = Event.objects.filter(subject=row.subject, to_state="draft").exclude(from_state="not_started")
    assert event.actor == people["both"].signature
    told = event_words.told(event)
    assert (told.what, told.reason_label, event.reason) == (
        "提出を取り下げ、入力中に戻しました。",
        "理由",
        "",
    )


def test_a_confirmed_row_can_be_withdrawn_and_is_confirmed_anew(space: Workspace) -> None:
    people = with_heads(space, "colleague")
    row = withdraw(confirm(submitted(space, people), people["colleague"]), people["clerk"])
    assert (row.state, row.confirmed_by) == (DRAFT, None)
    assert workflow.submit(row.pk, by=people["clerk"], version=row.version).state == IN_SECTION


@pytest.mark.parametrize("who", ["企画", "課長"])
def test_a_returned_row_that_was_submitted_again_is_returned_again(space: Workspace, who: str) -> None:
    """The reason is not lost, and the event is no return."""
    people = with_heads(space, "colleague")
    row = submitted(space, people)
    if who == "企画":
        row = confirm(row, people["colleague"])
        row = workflow.send_back(
            row.pk, by=people["planner"], version=row.version, reason=ASKED, field="plan"
        )
    else:
        row = give_back(row, people["colleague"])
    asked = (row.return_reason, row.return_field, row.section_reason)
    row = withdraw(workflow.submit(row.pk, by=people["clerk"], version=row.version), people["clerk"])
    assert (row.state, (row.return_reason, row.return_field, row.section_reason)) == (RETURNED, asked)
    told = event_words.told(Event.objects.filter(subject=row.subject).latest("number"))
    assert (told.what, told.reason_label) == ("提出を取り下げ、差し戻されたところに戻しました。", "理由")


@pytest.mark.parametrize("with_head", [False, True])
def test_a_sheet_that_is_taken_back_says_the_same(space: Workspace, with_head: bool) -> None:
    people = with_heads(space, *(["colleague"] if with_head else []))
    draft = fill(space.row(), people["clerk"])
    content = workflow.Content.of(draft)
    taken = write_all([Answer(draft.pk, draft.version, content, submits=True)], by=people["clerk"])
    take_back(taken, by=people["clerk"], reason="取消し")
    told = event_words.told(Event.objects.filter(subject=draft.subject).latest("number"))
    assert (space.row().state, told.what) == (DRAFT, "提出を取り下げ、入力中に戻しました。")


def test_what_was_acted_on_is_not_withdrawn(space: Workspace) -> None:
    people = with_heads(space)
    row = submitted(space, people)
    approved = workflow.approve(row.pk, by=people["planner"], version=row.version)
    with pytest.raises(NotNow):
        withdraw(row, people["clerk"])
    returned = workflow.reopen(approved.pk, by=people["planner"], version=approved.version, reason=ASKED)
    with pytest.raises(NotNow):
        withdraw(returned, people["clerk"])


# ---- what the database holds


@pytest.mark.parametrize(
    "values", [{"submitted_by": None}, {"submitted_at": None}, {"confirmed_by": 1}, {"rating": "A"}]
)
def test_the_database_holds_a_row_that_waits_for_its_head(space: Workspace, values: dict[str, Any]) -> None:
    people = with_heads(space, "colleague")
    row = submitted(space, people)
    wanted = dict(values)
    if "confirmed_by" in wanted:
        wanted["confirmed_by"] = people["colleague"]
    if "rating" in wanted:
        wanted["rating"] = space.ratings["A"]
    with pytest.raises(IntegrityError), transaction.atomic():
        YearlyAction.objects.filter(pk=row.pk).update(**wanted)


def test_a_row_that_a_head_gave_back_needs_the_heads_words(space: Workspace) -> None:
    people = with_heads(space, "colleague")
    row = give_back(submitted(space, people), people["colleague"])
    with pytest.raises(IntegrityError), transaction.atomic():
        YearlyAction.objects.filter(pk=row.pk).update(section_reason="")


# ---- words, and what is around


def test_every_way_is_told_in_words(space: Workspace) -> None:
    people = with_heads(space, "colleague")
    row = give_back(submitted(space, people), people["colleague"])
    row = workflow.submit(row.pk, by=people["clerk"], version=row.version)
    confirm(row, people["colleague"])
    told = [event_words.told(event) for event in Event.objects.filter(subject=row.subject).order_by("number")]
    assert [each.what for each in told] == [
        "書き始めました。",
        "提出し、課長の確認に回しました。",
        "課長が差し戻しました。",
        "直して、もう一度提出し、課長の確認に回しました。",
        "課長が確認し、企画に提出しました。",
    ]
    assert told[2].reason_label == "差戻しの理由"


def test_a_draft_that_lacks_nothing_says_so(space: Workspace) -> None:
    row = space.row()
    assert (row.state_label, row.is_complete) == ("未入力", False)
    row = fill(row, space.cast.clerk, plan="")
    assert (row.state_label, row.is_complete, workflow.problems(row)) == ("入力済み", True, {})
    row = fill(row, space.cast.clerk, rating_id=space.ratings["A"].pk)
    assert (row.state_label, row.is_complete, list(workflow.problems(row))) == (
        "入力中",
        False,
        ["rating_reason"],
    )
    row = submit(row, space.cast.clerk)
    assert (row.state_label, row.is_complete) == ("提出済", True)


def test_departments_without_a_head_are_named(space: Workspace) -> None:
    assert section_check.departments_without_head(space.round) == []
    with_heads(space, "colleague")
    round = ReportingRound.objects.get(pk=space.round.pk)
    assert section_check.departments_without_head(round) == ["農政課"]
    rounds.close(round, by=space.cast.planner)
    assert section_check.departments_without_head(ReportingRound.objects.get(pk=round.pk)) == []


@pytest.mark.parametrize("is_used", [False, True])
def test_the_next_term_does_as_the_one_before(space: Workspace, is_used: bool) -> None:
    Manifesto.objects.update(section_check=is_used)
    ReportingRound.objects.update(state=RoundState.PUBLISHED)
    begun = terms.begin(title="次", first_fiscal_year=2026, last_fiscal_year=2029, by=space.cast.planner)
    assert begun.section_check is is_used
    told = event_words.told(Event.objects.latest("number"))
    assert ("課長確認を使う" in {line.label for line in told.lines}) is is_used
