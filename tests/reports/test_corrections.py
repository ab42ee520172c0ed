"""A further edition takes nothing over by itself."""

from collections.abc import Callable

import pytest

from tests.staff.people import submit
from tests.workspace import Workspace, newest_report
from tracker.choices import ActionState
from tracker.cycle import catalogue, events, rounds, workflow
from tracker.models import (
    Assignment,
    Category,
    Department,
    DepartmentSuccession,
    Event,
    FormerName,
    Initiative,
    InitiativeContinuation,
    Manifesto,
    PlanProject,
    Pledge,
    Rating,
    Report,
    ReportingRound,
    YearlyAction,
)
from tracker.reports import drafting, publishing

pytestmark = pytest.mark.django_db


def retyped(space: Workspace) -> None:
    Pledge.objects.update(text="駅前を直します", number_label="②")


def renamed(space: Workspace) -> None:
    """From a year after the report's."""
    FormerName.objects.create(department=space.mine, name=space.mine.name, last_fiscal_year=2023)
    Department.objects.filter(pk=space.mine.pk).update(name="道路整備課")


def mistyped_name(space: Workspace) -> None:
    Department.objects.filter(pk=space.mine.pk).update(name="土木管理課")


def ended(space: Workspace) -> None:
    """As a reorganisation before it had a document of its own: the duty goes over from the year after."""
    heir = Department.objects.create(code="009", name="新しい課", first_fiscal_year=2024)
    DepartmentSuccession.objects.create(predecessor=space.theirs, successor=heir, fiscal_year=2024)
    Department.objects.filter(pk=space.theirs.pk).update(last_fiscal_year=2023)
    for duty in Assignment.objects.filter(department=space.theirs):
        Assignment.objects.filter(pk=duty.pk).update(to_fiscal_year=2023)
        duty.initiative.assignments.create(department=heir, position=duty.position, from_fiscal_year=2024)


def other_facts(space: Workspace) -> None:
    initiative = space.row(4).initiative
    Initiative.objects.filter(pk=initiative.pk).update(sdgs=[3], other_departments=True)
    values = {"code": "1-1①", "base_code": "1-1", "name": "道 道路"}
    initiative.plan_projects.add(PlanProject.objects.create(manifesto=space.manifesto, **values))
    Rating.objects.filter(code="B").update(label="だいたい達成")
    Manifesto.objects.update(title="別の題")


CHANGES: tuple[Callable[[Workspace], None], ...] = (retyped, renamed, mistyped_name, ended, other_facts)


def last_round(space: Workspace) -> ReportingRound:
    return ReportingRound.objects.select_related("manifesto").get(pk=space.last_round.pk)


def contents(report: Report) -> dict[str, str]:
    return dict(report.entries.values_list("key", "content_digest"))


def corrected(space: Workspace, number: int) -> None:
    """One row of last year is reopened, written anew and approved."""
    rounds.start_correction(last_round(space), by=space.cast.planner, reason="誤り")
    row = YearlyAction.objects.get(round=space.last_round, initiative__position=number)
    workflow.reopen(row.pk, by=space.cast.planner, version=row.version, reason="誤り")
    row = YearlyAction.objects.filter(pk=row.pk).with_place().with_departments().get()
    values = {"result": "・直しました。", "rating_id": row.rating_id, "is_unrated": False}
    sent = submit(row, space.cast.planner, **values)
    workflow.approve(sent.pk, by=space.cast.second_planner, version=sent.version)


@pytest.mark.parametrize("change", CHANGES)
def test_a_correction_of_one_row_changes_one_row(space: Workspace, change: Callable[..., None]) -> None:
    first = newest_report(space.manifesto)
    change(space)
    corrected(space, 2)
    second, is_new = publishing.publish(last_round(space), by="企画", reason="誤り")
    assert (is_new, second.edition) == (True, 2)
    before, after = contents(first), contents(second)
    assert {key for key in before | after if before.get(key) != after.get(key)} == {"1-1-1-2"}
    assert second.entries.get(key="1-1-1-2").results == {"2023": "・直しました。"}
    head = ("title", "ratings", "years", "outline")
    assert [getattr(first, name) for name in head] == [getattr(second, name) for name in head]


def test_all_at_once_and_without_a_row_is_nothing_new(space: Workspace) -> None:
    for change in CHANGES:
        change(space)
    assert publishing.publish(last_round(space), by="企画", reason="誤り")[1] is False
    assert Report.objects.count() == 1


def test_each_change_is_told_once_with_before_and_after(space: Workspace) -> None:
    for change in (retyped, ended, other_facts):
        change(space)
    told = [
        (each.what, each.before, each.after, each.places)
        for each in drafting.draft(last_round(space)).changes
    ]
    assert told == [
        ("公約の番号と文", "①駅を直します", "②駅前を直します", [f"1-1-1-{n}" for n in (1, 2, 3, 4)]),
        ("担当課", "農政課", "農政課（～令和5年度）、新しい課（令和6年度～）", ["1-1-1-2"]),
        ("担当課", "土木課、農政課", "土木課、農政課（～令和5年度）、新しい課（令和6年度～）", ["1-1-1-3"]),
        ("担当課", "", "ほかの担当課", ["1-1-1-4"]),
        ("関連事業", "", "1-1① 道 道路", ["1-1-1-4"]),
        ("SDGs の目標", "読み取れません", "3", ["1-1-1-4"]),
        ("表題", "市長マニフェスト", "別の題", []),
        (
            "実施状況の区分",
            "A 達成（）、B おおむね達成（）、C 一部達成（）",
            "A 達成（）、B だいたい達成（）、C 一部達成（）",
            [],
        ),
    ]


