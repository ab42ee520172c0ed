"""The published table as PDF: every text is in it, nothing is loaded, and a missing WeasyPrint is told."""

import io
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.machine import lacking, weasyprint
from tests.published_tables.file.tables import initiative, table_with
from tracker.published_tables import pdf as published_pdf
from tracker.published_tables import pdf_process
from tracker.published_tables.file.laid_table import Notes, RowPart, lay_out
from tracker.published_tables.file.table import PublishedTable
from tracker.published_tables.pdf import PdfProblem, PdfUnavailable

NOTES = Notes(("第2版。訂正の理由：集計の誤り",), {(1, 1): ("「①駅」は終わりました。",)})


@pytest.fixture(scope="module")
def _weasyprint() -> None:
    weasyprint()


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def text_of(pdf: bytes) -> str:
    """All text of a PDF, cell by cell, without white space."""
    program = shutil.which("pdftotext")
    if program is None:
        lacking("no pdftotext was found (apt-get install poppler-utils)")
    done = subprocess.run([program, "-raw", "-", "-"], input=pdf, capture_output=True, check=True)
    return squeezed(done.stdout.decode())


def facts_of(pdf: bytes) -> dict[str, str]:
    """What pdfinfo, which comes with pdftotext, says of a PDF."""
    done = subprocess.run(["pdfinfo", "-"], input=pdf, capture_output=True, check=True)
    return {
        name: value.strip()
        for name, _, value in (line.partition(":") for line in done.stdout.decode().splitlines())
    }


@pytest.mark.long
@pytest.mark.usefixtures("_weasyprint")
def test_the_pdf_has_every_text_of_the_citys_table(table: PublishedTable) -> None:
    pdf = published_pdf.write_pdf(table)
    found = text_of(pdf)
    rows = [row for row in lay_out(table).rows if row.part is not RowPart.LEGEND_HEADING]
    texts = [squeezed(cell) for row in rows for cell in row.cells if cell.strip()]
    assert len(texts) > 1_500
    assert [text for text in texts if text not in found] == []
    told = facts_of(pdf)
    assert (told["Page size"], told["Tagged"]) == ("1190.55 x 841.89 pts (A3)", "yes")
    assert [f"{number}/{told['Pages']}" in found for number in (1, 2, int(told["Pages"]))] == [True] * 3


@pytest.mark.usefixtures("_weasyprint")
def test_notes_and_texts_longer_than_a_page_are_whole() -> None:
    long = "\n".join(f"・{number}番目の文です。" for number in range(500))
    many = [
        initiative(position, results={2021: f"・{position}つ目の取組です。" * 20, 2022: "同じ"})
        for position in range(2, 14)
    ]
    table = table_with(initiative(1, results={2021: long, 2022: ""}), *many)
    found = text_of(published_pdf.write_pdf(table, NOTES))
    assert [number for number in range(500) if f"・{number}番目の文です。" not in found] == []
    assert [n for n in range(2, 14) if found.count(f"{n}つ目の取組です。") < 20] == []
    assert "※第2版。訂正の理由：集計の誤り" in found
    assert "※「①駅」は終わりました。" in found
    assert found.count("（続き）①駅を直します") > 5  # on every page of the long text


@pytest.mark.usefixtures("_weasyprint")
def test_the_same_table_gives_the_same_bytes() -> None:
    assert published_pdf.write_pdf(table_with()) == published_pdf.write_pdf(table_with())


@pytest.mark.usefixtures("_weasyprint")
def test_markup_in_a_text_is_text_and_loads_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("leaked")
    markup = f'<link rel="attachment" href="file://{secret}"><img src="file://{secret}">&amp;'
    pdf = published_pdf.write_pdf(table_with(text=markup))
    assert b"leaked" not in pdf
    assert squeezed(markup) in text_of(pdf)


@pytest.mark.usefixtures("_weasyprint")
def test_the_process_refuses_every_address() -> None:
    fetcher = pytest.importorskip("weasyprint").urls.URLFetcher(
        allowed_protocols=pdf_process.ALLOWED_PROTOCOLS
    )
    for address in ("file:///etc/hostname", "http://127.0.0.1/", "data:text/css,p{}"):
        with pytest.raises(ValueError, match=f"disallowed protocol: {re.escape(address)}$"):
            fetcher.fetch(address)


