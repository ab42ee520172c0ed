"""Codes that are parsed later: each is brought into one spelling, or refused in words, wherever it enters."""

import pytest
from django.db import connection
from django.test import Client

from tests.staff.master.browsing import page, refused, save
from tests.staff.master.exchanging import as_csv, confirm, errors_of, export, rows_of, upload
from tests.staff.people import submit
from tests.workspace import Workspace
from tracker.models import Department, Manifesto, PlanProject, Rating, YearlyAction
from tracker.reports import drafting, publishing
from tracker.reports.index import index_of

WRONG = ["2.2.3", "その他", "2002/2/3"]
HOW = "2-2-3 のように"


@pytest.mark.parametrize("code", WRONG)
def test_a_form_refuses_a_number_that_is_none(planner: Client, space: Workspace, code: str) -> None:
    new = {"manifesto": space.manifesto.pk, "base_code": code, "name": "事業"}
    assert HOW in refused(planner, page(PlanProject, "add"), **new)


def test_a_form_takes_full_width_numbers(planner: Client, space: Workspace, project: PlanProject) -> None:
    save(planner, page(PlanProject, "change", project.pk), base_code="２－２－４")
    assert PlanProject.objects.get(pk=project.pk).base_code == "2-2-4"


@pytest.mark.parametrize("code", WRONG)
def test_an_import_refuses_it_with_row_and_column(
    administrator: Client, space: Workspace, project: PlanProject, code: str
) -> None:
    headings = rows_of(export(administrator, PlanProject))[0]
    new = [space.manifesto.slug, "", "次の事業", code]
    errors = errors_of(upload(administrator, PlanProject, as_csv([headings, new])))
    assert [(row, column) for row, column, _words in errors] == [(2, "施策の番号")]
    assert HOW in errors[0][2]


def test_an_import_refuses_a_printed_number_that_excel_made_a_date_of(
    administrator: Client, space: Workspace, project: PlanProject
) -> None:
    headings = rows_of(export(administrator, PlanProject))[0]
    errors = errors_of(
        upload(administrator, PlanProject, as_csv([headings, [space.manifesto.slug, "2002/2/3", "事業", ""]]))
    )
    assert [(row, column) for row, column, _words in errors] == [(2, "番号の表記")]


def test_an_import_takes_full_width_numbers(
    administrator: Client, space: Workspace, project: PlanProject
) -> None:
    table = rows_of(export(administrator, PlanProject))
    new = [space.manifesto.slug, "", "次の事業", "２－２－４"]
    confirm(administrator, PlanProject, upload(administrator, PlanProject, as_csv([table[0], new])))
    assert PlanProject.objects.get(name="次の事業").base_code == "2-2-4"


@pytest.mark.parametrize("code", ["none", "A B", "A：B"])
def test_a_scale_has_no_code_that_means_something_else(planner: Client, space: Workspace, code: str) -> None:
    address = page(Manifesto, "change", space.manifesto.pk)
    new = {"ratings-TOTAL_FORMS": 4, "ratings-3-position": 4, "ratings-3-label": "未着手"}
    assert "記号" in refused(planner, address, **new, **{"ratings-3-code": code})
    save(planner, address, **new, **{"ratings-3-code": "Ｄ"})
    assert Rating.objects.get(manifesto=space.manifesto, position=4).code == "D"


def test_a_code_in_two_spellings_is_there_twice(planner: Client, space: Workspace) -> None:
    address = page(Manifesto, "change", space.manifesto.pk)
    new = {"ratings-TOTAL_FORMS": 4, "ratings-3-position": 4, "ratings-3-label": "別"}
    refused(planner, address, **new, **{"ratings-3-code": "Ａ"})


@pytest.mark.parametrize(("typed", "kept"), [("０１５", "015"), (" 015 ", "015")])
def test_codes_of_departments_are_half_width(
    administrator: Client, space: Workspace, typed: str, kept: str
) -> None:
    save(administrator, page(Department, "add"), code=typed, name="次の課")
    assert Department.objects.get(name="次の課").code == kept


@pytest.mark.parametrize("slug", ["staff", "ｓｔａｆｆ", "Staff", "a b!"])
def test_no_spelling_of_a_manifesto_takes_another_pages_address(
    planner: Client, space: Workspace, slug: str
) -> None:
    refused(planner, page(Manifesto, "add"), slug=slug, title="次", first_fiscal_year=2025)


@pytest.mark.parametrize("code", ["２－２－３", "2.2.3", "その他", "2002/2/3", "2 2 3"])
def test_what_stands_wrong_in_a_database_is_shown_and_can_be_mended(
    planner: Client, space: Workspace, project: PlanProject, code: str
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tracker_planproject SET base_code = %s WHERE id = %s", [code, project.pk])
    good = PlanProject.objects.create(manifesto=space.manifesto, code="3-1-1", base_code="3-1-1", name="公園")
    space.row().initiative.plan_projects.add(good)
    board = f"/staff/rounds/{space.round.pk}"
    row = submit(space.row(), space.cast.clerk)
    YearlyAction.objects.filter(pk=row.pk).update(state="approved", approved_by=space.cast.planner)
    draft = drafting.draft(space.round)
    assert [plan["code"] for plan in draft.report.outline["plans"]] == ["3-1-1", code]
    source = planner.get(f"{board}/publish/").content.decode()
    assert f"「{code}」" in source
    assert page(PlanProject, "change", project.pk) in source
    for rest in ("", "plans/", f"plans/{code}/", "pledges/1-1-1/", "pledges/", "data/"):
        assert planner.get(f"{board}/preview/{rest}").status_code == 200, rest
    report, _new = publishing.publish(space.round, by="企画", unapproved_reason="確認中")
    first = report.entries.get(key=row.place)
    assert index_of(first, report).facets.count(f" p:{code} ") == 1
    for rest in ("", "plans/", f"plans/{code}/", "pledges/1-1-1/", f"pledges/?plan={code}", "data/"):
        assert Client().get(f"/2021/{rest}").status_code == 200, rest
    save(planner, page(PlanProject, "change", project.pk), base_code="2-2-3")
