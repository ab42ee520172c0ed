"""Pledges without an initiative that has begun are content of a report; no correction takes one over."""

import pytest

from tests.half_years import approve, make_first_half, open_half, rows_of
from tests.reports.test_corrections import corrected, last_round
from tests.reports.test_drafting import published
from tests.workspace import Workspace
from tracker.models import Manifesto, Pledge, Report
from tracker.reports import digests, drafting, publishing
from tracker.words.reported import BarePledge

pytestmark = pytest.mark.django_db
RIVER = BarePledge(
    pledge_key="1-1-2",
    category_number=1,
    category_name="まち",
    section_number=1,
    section_name="道路",
    pledge_number="②",
    pledge_text="川を守ります",
    former_pledge_keys=None,
    former_term_pledge=None,
)


def a_river(space: Workspace) -> Pledge:
    section = space.row().initiative.pledge.section
    return Pledge.objects.create(section=section, position=2, number_label="②", text="川を守ります")


@pytest.mark.parametrize("begins", [None, 2025])
def test_a_report_tells_a_pledge_of_which_no_initiative_has_begun(
    space: Workspace, begins: int | None
) -> None:
    river = a_river(space)
    if begins:
        river.initiatives.create(position=1, first_fiscal_year=begins)
    report = published(space)
    assert (report.bare_pledges, report.digest_version, digests.verify(report)) == ([RIVER], 3, True)
    report.bare_pledges = []
    assert not digests.verify(report)


@pytest.mark.parametrize(("last", "told"), [(2023, {"ended_after": 2023}), (2024, {})])
def test_one_that_has_ended_says_so_from_the_year_after(
    space: Workspace, last: int, told: dict[str, int]
) -> None:
    Pledge.objects.filter(pk=a_river(space).pk).update(last_fiscal_year=last)
    report = published(space)
    assert (report.bare_pledges, digests.verify(report)) == ([RIVER | told], True)


def test_one_whose_initiative_is_not_approved_yet_is_told_by_nobody(space: Workspace) -> None:
    a_river(space).initiatives.create(position=1, first_fiscal_year=2024)
    draft = drafting.draft(space.round)
    assert draft.report.bare_pledges == []
    assert "1-1-2-1" in [initiative.place for initiative in draft.left_out]


def test_a_published_one_stays_until_an_entry_is_of_it(space: Workspace) -> None:
    river = a_river(space)
    publishing.publish(make_first_half(space), by="企画", unapproved_reason="間に合わないため")
    river.initiatives.create(position=1, first_fiscal_year=2024)
    second = open_half(space)
    draft = drafting.draft(second)
    assert (draft.report.bare_pledges, [each.place for each in draft.left_out]) == ([RIVER], ["1-1-2-1"])
    approve(space, rows_of(second)[-1])
    report = publishing.publish(second, by="企画", unapproved_reason="間に合わないため")[0]
    assert (report.bare_pledges, report.entries.filter(pledge_key="1-1-2").count()) == ([], 1)


def test_a_field_of_which_only_such_pledges_are_is_in_the_menu(space: Workspace) -> None:
    field = space.manifesto.categories.create(number=0, name="")
    field.sections.create(manifesto=space.manifesto, number=0, name="").pledges.create(position=1, text="港")
    outline = published(space).outline
    assert [each["number"] for each in outline["categories"]] == [0, 1]


def test_a_correction_offers_them_and_keeps_what_the_edition_said(space: Workspace) -> None:
    Manifesto.objects.filter(pk=space.manifesto.pk).update(mayor="山田")
    a_river(space)
    corrected(space, 1)
    offered = {change.what: change for change in drafting.draft(last_round(space)).changes}
    change = offered["取組のない公約"]
    assert (change.before, change.after, change.is_picked) == ("なし", "1-1-2 ②川を守ります", False)
    assert drafting.draft(last_round(space)).report.bare_pledges == []
    type(space.last_round).objects.filter(pk=space.last_round.pk).update(picked_changes=[change.key])
    report = publishing.publish(last_round(space), by="企画", reason="加える")[0]
    assert (report.bare_pledges, report.about) == ([RIVER], {})
    assert Report.objects.get(edition=1).bare_pledges == []
