"""The published table for the planning office: where its buttons are, and what the PDF's answers."""

import pytest

from tests.machine import weasyprint
from tests.public.building import make_entry, save_report
from tests.staff.conftest import Year
from tests.staff.people import logged_in, person
from tracker.choices import Role
from tracker.published_tables import pdf
from tracker.published_tables.file.table import PublishedTable
from tracker.published_tables.pdf import UNAVAILABLE, PdfProblem, PdfUnavailable
from tracker.reports import publishing


def test_a_published_round_offers_both_files_of_its_last_edition(year: Year) -> None:
    client = logged_in(year.cast.planner)
    page = f"/staff/rounds/{year.round.pk}/publish/"
    assert "掲載表（PDF）" not in client.get(page).content.decode()
    report, _is_new = publishing.publish(year.round, by="企画", unapproved_reason="間に合わなかったため")
    shown = client.get(page).content.decode()
    assert (
        f'<a href="/2021/data/102041_manifesto-table_{report.as_of}_e1.xlsx" download>掲載表（Excel）</a>'
        in shown
    )
    assert f'<a href="/staff/reports/{report.pk}/table.pdf">掲載表（PDF）</a>' in shown
    assert f'href="{page}#table"' in client.get("/staff/rounds/").content.decode()


@pytest.mark.django_db
def test_the_pdf_is_a_file_named_after_its_edition() -> None:
    weasyprint()
    report = save_report([make_entry(1)], edition=2)
    answer = logged_in(person("reader", Role.PLANNING)).get(f"/staff/reports/{report.pk}/table.pdf")
    assert (answer.status_code, answer["Content-Type"], answer.content[:5]) == (
        200,
        "application/pdf",
        b"%PDF-",
    )
    assert answer["Content-Disposition"] == 'attachment; filename="102041_manifesto-table_2024-03-31_e2.pdf"'


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("problem", "status", "words"),
    [
        (PdfUnavailable(UNAVAILABLE), 503, str(UNAVAILABLE)),
        (PdfProblem("PDF を作れませんでした。"), 500, "PDF を作れませんでした。"),
    ],
)
def test_a_pdf_that_cannot_be_made_is_explained(
    monkeypatch: pytest.MonkeyPatch, problem: Exception, status: int, words: str
) -> None:
    def write(table: PublishedTable, *_notes: object) -> bytes:
        raise problem

    report = save_report([make_entry(1)])
    monkeypatch.setattr(pdf, "write_pdf", write)
    answer = logged_in(person("reader", Role.PLANNING)).get(f"/staff/reports/{report.pk}/table.pdf")
    shown = answer.content.decode()
    assert (answer.status_code, "<h1>PDF を作れません</h1>" in shown, words in shown) == (status, True, True)
    assert 'href="/2017/data/102041_manifesto-table_2024-03-31_e1.xlsx"' in shown


@pytest.mark.django_db
def test_a_report_that_is_not_there() -> None:
    pk = save_report([make_entry(1)]).pk + 1
    assert logged_in(person("reader", Role.PLANNING)).get(f"/staff/reports/{pk}/table.pdf").status_code == 404
