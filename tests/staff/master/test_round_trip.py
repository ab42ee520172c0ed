"""Master data out and in again on the city's own table: the round trip is the identity."""

import pytest
from django.db.models import Model
from django.test import Client

from tests.staff.master.exchanging import EXCHANGED, as_csv, confirm, export, outcome_of, rows_of, upload
from tests.staff.people import logged_in, person
from tracker.choices import Role
from tracker.models import (
    Category,
    Department,
    DepartmentSuccession,
    Event,
    Initiative,
    Manifesto,
    PlanProject,
    Pledge,
    Report,
)


@pytest.fixture
def keeper(demo: Report, db: None) -> Client:
    """An administrator's browser, where departments have successors and texts look like formulas."""
    old = Department.objects.get(code="001")
    heir = Department.objects.create(code="n01", name="新しい課", first_fiscal_year=2024)
    DepartmentSuccession.objects.create(predecessor=old, successor=heir, fiscal_year=2024)
    initiative = Initiative.objects.filter(assignments__isnull=False)[0]
    initiative.assignments.create(department=heir, position=9, from_fiscal_year=2024)
    section = Category.objects.filter(parent__isnull=False)[0]
    Pledge.objects.create(section=section, position=80, text="=HYPERLINK(\"http://x\")\r\n2 行目、'引用'")
    Pledge.objects.create(section=section, position=81, text="'=1+1\x0b_x000B_", number_label="@")
    PlanProject.objects.create(manifesto=demo.manifesto, code="-1", base_code="1-1", name="+1 番の事業")
    return logged_in(person("administrator", Role.ADMINISTRATOR, old))


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
@pytest.mark.parametrize("model", EXCHANGED)
def test_the_round_trip_is_the_identity(keeper: Client, model: type[Model], suffix: str) -> None:
    before = Event.objects.count()
    response = upload(keeper, model, export(keeper, model, suffix))
    outcome = outcome_of(response)
    assert (response.status_code, outcome.errors, outcome.writing) == (200, [], [])
    assert outcome.counts["skip"] == model._default_manager.count() > 0
    assert "変わるところはありません" in response.content.decode()
    assert Event.objects.count() == before


def test_a_whole_catalogue_is_carried_over(keeper: Client) -> None:
    Manifesto.objects.create(slug="2025", title="次の任期", first_fiscal_year=2025)
    for model in (Category, Pledge, PlanProject, Initiative):
        heads, *rows = rows_of(export(keeper, model))
        carried = as_csv([heads, *(["2025", *row[1:]] for row in rows)])
        assert confirm(keeper, model, upload(keeper, model, carried)).status_code == 302
        again = [row for row in rows_of(export(keeper, model))[1:] if row[0] == "2025"]
        assert [row[1:] for row in again] == [row[1:] for row in rows]
