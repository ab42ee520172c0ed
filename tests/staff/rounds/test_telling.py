"""What the planning office is told before it opens a round, and before it publishes one."""

from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone

from tests.public.markup import parse
from tests.staff.people import logged_in
from tests.workspace import Workspace
from tracker.choices import RoundState
from tracker.models import Department, DepartmentSuccession, Pledge, ReportingRound, YearlyAction


def opening(space: Workspace) -> str:
    """The page before the next year's round is opened."""
    ReportingRound.objects.filter(pk=space.round.pk).update(state=RoundState.PUBLISHED)
    due = str(timezone.localdate() + timedelta(days=20))
    form = {"act": "check", "manifesto": space.manifesto.pk, "fiscal_year": 2025, "due_on": due}
    client = logged_in(space.cast.planner)
    response = client.post("/staff/rounds/open/?manifesto=2021", form | {"as_of": date(2026, 3, 31)})
    assert response.status_code == 200
    return str(response.content.decode())


def test_a_department_that_has_ended_is_named_with_its_rows_and_heirs(space: Workspace) -> None:
    Department.objects.filter(pk=space.mine.pk).update(last_fiscal_year=2024)
    heir = Department.objects.create(code="009", name="道路課", first_fiscal_year=2025)
    DepartmentSuccession.objects.create(predecessor=space.mine, successor=heir, fiscal_year=2025)
    found = parse(opening(space)).one("section", **{"aria-labelledby": "ended"})
    assert found.all("li")[0].one("b").text == "土木課"
    assert found.all("li")[0].one("strong").text == "2件"
    assert "引継ぎ先：道路課" in found.text
    links = [link.attributes["href"] for link in found.all("a")]
    rows = [space.row(number).initiative_id for number in (1, 3)]
    changed = [reverse("admin:tracker_initiative_change", args=[pk]) for pk in rows]
    assert links == [reverse("admin:tracker_department_change", args=[space.mine.pk]), *changed]
    answers = [item.text.rpartition("→")[2].strip() for item in found.one("details").all("li")]
    assert answers == ["企画が入力します", "農政課"]


def test_an_heir_that_is_not_registered_is_told_too(space: Workspace) -> None:
    Department.objects.filter(pk=space.mine.pk).update(last_fiscal_year=2024)
    assert "引継ぎ先：登録されていません" in opening(space)


def test_a_row_without_a_department_leads_to_where_one_is_registered(space: Workspace) -> None:
    initiative = space.row(2).initiative
    initiative.assignments.all().delete()
    found = parse(opening(space)).one("section", **{"aria-labelledby": "without"})
    links = {link.attributes["href"] for link in found.all("a")}
    assert reverse("admin:tracker_initiative_change", args=[initiative.pk]) in links
    assert len(links) == len(found.all("li"))


def test_nothing_is_told_where_all_departments_are_there(space: Workspace) -> None:
    Department.objects.filter(pk=space.mine.pk).update(last_fiscal_year=2099)
    assert "なくなった課が担当していた取組" not in opening(space)
    assert YearlyAction.objects.filter(round__fiscal_year=2025).count() == 0


def test_a_pledge_without_an_initiative_is_told_before_publishing(space: Workspace) -> None:
    section = space.row().initiative.pledge.section
    silent = Pledge.objects.create(section=section, position=2, number_label="②", text="川を守ります")
    address = reverse("staff-publish", args=[space.round.pk])
    source = logged_in(space.cast.planner).get(address).content.decode()
    told = parse(source).one("section", **{"aria-labelledby": "bare"})
    assert [link.text for link in told.all("a")] == ["1-1-2 ②川を守ります"]
    assert told.one("a").attributes["href"] == reverse("admin:tracker_pledge_change", args=[silent.pk])
    assert "施策の番号として読めない番号" not in source


def test_a_pledge_whose_initiatives_begin_later_is_told_as_well(space: Workspace) -> None:
    row = space.row()
    later = Pledge.objects.create(section=row.initiative.pledge.section, position=2, text="川を守ります")
    later.initiatives.create(position=1, first_fiscal_year=2025)
    address = reverse("staff-publish", args=[space.round.pk])
    assert "取組のない公約" in logged_in(space.cast.planner).get(address).content.decode()


def test_nothing_is_told_where_every_pledge_has_one(space: Workspace) -> None:
    address = reverse("staff-publish", args=[space.round.pk])
    assert "取組のない公約" not in logged_in(space.cast.planner).get(address).content.decode()