@pytest.mark.usefixtures("_weasyprint")
def test_a_page_that_asks_for_files_gets_none(tmp_path: Path) -> None:
    (tmp_path / "secret.css").write_text("p::after { content: 'leaked' }")
    page = f'<link rel="stylesheet" href="file://{tmp_path}/secret.css"><p>読めます</p>'
    done = subprocess.run(
        [sys.executable, "-m", "tracker.published_tables.pdf_process"],
        input=page.encode(),
        capture_output=True,
        check=True,
    )
    assert text_of(done.stdout) == "読めます"


class Streams:
    """Standard input and output of a process, in memory."""

    def __init__(self, page: str) -> None:
        self.given, self.printed = io.BytesIO(page.encode()), io.BytesIO()

    @property
    def stdin(self) -> SimpleNamespace:
        return SimpleNamespace(buffer=self.given)

    @property
    def stdout(self) -> SimpleNamespace:
        return SimpleNamespace(buffer=self.printed)


@pytest.mark.usefixtures("_weasyprint")
def test_the_process_prints_its_input_and_numbers_the_headings(monkeypatch: pytest.MonkeyPatch) -> None:
    page = "<html lang=ja><title>表</title><table><tr><th>甲<th>乙<tr><td>丙<td>丁</table>"
    printed = []
    for _again in range(2):
        streams = Streams(page)
        monkeypatch.setattr(sys, "stdin", streams.stdin)
        monkeypatch.setattr(sys, "stdout", streams.stdout)
        assert pdf_process.main() == 0
        printed.append(streams.printed.getvalue())
    monkeypatch.undo()
    assert text_of(printed[0]) == "甲乙丙丁"
    assert printed[0] == printed[1]


def test_the_process_says_when_weasyprint_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    assert pdf_process.main() == pdf_process.MISSING
    assert "weasyprint" in capsys.readouterr().err


# --- without it ---


@pytest.fixture
def _no_weasyprint(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A module of that name that fails as WeasyPrint does where Pango is not installed."""
    (tmp_path / "weasyprint.py").write_text("raise OSError('cannot load library libpango')")
    monkeypatch.setattr(published_pdf, "SURROUNDINGS", (*published_pdf.SURROUNDINGS, "PYTHONPATH"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


@pytest.mark.usefixtures("_no_weasyprint")
def test_without_weasyprint_it_says_what_to_do() -> None:
    with pytest.raises(PdfUnavailable) as caught:
        published_pdf.write_pdf(table_with())
    assert str(caught.value).startswith("PDF を作る部品（WeasyPrint）が入っていません。")


def test_a_process_that_fails_is_a_problem_with_its_last_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "weasyprint.py").write_text("raise RuntimeError('no room')")
    monkeypatch.setattr(published_pdf, "SURROUNDINGS", (*published_pdf.SURROUNDINGS, "PYTHONPATH"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(
        PdfProblem, match=r"^PDF を作れませんでした（RuntimeError: no room）。もう一度試し、同じなら管理者に"
    ):
        published_pdf.write_pdf(table_with())


def test_a_process_that_does_not_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published_pdf, "SECONDS", 0.01)
    with pytest.raises(PdfProblem, match=r"^PDF を作るのに時間がかかりすぎたので、やめました。$"):
        published_pdf.write_pdf(table_with())


def test_nothing_of_the_servers_settings_reaches_the_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "weasyprint.py").write_text("import os\nraise RuntimeError(sorted(os.environ))")
    monkeypatch.setenv("SECRET_KEY", "x" * 60)
    monkeypatch.setenv("DATABASE_URL", "postgres://…")
    monkeypatch.setattr(published_pdf, "SURROUNDINGS", (*published_pdf.SURROUNDINGS, "PYTHONPATH"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(PdfProblem) as caught:
        published_pdf.write_pdf(table_with())
    assert "PYTHONPATH" in str(caught.value)
    assert [name for name in ("SECRET_KEY", "DATABASE_URL", "STATE_DIR") if name in str(caught.value)] == []


def test_a_table_with_more_columns_than_the_paper_has_room_for_says_so() -> None:
    """Letters stay as large as they are; what would be too narrow to be read is not printed."""
    extras = {f"項目{number}": "・あり" for number in range(20)}
    with pytest.raises(PdfProblem, match="列が多すぎて（28 列）"):
        published_pdf.html(table_with(initiative(extras=extras)))
    published_pdf.html(table_with(initiative(extras=dict.fromkeys(list(extras)[:5], "・あり"))))