def test_what_is_picked_is_taken_over_alone_and_told_in_the_event(space: Workspace) -> None:
    for change in CHANGES:
        change(space)
    offered = drafting.draft(last_round(space)).changes
    wording = next(each for each in offered if each.what == "公約の番号と文")
    rounds.pick_changes(last_round(space), [wording.key, "gone"], by=space.cast.planner)
    report, is_new = publishing.publish(last_round(space), by="企画", reason="誤り")
    assert is_new
    assert {entry.pledge_text for entry in report.entries.all()} == {"駅前を直します"}
    names = [[term["name"] for term in entry.departments] for entry in report.entries.all()]
    assert names == [["土木課"], ["農政課"], ["土木課", "農政課"], []]
    event = Event.objects.filter(kind="published").latest("number")
    assert event.content["taken_over"] == ["公約の番号と文：①駅を直します → ②駅前を直します"]
    assert last_round(space).picked_changes == []
    assert events.first_break(Event.objects.order_by("number")) is None


def test_a_change_that_changes_again_is_picked_no_more(space: Workspace) -> None:
    retyped(space)
    keys = [each.key for each in drafting.draft(last_round(space)).changes]
    rounds.pick_changes(last_round(space), keys, by=space.cast.planner)
    Pledge.objects.update(text="駅と駅前を直します")
    assert publishing.publish(last_round(space), by="企画", reason="誤り")[1] is False


def test_an_initiative_that_is_gone_stays_unless_that_is_picked(space: Workspace) -> None:
    Initiative.objects.filter(position=4).update(first_fiscal_year=2030)
    draft = drafting.draft(last_round(space))
    assert [entry.key for entry in draft.entries] == [f"1-1-1-{number}" for number in (1, 2, 3, 4)]
    rounds.pick_changes(last_round(space), [draft.changes[0].key], by=space.cast.planner)
    assert len(drafting.draft(last_round(space)).entries) == 3


def test_a_step_that_an_entry_needs_brings_the_scale_along(space: Workspace) -> None:
    new = Rating.objects.create(manifesto=space.manifesto, position=4, code="D", label="着手")
    assert [each.is_needed for each in drafting.draft(last_round(space)).changes] == [False]
    YearlyAction.objects.filter(round=space.last_round, initiative__position=1).update(rating=new)
    draft = drafting.draft(last_round(space))
    assert [(each.what, each.is_needed, each.is_picked) for each in draft.changes] == [
        ("実施状況の区分", True, True)
    ]
    assert [rating["code"] for rating in draft.report.ratings] == ["A", "B", "C", "D"]


def test_an_entry_that_speaks_for_the_first_time_stands_with_its_pledge(space: Workspace) -> None:
    """Its year was not approved when the edition before was published. Names are picked for it, too."""
    row = space.row(1)
    publishing.publish(space.round, by="企画", unapproved_reason="期日のため")
    retyped(space)
    rounds.start_correction(space.round, by=space.cast.planner, reason="承認が済んだ")
    sent = submit(row, space.cast.planner)
    workflow.approve(sent.pk, by=space.cast.second_planner, version=sent.version)
    round = ReportingRound.objects.select_related("manifesto").get(pk=space.round.pk)
    report, _ = publishing.publish(round, by="企画", reason="承認が済んだ", unapproved_reason="残り")
    told = {entry.key: (entry.pledge_text, entry.carried_from is None) for entry in report.entries.all()}
    assert told["1-1-1-1"] == ("駅を直します", True)
    assert told["1-1-1-2"] == ("駅を直します", False)
    assert YearlyAction.objects.filter(round=round, state=ActionState.APPROVED).count() == 1


def test_what_was_carried_or_left_out_stands_with_its_pledge_after_a_move(space: Workspace) -> None:
    """The pledge moved after an edition in which one row was carried; the correction picks nothing."""
    row = space.row(1)
    for each in space.rows()[1:]:
        sent = submit(each, space.cast.planner)
        workflow.approve(sent.pk, by=space.cast.second_planner, version=sent.version)
    publishing.publish(space.round, by="企画", unapproved_reason="期日のため")
    pledge = row.initiative.pledge
    section = Category.objects.create(
        manifesto=space.manifesto, parent=pledge.section.parent, number=2, name="公園"
    )
    words = {"number_label": pledge.number_label, "by": space.cast.planner, "reason": "移す"}
    catalogue.move(pledge, section=section, position=1, **words)
    round = ReportingRound.objects.select_related("manifesto").get(pk=space.round.pk)
    rounds.start_correction(round, by=space.cast.planner, reason="承認が済んだ")
    sent = submit(space.row(1), space.cast.planner)
    workflow.approve(sent.pk, by=space.cast.second_planner, version=sent.version)
    round = ReportingRound.objects.select_related("manifesto").get(pk=space.round.pk)
    report, is_new = publishing.publish(round, by="企画", reason="承認が済んだ")
    assert is_new
    assert set(report.entries.values_list("pledge_key", "section_name")) == {("1-1-1", "道路")}
    assert [entry.key for entry in report.entries.order_by("position")] == [
        f"1-1-1-{n}" for n in (1, 2, 3, 4)
    ]


