"""Reorganisations in the browser's words: prepared, looked at, applied, taken back."""

from io import BytesIO
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from tests.staff.people import logged_in
from tests.workspace import Workspace
from tracker.choices import ReorganisationState
from tracker.models import Assignment, Department, Membership, Reorganisation

pytestmark = pytest.mark.django_db
SPLIT = {"kind": "split", "departments": ["001"], "successors": ["002", "009"]}
NEW = {"kind": "create", "departments": ["009"], "name": "まちづくり課", "division": "", "short_name": ""}


@pytest.fixture
def browser(space: Workspace) -> Client:
    return logged_in(space.cast.planner)


def a_document(*steps: dict[str, Any]) -> Reorganisation:
    return Reorganisation.objects.create(fiscal_year=2025, title="春の改正", steps=list(steps))


def page(document: Reorganisation, name: str = "", *args: object) -> str:
    return reverse(f"staff-reorganisation{name}", args=[document.pk, *args])


def told(response: HttpResponse) -> str:
    return response.content.decode()


def seen(document: Reorganisation, **more: object) -> dict[str, object]:
    document.refresh_from_db()
    return {"version": document.version, **more}


def test_from_an_empty_list_to_a_split_that_is_applied_and_taken_back(
    browser: Client, space: Workspace
) -> None:
    assert "まだありません" in told(browser.get(reverse("staff-reorganisations")))
    made = browser.post(reverse("staff-reorganisations"), {"fiscal_year": "2026", "title": "春の改正"})
    document = Reorganisation.objects.get()
    assert made["Location"] == page(document)
    new = {"code": "Ｎ09", "name": "まちづくり課", "division": "建設部", "short_name": ""}
    assert browser.post(page(document, "-add", "create"), seen(document, **new)).status_code == 422
    new["code"] = "n09"
    assert browser.post(page(document, "-add", "create"), seen(document, **new)).status_code == 302
    split = {"department": "001", "successors": ["002", "n09"]}
    chosen = browser.post(page(document, "-add", "split"), seen(document, **split))
    assert chosen["Location"] == page(document, "-choices", 2)
    unchosen = browser.get(page(document))
    assert "引継ぎ先を選んでいないもの：1-1-1-1、1-1-1-3" in told(unchosen)
    assert "この内容で実施する" not in told(unchosen)
    row, clerk = space.row(1).initiative, space.cast.clerk
    choices = {"take_rest": "002", f"take_i{row.pk}": "n09", f"take_p{clerk.pk}": "n09"}
    assert browser.post(page(document, "-choices", 2), seen(document, **choices)).status_code == 302
    shown = browser.get(page(document))
    assert "この内容で実施する" in told(shown)
    assert [(line.name, line.rows, line.people) for line in shown.context["preview"].lines][2] == (
        "まちづくり課",
        (0, 1),
        (0, 1),
    )
    assert shown.context["preview"].open_rows == [("市長マニフェスト 令和6年度", "未入力", 2)]
    sent = seen(document, act="apply", expected=shown.context["preview"].fingerprint)
    assert browser.post(page(document), sent).status_code == 302
    assert [str(each) for each in space.row(1).departments] == ["まちづくり課"]
    done = browser.get(page(document))
    assert "この組織改正を取り消す" in told(done)
    assert "土木課 → 農政課、まちづくり課" in told(done)
    assert browser.post(page(document), seen(document, act="undo", reason="")).status_code == 422
    assert browser.post(page(document), seen(document, act="undo", reason="延期")).status_code == 302
    document.refresh_from_db()
    assert document.state == ReorganisationState.UNDONE
    assert Department.objects.filter(last_fiscal_year__isnull=False).count() == 0


@pytest.mark.parametrize("who", ["clerk", "stranger"])
def test_there_is_no_such_page_for_departments(space: Workspace, who: str) -> None:
    document, browser = a_document(NEW, SPLIT), logged_in(getattr(space.cast, who))
    for address in (
        reverse("staff-reorganisations"),
        page(document),
        page(document, "-add", "rename"),
        page(document, "-step", 1),
        page(document, "-choices", 2),
        page(document, "-file"),
    ):
        assert browser.get(address).status_code == 404
        assert browser.post(address, seen(document, act="apply")).status_code in {404, 405}


@pytest.mark.parametrize("name", ["建設\x07課", "建設\n課", "\u200b", ""])
def test_a_name_is_one_line_that_can_be_seen(browser: Client, name: str) -> None:
    document = a_document()
    answer = browser.post(page(document, "-add", "create"), seen(document, name=name))
    document.refresh_from_db()
    assert (answer.status_code, document.steps) == (422, [])


