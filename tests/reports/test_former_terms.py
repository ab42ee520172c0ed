"""What a report freezes of the earlier term's pledges that its own carry on."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.half_years import problems, rows_of
from tests.next_term import NextTerm, make_next_term
from tests.repeating import once
from tests.reports.test_corrections import last_round
from tests.staff.people import submit
from tests.workspace import Workspace
from tracker.cycle import catalogue, rounds, workflow
from tracker.models import Category, Initiative, Pledge, Report, ReportingRound, YearlyAction
from tracker.reports import digests, drafting, publishing
from tracker.reports.comparison import compare
from tracker.reports.corrections import OfferedChange
from tracker.reports.former_terms import former_terms
from tracker.words.reported import FormerTermPledge

pytestmark = pytest.mark.django_db

STATION = FormerTermPledge(
    slug="2021", manifesto="市長マニフェスト", key="1-1-1", number="①", text="駅を直します"
)


@pytest.fixture
def term(space: Workspace) -> NextTerm:
    return once(make_next_term, space)


def told(report: Report) -> dict[str, FormerTermPledge | None]:
    return dict(report.entries.order_by("position").values_list("key", "former_term_pledge"))


def reread(round: ReportingRound) -> ReportingRound:
    return ReportingRound.objects.select_related("manifesto").get(pk=round.pk)


def move(pledge: Pledge, space: Workspace) -> None:
    """To another section: 1-1-1 becomes 1-2-1."""
    section = Category.objects.create(
        manifesto=space.manifesto, parent=pledge.section.parent, number=2, name="公園"
    )
    words = {"number_label": "①", "by": space.cast.planner, "reason": "移す"}
    catalogue.move(pledge, section=section, position=1, **words)


def test_each_entry_says_which_pledge_its_own_carries_on(term: NextTerm) -> None:
    report = term.publish()
    assert told(report) == {"1-1-1-1": STATION, "1-1-2-1": None, "1-1-3-1": STATION}
    assert digests.verify(report)
    assert problems() == []


def test_a_report_without_any_has_the_digest_that_it_would_have_had(space: Workspace) -> None:
    report = Report.objects.get()
    assert set(told(report).values()) == {None}
    assert [name for name in digests.content(report.entries.all()[0]) if "former" in name] == []
    assert digests.verify(report)


def test_the_former_pledge_is_told_where_its_latest_report_has_it(term: NextTerm) -> None:
    """It has moved since, and was worded anew: its pages do not know that yet."""
    former = term.pledges[0].continues
    assert former is not None
    move(former, term.former)
    Pledge.objects.filter(pk=former.pk).update(text="駅舎を直します")
    assert list(told(term.publish()).values()) == [STATION, None, STATION]


def test_a_former_pledge_that_no_report_has_is_told_where_it_stands(term: NextTerm) -> None:
    section = term.pledges[0].continues.section  # type: ignore[union-attr]
    unknown = Pledge.objects.create(section=section, position=9, number_label="⑨", text="橋を架けます")
    Pledge.objects.filter(pk=term.pledges[1].pk).update(continues=unknown)
    assert told(term.publish())["1-1-2-1"] == STATION | {
        "key": "1-1-9", "number": "⑨", "text": "橋を架けます"
    }  # fmt: skip


def test_a_carried_entry_keeps_what_it_said(term: NextTerm) -> None:
    term.publish()
    Pledge.objects.filter(pk=term.pledges[0].pk).update(continues=None)
    Pledge.objects.filter(pk=term.pledges[1].pk).update(continues=term.pledges[2].continues)
    next_year = rounds.open_round(
        term.manifesto, fiscal_year=2026, as_of=term.round.as_of.replace(year=2027),
        due_on=term.round.due_on, by=term.former.cast.planner,
    )  # fmt: skip
    row = rows_of(next_year)[2]
    Pledge.objects.filter(pk=term.pledges[2].pk).update(continues=None)
    sent = submit(row, term.former.cast.planner)
    workflow.approve(sent.pk, by=term.former.cast.second_planner, version=sent.version)
    report, _ = publishing.publish(next_year, by="企画", unapproved_reason="確認中")
    assert told(report) == {"1-1-1-1": STATION, "1-1-2-1": None, "1-1-3-1": None}
    carried = [entry.carried_from is not None for entry in report.entries.order_by("position")]
    assert carried == [True, True, False]


# ---- corrections


def offered(round: ReportingRound) -> list[OfferedChange]:
    return [each for each in drafting.draft(reread(round)).changes if each.what == "引き継ぐ前の任期の公約"]


def corrected(term: NextTerm) -> None:
    """One row is reopened, written anew and approved."""
    cast = term.former.cast
    rounds.start_correction(reread(term.round), by=cast.planner, reason="誤り")
    row = YearlyAction.objects.get(round=term.round, initiative__pledge=term.pledges[1])
    workflow.reopen(row.pk, by=cast.planner, version=row.version, reason="誤り")
    row = YearlyAction.objects.filter(pk=row.pk).with_place().with_departments().get()
    values = {"result": "・直しました。", "rating_id": row.rating_id, "is_unrated": False}
    sent = submit(row, cast.planner, **values)
    workflow.approve(sent.pk, by=cast.second_planner, version=sent.version)


def relinked(term: NextTerm) -> None:
    """One link is set, one removed."""
    Pledge.objects.filter(pk=term.pledges[1].pk).update(continues=term.pledges[0].continues)
    Pledge.objects.filter(pk=term.pledges[2].pk).update(continues=None)


def test_a_correction_takes_no_link_over_by_itself(term: NextTerm) -> None:
    first = term.publish()
    relinked(term)
    corrected(term)
    second, is_new = publishing.publish(reread(term.round), by="企画", reason="誤り")
    assert (is_new, second.edition) == (True, 2)
    assert told(second) == told(first)
    assert problems() == []


def test_each_changed_link_is_offered_and_taken_over_where_it_is_picked(term: NextTerm) -> None:
    term.publish()
    relinked(term)
    station = "市長マニフェスト 1-1-1 ①駅を直します"
    changes = offered(term.round)
    assert [(each.before, each.after, each.places, each.is_picked) for each in changes] == [
        ("なし", station, ["1-1-2-1"], False),
        (station, "なし", ["1-1-3-1"], False),
    ]
    rounds.pick_changes(reread(term.round), [changes[0].key], by=term.former.cast.planner)
    report, is_new = publishing.publish(reread(term.round), by="企画", reason="引継ぎの誤り")
    assert is_new
    assert told(report) == {"1-1-1-1": STATION, "1-1-2-1": STATION, "1-1-3-1": STATION}
    assert digests.verify(report)


def test_an_entry_that_is_new_in_a_correction_stands_with_its_pledge(term: NextTerm) -> None:
    """What its pledge carries on is picked for it, too."""
    cast = term.former.cast
    second = Initiative.objects.create(pledge=term.pledges[0], position=2, first_fiscal_year=2025)
    YearlyAction.objects.create(initiative=second, round=term.round)
    rows = rows_of(term.round)
    code = term.manifesto.ratings.get(code="C").pk
    for row in (each for each in rows if each.initiative_id != second.pk):
        sent = submit(row, cast.planner, rating_id=code, rating_reason="初", is_unrated=False)
        workflow.approve(sent.pk, by=cast.second_planner, version=sent.version)
    publishing.publish(reread(term.round), by="企画", unapproved_reason="確認中")
    Pledge.objects.filter(pk=term.pledges[0].pk).update(continues=None)
    rounds.start_correction(reread(term.round), by=cast.planner, reason="承認が済んだ")
    row = next(each for each in rows_of(term.round) if each.initiative_id == second.pk)
    sent = submit(row, cast.planner, rating_id=code, rating_reason="初", is_unrated=False)
    workflow.approve(sent.pk, by=cast.second_planner, version=sent.version)
    report, _ = publishing.publish(reread(term.round), by="企画", reason="承認が済んだ")
    assert told(report)["1-1-1-2"] == STATION


def test_a_changed_link_is_a_change_between_reports(term: NextTerm) -> None:
    first = term.publish()
    relinked(term)
    keys = [each.key for each in offered(term.round)]
    rounds.pick_changes(reread(term.round), keys, by=term.former.cast.planner)
    second, _ = publishing.publish(reread(term.round), by="企画", reason="引継ぎの誤り")
    found = compare(first.entries.all(), second.entries.all(), second.rating_codes)
    assert [each.after.key for each in found.otherwise_changed] == ["1-1-2-1", "1-1-3-1"]


# ---- statements


def statements(term: NextTerm) -> int:
    with CaptureQueriesContext(connection) as made:
        former_terms(term.manifesto)
    return len(made)


def test_as_many_statements_however_many_pledges_carry_on(term: NextTerm) -> None:
    two = statements(term)
    section, former = term.pledges[0].section, term.pledges[0].continues
    Pledge.objects.bulk_create(
        Pledge(section=section, position=n, text=f"公約{n}", continues=former) for n in range(10, 40)
    )
    assert statements(term) == two <= 4
    Pledge.objects.filter(section=section).update(continues=None)
    assert statements(term) == 1


def test_the_former_term_itself_carries_on_nothing(term: NextTerm) -> None:
    term.publish()
    assert former_terms(term.former.manifesto) == {}
    entries = drafting.draft(last_round(term.former)).entries
    assert [entry.former_term_pledge for entry in entries] == [None] * 4