def test_what_an_edition_left_out_stands_beside_its_pledge_in_the_next(space: Workspace) -> None:
    """A new initiative was not approved in time; its pledge has other words by now, which nobody picked."""
    pledge, planner = space.row(1).initiative.pledge, space.cast.planner
    part = catalogue.Part(departments=[space.mine])
    catalogue.add_initiatives(
        pledge, first_fiscal_year=2024, parts=[part], by=planner, reason="増えた", adds_rows=True
    )
    publishing.publish(space.round, by="企画", unapproved_reason="期日のため")
    retyped(space)
    rounds.start_correction(space.round, by=planner, reason="承認が済んだ")
    Initiative.objects.create(pledge=pledge, position=6, first_fiscal_year=2024)  # has no row in the round
    round = ReportingRound.objects.select_related("manifesto").get(pk=space.round.pk)
    assert [each.place for each in drafting.draft(round).left_out] == ["1-1-1-5"]
    sent = submit(space.row(5), planner)
    workflow.approve(sent.pk, by=space.cast.second_planner, version=sent.version)
    report, _ = publishing.publish(round, by="企画", reason="承認が済んだ", unapproved_reason="残り")
    entry = report.entries.get(key="1-1-1-5")
    assert (entry.pledge_number, entry.pledge_text, entry.carried_from) == ("①", "駅を直します", None)


def moved_and_carried_on(space: Workspace) -> None:
    """The pledge stands in another section, and its second initiative carries on its first."""
    pledge = space.row(1).initiative.pledge
    values = {"parent": pledge.section.parent, "number": 2, "name": "公園"}
    section = Category.objects.create(manifesto=space.manifesto, **values)
    words = {"number_label": pledge.number_label, "by": space.cast.planner, "reason": "移す"}
    catalogue.move(pledge, section=section, position=1, **words)
    first, second = (space.row(number).initiative for number in (1, 2))
    InitiativeContinuation.objects.create(predecessor=first, successor=second, fiscal_year=2023)


KEYS, MOVED = [[f"1-{section}-1-{number}" for number in (1, 2, 3, 4)] for section in (1, 2)]


@pytest.mark.parametrize(
    ("picked", "keys", "continues"),
    [
        (set(), KEYS, None),
        ({"公約の場所"}, MOVED, None),
        ({"取組の引継ぎ"}, KEYS, [{"key": "1-1-1-1", "fiscal_year": 2023}]),
        ({"公約の場所", "取組の引継ぎ"}, MOVED, [{"key": "1-2-1-1", "fiscal_year": 2023}]),
    ],
)
def test_a_move_and_a_link_are_offered_and_taken_over_where_they_are_picked(
    space: Workspace, picked: set[str], keys: list[str], continues: object
) -> None:
    moved_and_carried_on(space)
    offered = drafting.draft(last_round(space)).changes
    told = {(each.what, each.before, each.after, *each.places) for each in offered}
    assert told == {
        ("公約の場所", "1-1-1", "1-2-1", *KEYS),
        ("取組の引継ぎ", "なし", "後の取組 1-1-1-2", MOVED[0]),
        ("取組の引継ぎ", "なし", "前の取組 1-1-1-1", MOVED[1]),
    }
    rounds.pick_changes(
        last_round(space), [each.key for each in offered if each.what in picked], by=space.cast.planner
    )
    entries = drafting.draft(last_round(space)).entries
    assert [entry.key for entry in entries] == keys
    assert [entry.continues for entry in entries] == [None, continues, None, None]


def test_the_name_of_a_section_is_offered_where_its_pledges_stayed(space: Workspace) -> None:
    Category.objects.filter(name="道路").update(name="道路と橋")
    draft = drafting.draft(last_round(space))
    told = [(each.what, each.before, each.after, each.places) for each in draft.changes]
    assert told == [("項目の名称", "道路", "道路と橋", KEYS)]
    assert {entry.section_name for entry in draft.entries} == {"道路"}
    rounds.pick_changes(last_round(space), [draft.changes[0].key], by=space.cast.planner)
    assert {entry.section_name for entry in drafting.draft(last_round(space)).entries} == {"道路と橋"}


def test_the_next_report_has_all_of_the_catalogue(space: Workspace) -> None:
    for change in CHANGES:
        change(space)
    round = ReportingRound.objects.select_related("manifesto").get(pk=space.round.pk)
    draft = drafting.draft(round)
    assert (draft.changes, draft.report.title) == ([], "別の題")