def test_what_somebody_else_changed_is_told_and_what_was_typed_stays(browser: Client) -> None:
    document = a_document(NEW)
    old = {"version": 0, "department": "001", "name": "道路整備の新しい課", "division": "", "short_name": ""}
    answer = browser.post(page(document, "-add", "rename"), old)
    assert answer.status_code == 409
    assert "ほかの人がこの組織改正を変えました" in told(answer)
    assert "道路整備の新しい課" in told(answer)
    for act in ("apply", "delete", "drop"):
        again = browser.post(page(document), {"version": 0, "act": act, "step": "1"})
        assert again.status_code == 409
    assert Reorganisation.objects.get().steps == [NEW]


def test_a_step_is_changed_dropped_and_the_document_given_up(browser: Client) -> None:
    document = a_document(NEW, SPLIT)
    changed = {"code": "009", "name": "都市計画課", "division": "", "short_name": ""}
    assert "まちづくり課" in told(browser.get(page(document, "-step", 1)))
    assert browser.post(page(document, "-step", 1), seen(document, **changed)).status_code == 302
    document.refresh_from_db()
    assert document.steps[0]["name"] == "都市計画課"
    assert browser.post(page(document), seen(document, act="drop", step="2")).status_code == 302
    document.refresh_from_db()
    assert [step["kind"] for step in document.steps] == ["create"]
    assert browser.post(page(document), seen(document, act="drop", step="9")).status_code == 404
    assert browser.post(page(document), seen(document, act="delete")).status_code == 302
    assert not Reorganisation.objects.exists()


def test_a_department_that_only_changes_its_division_is_told_by_it(browser: Client) -> None:
    document = a_document(
        {"kind": "rename", "departments": ["001"], "name": "土木課", "division": "市長公室"}
    )
    shown = browser.get(page(document))
    assert "土木課 → 市長公室 土木課" in told(shown)
    assert [(line.name_before, line.name) for line in shown.context["preview"].lines] == [
        ("土木課", "市長公室 土木課")
    ]


def test_a_move_takes_what_is_ticked(browser: Client, space: Workspace) -> None:
    document = a_document()
    step = {"department": "001", "successor": "002"}
    browser.post(page(document, "-add", "move"), seen(document, **step))
    initiative = space.row(1).initiative.pk
    browser.post(page(document, "-choices", 1), seen(document, **{f"take_i{initiative}": "002"}))
    shown = browser.get(page(document))
    sent = seen(document, act="apply", expected=shown.context["preview"].fingerprint)
    assert browser.post(page(document), sent).status_code == 302
    duties = Assignment.objects.filter(initiative=initiative).order_by("from_fiscal_year")
    assert sorted(duties.values_list("department__code", "to_fiscal_year"), key=str) == [
        ("001", 2024),
        ("002", None),
    ]


def test_the_choices_as_a_workbook(browser: Client, space: Workspace) -> None:
    document = a_document(NEW, SPLIT)
    book = load_workbook(BytesIO(browser.get(page(document, "-file")).content))
    sheet = book.active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert [row[:4] for row in rows[1:3]] == [
        ["取組", "2", "土木課", "1-1-1-1"],
        ["取組", "2", "土木課", "1-1-1-3"],
    ]
    people = {row[3] for row in rows[1:] if row[0] == "人"}
    members = Membership.objects.filter(department=space.mine).values_list("user__username", flat=True)
    assert people == set(members)
    for number in range(2, len(rows) + 1):
        sheet.cell(number, 6).value = "まちづくり課"
    sheet.cell(2, 6).value = "002"
    answer = browser.post(page(document, "-upload"), seen(document, file=_file(book)))
    assert answer.status_code == 302
    shown = browser.get(page(document))
    assert shown.context["preview"].problems == []
    sheet.cell(3, 6).value = "財政課"
    refused = browser.post(page(document, "-upload"), seen(document, file=_file(book)))
    assert refused.status_code == 409
    assert "3行目：「財政課」は引継ぎ先にありません" in told(refused)


def _file(book: Any) -> BytesIO:
    out = BytesIO()
    book.save(out)
    out.seek(0)
    out.name = "choices.xlsx"
    return out


def test_ending_a_department_in_master_data_leads_here(browser: Client, space: Workspace) -> None:
    path = reverse("admin:tracker_department_change", args=[space.mine.pk])
    assert reverse("staff-reorganisations") in told(browser.get(path))
    fields = {"code": "001", "name": "土木課", "last_fiscal_year": "2024", "successions-TOTAL_FORMS": "0"}
    fields |= {
        "successions-INITIAL_FORMS": "0",
        "former_names-TOTAL_FORMS": "0",
        "former_names-INITIAL_FORMS": "0",
    }
    answer = browser.post(path, fields)
    assert "より後も担当する取組が 2 件あります" in told(answer)
    assert Department.objects.get(code="001").last_fiscal_year is None
