"""The published table for the planning office: where its buttons are, and what the PDF's answers."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from tests.machine import weasyprint
from tests.public.building import make_entry, save_report
from tests.public.open_data.test_indicators import DONE, PLANNED, indicator
from tests.published_tables.file.test_writing import exactly
from tests.staff.conftest import Year
from tests.staff.people import logged_in, person
from tests.staff.rounds.making import made_here, pdfs_are_made, waited_for
from tracker.choices import Role
from tracker.models import Report
from tracker.published_tables import making
from tracker.published_tables.file.table import TableIndicator
from tracker.published_tables.pdf import UNAVAILABLE, PdfProblem, PdfUnavailable
from tracker.reports import publishing


def test_a_published_round_offers_both_files_of_its_last_edition(year: Year) -> None:
    client = logged_in(year.cast.planner)
    page = f"/staff/rounds/{year.round.pk}/publish/"
    assert "掲載表（PDF" not in client.get(page).content.decode()
    report, _is_new = publishing.publish(year.round, by="企画", unapproved_reason="間に合わなかったため")
    shown = client.get(page).content.decode()
    assert (
        f'<a href="/2021/data/102041_manifesto-table_{report.as_of}_e1.xlsx" download>掲載表（Excel）</a>'
        in shown
    )
    more = "掲載表（PDF、前回の評価や指標などを加えた表）"
    assert f'<a href="/staff/reports/{report.pk}/table/">{more}</a>' in shown
    assert f'href="{page}#table"' in client.get("/staff/rounds/").content.decode()


COST = {"kind": "number", "unit": "千円", "decimals": 1, "choices": [], "is_once": False}
INDICATORS = [
    indicator("k1", years={"2023": DONE, "2024": PLANNED}),
    indicator("k2", name="待機児童数", unit="人", years={"2022": DONE}),
]


@pytest.fixture
def report() -> Report:
    told = {"extra_values": {"x1": {"2023": "1200.5"}, "x2": {"2022": "継続"}}, "indicators": INDICATORS}
    columns = [{**COST, "code": code, "label": label} for code, label in (("x1", "事業費"), ("x2", "方向性"))]
    entry = make_entry(1, rating_reason="工事に入ったため", **told)
    return save_report([entry], edition=2, extra_columns=columns)


@pytest.fixture
def client() -> Client:
    return logged_in(person("reader", Role.PLANNING))


@pytest.mark.django_db
def test_an_edition_that_came_meanwhile_is_told_and_the_older_table_stays(
    report: Report, client: Client
) -> None:
    page = f"/staff/reports/{report.pk}/table/"
    assert "この版のあとに" not in client.get(page).content.decode()
    newer = save_report([make_entry(1)], edition=3)
    shown = client.get(f"{page}?reasons=1").content.decode()
    assert "この版のあとに、第3版が公表されています。" in shown
    assert f'href="/staff/reports/{newer.pk}/table/?reasons=1"' in shown
    assert client.get(f"/staff/reports/{report.pk}/table.xlsx").status_code == 200
    assert "この版のあとに" not in client.get(f"/staff/reports/{newer.pk}/table/").content.decode()


@pytest.mark.django_db
def test_the_page_has_the_pdf_made_and_offers_it_when_it_is_there(
    report: Report, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once, whoever asks; and once more for other columns."""
    weasyprint()
    pdfs_are_made(monkeypatch)
    page = f"/staff/reports/{report.pk}/table/"
    first = client.get(page).content.decode()
    assert ("PDF を作っています。" in first, "data-waits" in first) == (True, True)
    file = f"/staff/reports/{report.pk}/table.pdf"
    assert client.get(file)["Location"] == page
    shown = waited_for(client, page)
    assert f'<a href="{file}" download>PDF を保存する</a>' in shown
    answer = client.get(file)
    assert (answer.status_code, answer["Content-Type"], answer.content[:5]) == (
        200,
        "application/pdf",
        b"%PDF-",
    )
    assert answer["Content-Disposition"] == 'attachment; filename="102041_manifesto-table_2024-03-31_e2.pdf"'
    assert client.get(f"{file}?reasons=1")["Location"] == f"{page}?reasons=1"


@pytest.mark.django_db
def test_the_further_columns_are_in_both_files_and_not_in_the_public_one(
    report: Report, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_report([make_entry(1, rating_code="B")], as_of=date(2023, 3, 31))
    pages = made_here(monkeypatch)
    asked = "?previous=1&reasons=1&columns=1&indicators=1"
    shown = client.get(f"/staff/reports/{report.pk}/table/{asked}").content.decode()
    assert shown.count(" checked") == 4
    assert "公表する追加の項目（事業費、方向性）" in shown
    told = ("前回の実施状況", "理由：工事に入ったため", "1,200.5 千円", "91.6%", "令和5年度の実績値")
    assert [words for words in told if words not in pages[0]] == []
    book = client.get(f"/staff/reports/{report.pk}/table.xlsx{asked}").content
    public = client.get("/2017/data/102041_manifesto-table_2024-03-31_e2.xlsx").content
    (row,), (usual,) = (exactly(content).initiatives() for content in (book, public))
    assert (row.previous_rating, row.rating_reason) == ("B", "工事に入ったため")
    assert row.extras == {"事業費": "1,200.5 千円"}  # nobody has one of the other this year
    assert row.indicators == [
        TableIndicator("相談件数", "件", {2023: "1,200"}, {2023: "1,100"}, {2023: "91.6%"}),
        TableIndicator("待機児童数", "人"),
    ]
    assert (usual.previous_rating, usual.rating_reason) == (None, "")
    assert (usual.extras, usual.indicators) == ({}, [])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (PdfUnavailable(UNAVAILABLE), str(UNAVAILABLE)),
        (PdfProblem("PDF を作れませんでした。"), "PDF を作れませんでした。"),
    ],
)
def test_a_pdf_that_cannot_be_made_is_explained_beside_the_workbook(
    report: Report, client: Client, monkeypatch: pytest.MonkeyPatch, problem: Exception, words: str
) -> None:
    def begin(_key: str, _page: Callable[[], str]) -> None:
        raise problem

    monkeypatch.setattr(making, "begin", begin)
    shown = client.get(f"/staff/reports/{report.pk}/table/").content.decode()
    assert [each in shown for each in (words, "もう一度作る", "Excel を保存する", "data-waits")] == [
        *[True] * 3,
        False,
    ]


@pytest.mark.django_db
def test_a_report_that_is_not_there(report: Report, client: Client) -> None:
    for ending in ("/", ".pdf", ".xlsx"):
        assert client.get(f"/staff/reports/{report.pk + 1}/table{ending}").status_code == 404
