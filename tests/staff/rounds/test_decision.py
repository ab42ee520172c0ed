"""決裁用の案: its table is the one that is published afterwards, its cover tells what changes, and only
the planning office gets it.
"""

import io
import re
from collections import Counter
from itertools import takewhile
from typing import Any
from urllib.parse import unquote

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.machine import weasyprint
from tests.published_tables.test_pdf import text_of
from tests.staff.conftest import Year
from tests.staff.people import logged_in
from tests.staff.rounds.making import made_here, pdfs_are_made, waited_for
from tests.staff.rounds.test_publish import approve, moved, rated
from tracker.choices import RoundState
from tracker.cycle import rounds
from tracker.models import Report
from tracker.published_tables.file.laid_table import lay_out
from tracker.published_tables.from_report import notes_of, table_of
from tracker.reports import publishing


def address(year: Year, ending: str = "/") -> str:
    return f"/staff/rounds/{year.round.pk}/decision{ending}"


def book_of(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def cells_of(sheet: Any) -> list[tuple[object, ...]]:
    return [tuple(row) for row in sheet.iter_rows(values_only=True)]


@pytest.fixture
def changed(year: Year) -> Year:
    """One row whose rating has changed is approved; the others are not."""
    action = rated(year, "C")
    approve(year, action, rating_id=moved(action, -1), rating_reason="工事に入ったため")
    return year


@pytest.mark.parametrize(
    ("who", "status"), [("clerk", 404), ("both", 404), ("stranger", 404), ("administrator", 403)]
)
def test_only_the_planning_office_gets_it(changed: Year, who: str, status: int) -> None:
    browser = logged_in(getattr(changed.cast, who))
    found = [browser.get(address(changed, ending)).status_code for ending in ("/", ".pdf", ".xlsx")]
    assert found == [status] * 3


def test_its_table_is_the_one_that_is_published_afterwards(changed: Year) -> None:
    client = logged_in(changed.cast.planner)
    answer = client.get(address(changed, ".xlsx"))
    draft = cells_of(book_of(answer.content)["掲載表"])
    reports = Report.objects.count()
    publishing.publish(changed.round, by="企画", unapproved_reason="（公表のときに書く理由）")
    report = Report.objects.order_by("-pk")[0]
    assert Report.objects.count() == reports + 1
    posted = client.get(f"/2021/data/102041_manifesto-table_{report.as_of}_e1.xlsx")
    published = cells_of(book_of(posted.content)["掲載表"])
    assert draft[0][0] == f"【案】{published[0][0]}"
    assert draft[1:] == published[1:]
    assert lay_out(table_of(report), notes_of(report)).rows[0].cells[0] == published[0][0]


def test_every_page_is_marked_and_the_name_says_so(changed: Year) -> None:
    answer = logged_in(changed.cast.planner).get(address(changed, ".xlsx"))
    book = book_of(answer.content)
    assert book.sheetnames == ["案の要点", "掲載表", "案の一覧"]
    assert [sheet.oddHeader.center.text for sheet in book] == ["案", "案", "案"]
    assert {"private", "no-store"} <= set(answer["Cache-Control"].split(", "))
    name = unquote(answer["Content-Disposition"].partition("utf-8''")[2])
    assert re.fullmatch(r"102041_掲載表_案_2025-03-31_第1版_\d{8}-\d{4}\.xlsx", name)


def test_its_cover_tells_what_changes(changed: Year) -> None:
    answer = logged_in(changed.cast.planner).get(address(changed, ".xlsx"))
    book = book_of(answer.content)
    rows = cells_of(book["案の要点"])
    texts = [str(cell) for row in rows for cell in row if cell]
    assert rows[0][0] == "市長マニフェストの達成状況（令和7年3月末時点）"
    changes = [row for row in rows if row[4] == "工事に入ったため"]
    assert len(changes) == 1
    assert re.match(r"\d+-\d+-\d+-\d+ ", str(changes[0][0]))
    assert texts.count("前回の公表のまま載せる") == 0  # the rows one by one stand behind the table


def test_unapproved_rows_are_counted_by_department_on_the_cover_and_listed_behind_the_table(
    changed: Year,
) -> None:
    book = book_of(logged_in(changed.cast.planner).get(address(changed, ".xlsx")).content)
    cover, behind = cells_of(book["案の要点"]), cells_of(book["案の一覧"])
    listed = [row[1] for row in behind if row[3] == "前回の公表のまま載せる"]
    head = next(place for place, row in enumerate(cover) if row[1] == "承認されていない取組")
    counts = dict(takewhile(lambda row: row[0] is not None, (row[:2] for row in cover[head + 1 :])))
    assert counts == {name: f"{count}件" for name, count in Counter(listed).items()}
    assert list(counts.values()) == [f"{count}件" for _name, count in Counter(listed).most_common()]
    total = f"{sum(Counter(listed).values())}件"
    assert cover[head - 2][0] == f"承認されていない取組の担当課（{total}）"
    assert f"承認されていない取組（{total}）" in [row[0] for row in behind]
    assert len(cover) < len(behind) / 2


def test_without_anything_to_publish_it_leads_to_the_page_that_says_why(year: Year) -> None:
    publishing.publish(year.round, by="企画", unapproved_reason="間に合わなかったため")
    client = logged_in(year.cast.planner)
    for ending in ("/", ".xlsx"):
        assert client.get(address(year, ending))["Location"] == f"/staff/rounds/{year.round.pk}/publish/"


def test_a_correction_says_its_reason_and_edition(changed: Year) -> None:
    publishing.publish(changed.round, by="企画", unapproved_reason="間に合わなかったため")
    changed.round.refresh_from_db()
    rounds.start_correction(changed.round, by=changed.cast.planner, reason="集計の誤り")
    approve(changed, rated(changed, "A"), result="・直しました。")
    book = book_of(logged_in(changed.cast.planner).get(address(changed, ".xlsx")).content)
    texts = [str(cell) for row in cells_of(book["案の要点"]) for cell in row if cell]
    changed.round.refresh_from_db()
    assert changed.round.state == RoundState.CORRECTING
    assert [text for text in texts if text == "集計の誤り"] == ["集計の誤り"]
    assert [text for text in texts if "第2版（訂正）" in text] != []


def test_the_page_begins_the_pdf_and_offers_it_when_it_is_there(
    changed: Year, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = made_here(monkeypatch)
    client = logged_in(changed.cast.planner)
    page = client.get(address(changed)).content.decode()
    assert "PDF ができました。" in page
    assert len(made) == 1
    assert "案（決裁用。公表前です）" in made[0]
    answer = client.get(address(changed, ".pdf"))
    assert (answer.status_code, "no-store" in answer["Cache-Control"]) == (200, True)
    approve(changed, rated(changed, "A"), result="・あとから変わりました。")
    assert client.get(address(changed, ".pdf")).status_code == 302  # that content has none yet


@pytest.mark.long
def test_the_pdf_is_marked_and_has_the_cover_and_the_table(
    changed: Year, monkeypatch: pytest.MonkeyPatch
) -> None:
    weasyprint()
    pdfs_are_made(monkeypatch)
    client = logged_in(changed.cast.planner)
    waited_for(client, address(changed))
    found = text_of(client.get(address(changed, ".pdf")).content)
    assert found.rindex("取組予定") < found.index("公表での扱い")  # the list stands behind the table
    assert [words in found for words in ("評価ごとの件数", "工事に入ったため", "実施状況")] == [True] * 3
    assert found.count("案（決裁用。公表前です）") > 2


def test_few_queries_however_many_rows(changed: Year, monkeypatch: pytest.MonkeyPatch) -> None:
    made_here(monkeypatch)
    client = logged_in(changed.cast.planner)
    client.get(address(changed))
    with CaptureQueriesContext(connection) as found:
        client.get(address(changed) + "?previous=1&reasons=1")
    assert len(found) < 50
