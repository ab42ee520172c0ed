"""Pledges change in mid-term: what each act writes, what it refuses, and what stays."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.staff.people import fill, submit
from tests.workspace import Workspace
from tracker.choices import EventKind
from tracker.cycle import catalogue, rounds, workflow
from tracker.cycle.catalogue import CatalogueProblem, Part
from tracker.cycle.rounds import RoundProblem
from tracker.models import (
    Category,
    Department,
    Event,
    FormerPlace,
    Initiative,
    InitiativeContinuation,
    Manifesto,
    PlanProject,
    Pledge,
    Report,
    ReportEntry,
    YearlyAction,
)
from tracker.reports import digests, drafting, publishing
from tracker.reports.comparison import compare
from tracker.staff.rounds.access import nothing_written

pytestmark = pytest.mark.django_db

WHY = "議会での説明に合わせるため"


def section(space: Workspace, number: int = 2) -> Category:
    field = Category.objects.get(manifesto=space.manifesto, parent=None)
    return Category.objects.create(
        manifesto=space.manifesto, parent=field, number=number, name=f"項目{number}"
    )


def pledge_of(space: Workspace) -> Pledge:
    return Pledge.objects.get(section__manifesto=space.manifesto)


def moved(space: Workspace, to: Category | None = None, position: int | None = None) -> Pledge:
    to = to or section(space)
    change = catalogue.move(
        pledge_of(space), section=to, position=position, number_label="③", by=space.cast.planner, reason=WHY
    )
    return change.pledge


def published(space: Workspace) -> Report:
    """The next report of the workspace, whatever is approved."""
    report, is_new = publishing.publish(
        space.round, by="企画", reason="訂正", unapproved_reason="間に合わないため"
    )
    assert is_new
    return report


def keys(report: Report) -> list[str]:
    return list(report.entries.order_by("position").values_list("key", flat=True))


# ---- moving


def test_a_move_keeps_the_published_place_for_good(space: Workspace) -> None:
    pledge = moved(space)
    assert (pledge.place, [each.place for each in pledge.former_places.all()]) == ("1-2-1", ["1-1-1"])
    told = Event.objects.latest("number")
    assert (told.kind, told.subject, told.reason) == (EventKind.CATALOGUE, f"pledge:{pledge.pk}", WHY)
    assert told.content == {
        "act": "公約の移動",
        "model": "公約",
        "name": "③駅を直します",
        "place": "1-2-1",
        "manifesto": "2021",
        "changes": {
            "番号": ["1-1-1", "1-2-1"],
            "section": ["1. まち ＞ (1) 道路", "1. まち ＞ (2) 項目2"],
            "number_label": ["①", "③"],
        },
    }


def test_an_unpublished_place_is_left_without_a_trace(space: Workspace) -> None:
    pledge = moved(space)
    catalogue.move(
        pledge, section=pledge.section, position=7, number_label="③", by=space.cast.planner, reason=WHY
    )
    assert list(FormerPlace.objects.values_list("place", flat=True)) == ["1-1-1"]


def test_a_pledge_may_come_back(space: Workspace) -> None:
    home = pledge_of(space).section
    moved(space)
    published(space)
    pledge = moved(space, home, 1)
    assert (pledge.place, [each.place for each in pledge.former_places.all()]) == ("1-1-1", ["1-2-1"])


def test_a_published_place_is_never_given_away(space: Workspace) -> None:
    home = pledge_of(space).section
    moved(space)
    other = Pledge.objects.create(section=section(space, 3), position=1, text="公園を増やします")
    with pytest.raises(CatalogueProblem, match="1-1-1 は、別の公約が公表されていた番号です"):
        catalogue.move(other, section=home, position=1, number_label="", by=space.cast.planner, reason=WHY)
    change = catalogue.move(
        other, section=home, position=None, number_label="", by=space.cast.planner, reason=WHY
    )
    assert change.pledge.place == "1-1-2"


def test_the_next_report_has_the_new_place_and_the_former(space: Workspace) -> None:
    before = space.manifesto.reports.get()
    moved(space)
    report = published(space)
    assert keys(report) == ["1-2-1-1", "1-2-1-2", "1-2-1-3", "1-2-1-4"]
    assert {(e.category_name, e.section_name, e.pledge_number) for e in report.entries.all()} == {
        ("まち", "項目2", "③")
    }
    assert [e.former_pledge_keys for e in report.entries.all()] == [["1-1-1"]] * 4
    assert all(entry.carried_from == before.as_of for entry in report.entries.all())  # nothing was approved
    assert keys(before) == ["1-1-1-1", "1-1-1-2", "1-1-1-3", "1-1-1-4"]
    assert [digests.verify(each) for each in (before, Report.objects.get(pk=report.pk))] == [True, True]
    assert before.entries.filter(former_pledge_keys__isnull=True).count() == 4


def test_two_reports_have_it_as_the_same(space: Workspace) -> None:
    before = space.manifesto.reports.get()
    moved(space)
    after = published(space)
    for older, newer in ((before, after), (after, before)):
        found = compare(older.entries.all(), newer.entries.all(), newer.rating_codes)
        assert (found.new, found.gone, len(found.moved)) == ((), (), 4)
        assert (found.otherwise_changed, found.transitions.total) == ([], 4)


def test_references_go_with_it(space: Workspace) -> None:
    expected = {f"1-2-1-{position}": space.ratings["B"].pk for position in range(1, 5)}
    moved(space)
    assert rounds.references(space.round) == rounds.ratings_before(space.round) == expected
    row = space.row()
    assert rounds.references(space.round, row.place) == {"1-2-1-1": space.ratings["B"].pk}
    published(space)
    new = rounds.open_round(
        space.manifesto,
        fiscal_year=2025,
        due_on=space.round.due_on.replace(year=2099),  # type: ignore[union-attr]
        as_of=space.round.as_of.replace(year=2026),
        by=space.cast.planner,
    )
    assert set(new.actions.values_list("was_reported", "reference_rating")) == {(True, space.ratings["B"].pk)}


def test_a_row_is_handed_in_after_a_move_without_a_reason_for_its_rating(space: Workspace) -> None:
    moved(space)
    row = submit(space.row(), space.cast.clerk)
    assert (row.state, row.rating_changed) == ("submitted", False)
    done = workflow.approve(row.pk, by=space.cast.planner, version=row.version)
    first = drafting.draft(space.round).entries[0]
    assert (first.key, first.carried_from) == (done.place, None)


def test_no_move_while_a_report_is_corrected(space: Workspace) -> None:
    published_round = space.last_round
    rounds.start_correction(published_round, by=space.cast.planner, reason="誤り")
    with pytest.raises(CatalogueProblem, match=r"令和5年度.*訂正中です"):
        moved(space)


@pytest.mark.parametrize(
    ("position", "words"),
    [(1, "いまと同じ場所"), (0, "1 から 999"), (1000, "1 から 999"), (None, "同じ項目")],
)
def test_nonsense_is_no_place(space: Workspace, position: int | None, words: str) -> None:
    with pytest.raises(CatalogueProblem, match=words):
        moved(space, pledge_of(space).section, position)


@pytest.mark.parametrize("position", [1, 999])
def test_the_first_and_the_last_number_are_places(space: Workspace, position: int) -> None:
    assert moved(space, position=position).place == f"1-2-{position}"


@dataclass(frozen=True)
class Step:
    pledge: int
    section: int
    position: int | None
    publishes: bool


STEPS = st.lists(
    st.builds(
        Step, st.integers(0, 2), st.integers(0, 2), st.one_of(st.none(), st.integers(1, 4)), st.booleans()
    ),
    max_size=8,
)


def with_more_pledges(space: Workspace) -> tuple[list[Pledge], list[Category]]:
    """Three pledges with a published initiative each, in three sections."""
    sections = [pledge_of(space).section, section(space, 2), section(space, 3)]
    pledges = [pledge_of(space)]
    for number, each in enumerate(sections[1:], start=2):
        pledge = Pledge.objects.create(section=each, position=1, text=f"公約その{number}")
        made = Initiative.objects.create(pledge=pledge, position=1, first_fiscal_year=2021)
        old = space.last_round.actions.first()
        assert old
        YearlyAction.objects.create(
            initiative=made, round=space.last_round, result="・済", rating=old.rating, state="approved",
            is_imported=True,
        )  # fmt: skip
        pledges.append(pledge)
    publishing.publish(space.last_round, by="企画", reason="追加")
    return pledges, sections


@settings(max_examples=8, deadline=None)
@given(STEPS)
def test_every_address_leads_to_the_pledge_that_had_it(made: Workspace, steps: list[Step]) -> None:
    with nothing_written():
        pledges, sections = with_more_pledges(made)
        for step in steps:
            try:
                catalogue.move(
                    pledges[step.pledge], section=sections[step.section], position=step.position,
                    number_label="", by=made.cast.planner, reason=WHY,
                )  # fmt: skip
            except CatalogueProblem:
                continue
            if step.publishes:  # which makes no further edition where all is as it was
                publishing.publish(made.round, by="企画", reason="訂正", unapproved_reason="間に合わない")
        told = ReportEntry.objects.values_list("pledge_key", "pledge_text").distinct().order_by()
        named = dict(told)
        assert len(named) == len(told)  # no address names two pledges
        browser = Client()
        for key, text in named.items():
            page = browser.get(f"/2021/pledges/{key}/", follow=True)
            assert (page.status_code, f"</span>{text}</h1>" in page.content.decode()) == (200, True)
            assert [status for _url, status in page.redirect_chain] in ([], [301])
        for report in Report.objects.all():
            for key in report.entries.values_list("pledge_key", flat=True).distinct().order_by():
                address = f"/2021/reports/{report.as_of}/editions/{report.edition}/pledges/{key}/"
                assert browser.get(address).status_code == 200


# ---- adding


def part(*departments: Department, **more: object) -> Part:
    return Part(departments=departments, **more)  # type: ignore[arg-type]


def added(space: Workspace, **more: object) -> catalogue.CatalogueChange:
    values: dict[str, object] = {
        "text": "公園を増やします",
        "number_label": "②",
        "first_fiscal_year": 2024,
        "parts": [part(space.mine), part(space.mine, space.theirs)],
        "adds_rows": True,
    }
    return catalogue.add_pledge(
        pledge_of_section(space),
        by=space.cast.planner,
        reason=WHY,
        **(values | more),  # type: ignore[arg-type]
    )


def pledge_of_section(space: Workspace) -> Category:
    return Category.objects.get(manifesto=space.manifesto, parent__isnull=False, number=1)


def test_a_pledge_is_added_with_its_initiatives_and_rows(space: Workspace) -> None:
    project = PlanProject.objects.create(manifesto=space.manifesto, code="2-2-3", name="公園")
    change = added(space, parts=[part(space.mine, plan_projects=[project], sdgs=[11, 3]), part()])
    assert change.pledge.place == "1-1-2"
    first, second = change.pledge.initiatives.order_by("position")
    assert [(d.department, d.from_fiscal_year) for d in first.assignments.all()] == [(space.mine, 2024)]
    assert (list(first.plan_projects.all()), first.sdgs, second.sdgs) == ([project], [3, 11], None)
    assert change.rows_added == space.round.actions.filter(initiative__in=[first, second]).count() == 2
    told = Event.objects.get(subject=f"pledge:{change.pledge.pk}").content
    assert told["begun"] == [["1-1-2-1", 2024, ["土木課"]], ["1-1-2-2", 2024, []]]


def test_rows_are_added_only_when_wanted(space: Workspace) -> None:
    assert (added(space, adds_rows=False).rows_added, rounds.missing_initiatives(space.round).count()) == (
        0,
        2,
    )
    assert added(space, first_fiscal_year=2025).rows_added == 0
    rounds.close(space.round, by=space.cast.planner)
    assert added(space, first_fiscal_year=2025).rows_added == 0  # there is no round to take them


def test_what_is_over_takes_nothing_new(space: Workspace) -> None:
    with pytest.raises(CatalogueProblem, match="令和6年度（2024年度） より前からは始められません"):
        added(space, first_fiscal_year=2023)
    rounds.close(space.round, by=space.cast.planner)
    with pytest.raises(CatalogueProblem, match="令和7年度（2025年度） より前からは始められません"):
        added(space, first_fiscal_year=2024)


def test_a_department_must_be_there_in_the_year(space: Workspace) -> None:
    Department.objects.filter(pk=space.mine.pk).update(last_fiscal_year=2023)
    space.mine.refresh_from_db()
    with pytest.raises(CatalogueProblem, match="「土木課」は、令和6年度（2024年度） にはない課です"):
        added(space)


def test_a_changed_promise_ends_the_old_and_follows_it(space: Workspace) -> None:
    old = pledge_of(space)
    change = added(space, continued=old, ends_continued=True, parts=[part(space.mine)])
    assert set(old.initiatives.values_list("last_fiscal_year", flat=True)) == {2023}
    assert len(change.rows_gone) == 4
    links = InitiativeContinuation.objects.values_list("predecessor__pledge", "successor", "fiscal_year")
    assert set(links) == {(old.pk, change.begun[0].pk, 2024)}
    assert Event.objects.filter(subject=f"pledge:{old.pk}", content__act="公約の終わり").count() == 1


# ---- correcting


def test_a_typo_is_seen_in_the_next_report_and_never_in_the_last(space: Workspace) -> None:
    catalogue.correct(
        pledge_of(space), text="駅前を直します", number_label="①", section_name="道", category_name="まち",
        by=space.cast.planner, reason=WHY,
    )  # fmt: skip
    before = space.manifesto.reports.get()
    assert {(e.pledge_text, e.section_name) for e in before.entries.all()} == {("駅を直します", "道路")}
    draft = drafting.draft(space.round)
    assert {(e.pledge_text, e.section_name) for e in draft.entries} == {("駅前を直します", "道")}
    assert Event.objects.latest("number").content["changes"] == {
        "text": ["駅を直します", "駅前を直します"],
        "項目の名称": ["道路", "道"],
    }


def test_nothing_corrected_is_no_act(space: Workspace) -> None:
    with pytest.raises(CatalogueProblem, match="どこも変わっていません"):
        catalogue.correct(
            pledge_of(space), text="駅を直します", number_label="①", section_name="道路",
            category_name="まち", by=space.cast.planner, reason=WHY,
        )  # fmt: skip


# ---- ending


def test_a_whole_pledge_ends_or_nothing_of_it(space: Workspace) -> None:
    fill(space.row(2), space.cast.other)
    pledge = pledge_of(space)
    with nothing_written(), pytest.raises(RoundProblem, match=r"取組 1-1-1-2：.*すでに入力されています"):
        catalogue.end_pledge(pledge, last_fiscal_year=2023, by=space.cast.planner, reason=WHY)
    assert pledge.initiatives.filter(last_fiscal_year=None).count() == 4
    change = catalogue.end_pledge(pledge, last_fiscal_year=2024, by=space.cast.planner, reason=WHY)
    assert (len(change.ended), change.rows_gone) == (4, [])
    with pytest.raises(CatalogueProblem, match="すべて終わっています"):
        catalogue.end_pledge(pledge, last_fiscal_year=2024, by=space.cast.planner, reason=WHY)


# ---- splitting


def parted(space: Workspace, *, goes_on: bool, last: int = 2023) -> catalogue.CatalogueChange:
    return catalogue.split(
        space.row(3).initiative, last_fiscal_year=last, goes_on=goes_on,
        parts=(part(space.mine), part(space.theirs)), by=space.cast.planner, reason=WHY, adds_rows=True,
    )  # fmt: skip


def test_one_initiative_becomes_two_others(space: Workspace) -> None:
    change = parted(space, goes_on=False)
    assert [(each.place, each.last_fiscal_year) for each in change.ended] == [("1-1-1-3", 2023)]
    assert [each.place for each in change.begun] == ["1-1-1-5", "1-1-1-6"]
    assert (change.rows_gone, change.rows_added) == ([("1-1-1-3", 2024)], 2)
    assert [row.place for row in space.rows()] == ["1-1-1-1", "1-1-1-2", "1-1-1-4", "1-1-1-5", "1-1-1-6"]
    event = Event.objects.filter(kind=EventKind.CATALOGUE).latest("number")
    assert (event.content["act"], event.content["place"]) == ("取組の分割", "1-1-1-3")


@pytest.mark.parametrize("goes_on", [True, False])
def test_what_has_ended_is_not_parted(space: Workspace, goes_on: bool) -> None:
    catalogue.end_pledge(pledge_of(space), last_fiscal_year=2024, by=space.cast.planner, reason=WHY)
    with pytest.raises(CatalogueProblem, match="この取組は 令和6年度 で終わっています"):
        parted(space, goes_on=goes_on, last=2024)


def test_one_goes_on_and_another_begins(space: Workspace) -> None:
    row = fill(space.row(3), space.cast.both)
    change = parted(space, goes_on=True)
    assert (change.ended, [each.place for each in change.begun]) == ([], ["1-1-1-5"])
    terms = row.initiative.assignments.order_by("position").values_list(
        "department__name", "from_fiscal_year", "to_fiscal_year"
    )
    assert list(terms) == [("土木課", None, None), ("農政課", None, 2023)]
    assert space.row(3).result == row.result  # typed text stays


def test_what_goes_on_gets_its_part_departments_projects_and_goals(space: Workspace) -> None:
    initiative = space.row(1).initiative
    made = [
        PlanProject.objects.create(manifesto=space.manifesto, code=f"{code}①", base_code=code, name=code)
        for code in ("1-2", "1-1")
    ]
    initiative.plan_projects.set(made)
    first = part(space.theirs, plan_projects=made, sdgs=[9, 3])
    values = {"last_fiscal_year": 2023, "goes_on": True, "parts": (first, part()), "adds_rows": False}
    change = catalogue.split(initiative, by=space.cast.planner, reason=WHY, **values)  # type: ignore[arg-type]
    assert change.changes == {
        "1-1-1-1 の担当課（令和6年度から）": (["土木課"], ["農政課"]),
        "1-1-1-1 の SDGs": (None, [3, 9]),
        "分けた取組": ("1-1-1-1", ["1-1-1-1", "1-1-1-5"]),
    }
    terms = initiative.assignments.values_list("department__name", "from_fiscal_year", "to_fiscal_year")
    assert list(terms.order_by("position")) == [("土木課", None, 2023), ("農政課", 2024, None)]
    assert Initiative.objects.get(pk=initiative.pk).sdgs == [3, 9]


def test_a_typed_row_is_in_the_way_of_an_end(space: Workspace) -> None:
    fill(space.row(3), space.cast.both)
    with pytest.raises(RoundProblem, match="すでに入力されています"):
        parted(space, goes_on=False)


def test_both_sides_are_told_by_the_report_alone(space: Workspace) -> None:
    parted(space, goes_on=False)
    for number in (4, 5):
        row = submit(space.row(number), space.cast.planner, is_unrated=True)
        workflow.approve(row.pk, by=space.cast.second_planner, version=row.version)
    report = published(space)
    told = {e.key: (e.continues, e.continued_by) for e in report.entries.all()}
    old, new, more = ({"key": f"1-1-1-{n}", "fiscal_year": 2024} for n in (3, 5, 6))
    assert told == {
        "1-1-1-1": (None, None),
        "1-1-1-2": (None, None),
        "1-1-1-3": (None, [new, more]),
        "1-1-1-4": (None, None),
        "1-1-1-5": ([old], None),
        "1-1-1-6": ([old], None),
    }
    InitiativeContinuation.objects.all().delete()
    page = Client().get("/2021/pledges/1-1-1/").content.decode()
    assert page.count("を引き継いで始めた取組です") == page.count("が引き継いでいます") == 2


def test_what_is_not_in_the_report_is_not_named(space: Workspace) -> None:
    parted(space, goes_on=False)
    assert {(e.key, bool(e.continued_by)) for e in drafting.draft(space.round).entries} == {
        (f"1-1-1-{number}", False) for number in range(1, 5)
    }


# ---- all of them

ACTS: dict[str, Callable[[Workspace, dict[str, object]], object]] = {
    "add": lambda space, of: catalogue.add_pledge(
        pledge_of_section(space), text="新", number_label="", first_fiscal_year=2024, parts=[Part()],
        adds_rows=False, **of,  # type: ignore[arg-type]
    ),
    "add_initiatives": lambda space, of: catalogue.add_initiatives(
        pledge_of(space), first_fiscal_year=2024, parts=[Part()], adds_rows=False, **of  # type: ignore[arg-type]
    ),
    "correct": lambda space, of: catalogue.correct(
        pledge_of(space), text="新", number_label="", section_name="道路", category_name="まち", **of  # type: ignore[arg-type]
    ),
    "end": lambda space, of: catalogue.end_pledge(pledge_of(space), last_fiscal_year=2024, **of),  # type: ignore[arg-type]
    "split": lambda space, of: catalogue.split(
        space.row().initiative, last_fiscal_year=2023, goes_on=True, parts=(Part(), Part()), adds_rows=False,
        **of,  # type: ignore[arg-type]
    ),
    "move": lambda space, of: catalogue.move(
        pledge_of(space), section=section(space), position=None, number_label="", **of  # type: ignore[arg-type]
    ),
}  # fmt: skip


@pytest.mark.parametrize("act", ACTS)
def test_each_act_needs_the_planning_office_and_a_reason_and_leaves_one_event(
    space: Workspace, act: str
) -> None:
    for by, reason, words in (
        (space.cast.administrator, WHY, "企画の職員だけ"),
        (space.cast.clerk, WHY, "企画の職員だけ"),
        (space.cast.planner, " ​", "理由を書いてください"),
    ):
        with nothing_written(), pytest.raises(CatalogueProblem, match=words):
            ACTS[act](space, {"by": by, "reason": reason})
    count = Event.objects.count()
    ACTS[act](space, {"by": space.cast.planner, "reason": WHY})
    event = Event.objects.latest("number")
    assert (Event.objects.count(), event.kind, event.reason) == (count + 1, EventKind.CATALOGUE, WHY)


def test_a_section_of_another_manifesto_is_none(space: Workspace) -> None:
    other = Manifesto.objects.create(slug="2025", title="次", first_fiscal_year=2025)
    field = Category.objects.create(manifesto=other, number=1, name="まち")
    foreign = Category.objects.create(manifesto=other, parent=field, number=1, name="道")
    for place in (foreign, field):
        with pytest.raises(CatalogueProblem, match="移す先の項目を選んでください"):
            moved(space, place)


def test_a_pledge_of_another_manifesto_is_not_carried_on(space: Workspace) -> None:
    other = Manifesto.objects.create(slug="2025", title="次", first_fiscal_year=2025)
    field = Category.objects.create(manifesto=other, number=1, name="まち")
    foreign = Category.objects.create(manifesto=other, parent=field, number=1, name="道")
    pledge = Pledge.objects.create(section=foreign, position=1, text="道を直す")
    with nothing_written(), pytest.raises(CatalogueProblem, match="別のマニフェストの公約は選べません"):
        added(space, continued=pledge)
