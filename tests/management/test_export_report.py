"""`manage.py export_report`: what it writes and says, and that a refusal leaves everything as it was."""

import subprocess
import sys
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.machine import weasyprint
from tests.public.building import make_entry, save_report
from tests.published_tables.file.tables import meaning
from tracker.management.commands.export_report import WRITERS
from tracker.published_tables.file.reading import read_table
from tracker.published_tables.from_report import table_of
from tracker.published_tables.pdf import PdfUnavailable

pytestmark = pytest.mark.django_db

PROJECT = Path(__file__).resolve().parents[2]


def export(as_of: str, file: Path, **options: Any) -> list[str]:
    out = StringIO()
    call_command("export_report", as_of, str(file), stdout=out, **options)
    return out.getvalue().splitlines()


def refusal(as_of: str, file: Path, **options: Any) -> str:
    with pytest.raises(CommandError) as caught:
        export(as_of, file, **options)
    return str(caught.value)


def test_a_report_is_written_as_a_workbook_and_reads_back(tmp_path: Path) -> None:
    report = save_report([make_entry(number) for number in range(1, 60)])
    file = tmp_path / "掲載表.XLSX"
    assert export("2024-03-31", file) == [
        "2017 2024-03-31 第1版（取組 59 件）を書き出しています…",
        f"{file} に書き出しました（{file.stat().st_size:,} バイト）。",
    ]
    assert meaning(read_table(file)) == meaning(table_of(report))
    assert [each.name for each in tmp_path.iterdir()] == [file.name]


def test_the_last_edition_is_written_unless_another_is_asked_for(tmp_path: Path) -> None:
    save_report([make_entry(1), make_entry(2)])
    save_report([make_entry(1)], edition=2)
    assert (
        export("2024-03-31", tmp_path / "a.xlsx")[0]
        == "2017 2024-03-31 第2版（取組 1 件）を書き出しています…"
    )
    assert export("2024-03-31", tmp_path / "b.xlsx", edition=1)[0].startswith(
        "2017 2024-03-31 第1版（取組 2 件）"
    )


def test_a_pdf_is_written_where_the_name_says_so(tmp_path: Path) -> None:
    save_report([make_entry(1)])
    weasyprint()
    export("2024-03-31", tmp_path / "表.pdf")
    assert (tmp_path / "表.pdf").read_bytes().startswith(b"%PDF-")


def test_without_weasyprint_nothing_is_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def unavailable(*_arguments: object) -> bytes:
        raise PdfUnavailable("部品がありません。")

    save_report([make_entry(1)])
    monkeypatch.setitem(WRITERS, ".pdf", unavailable)
    assert refusal("2024-03-31", tmp_path / "表.pdf") == "部品がありません。 何も書き出していません。"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("as_of", "name", "message"),
    [
        ("2024-03-31", "表.csv", "表.csv：ファイルの名前は .xlsx か .pdf で終わるようにしてください。"),
        ("令和6年3月", "表.xlsx", "AS_OF 令和6年3月：時点は 2024-03-31 の形で書いてください。"),
        (
            "2025-03-31",
            "表.xlsx",
            "その公表版はありません。あるのは次のとおりです："
            "2017 2024-03-31 第1版（令和6年3月末時点）、2021 2024-03-31 第1版（令和6年3月末時点）",
        ),
        (
            "2024-03-31",
            "表.xlsx",
            "2024-03-31 の公表版は 2017・2021 にあります。--manifesto でどれかを選んでください。",
        ),
    ],
)
def test_what_is_not_there_is_refused(tmp_path: Path, as_of: str, name: str, message: str) -> None:
    save_report([make_entry(1)])
    save_report([make_entry(1)], slug="2021")
    assert refusal(as_of, tmp_path / name) == message
    assert list(tmp_path.iterdir()) == []


def test_a_manifesto_and_an_edition_that_are_not_there(tmp_path: Path) -> None:
    assert (
        refusal("2024-03-31", tmp_path / "表.xlsx") == "その公表版はありません。まだ何も公表されていません。"
    )
    save_report([make_entry(1)])
    there = "その公表版はありません。あるのは次のとおりです：2017 2024-03-31 第1版（令和6年3月末時点）"
    assert refusal("2024-03-31", tmp_path / "表.xlsx", edition=3) == there
    assert refusal("2024-03-31", tmp_path / "表.xlsx", manifesto="2021") == there
    assert len(export("2024-03-31", tmp_path / "表.xlsx", manifesto="2017", edition=1)) == 2


def test_a_text_that_no_cell_holds_is_named_and_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "表.xlsx").write_bytes(b"old")
    save_report([make_entry(1, results={"2023": "甲\x07"})])
    assert refusal("2024-03-31", tmp_path / "表.xlsx") == (
        "取組 1-1-1-1 の「令和5年度の主な取組」に、Excel のセルに入らない文字（U+0007）があります。"
        "その文字を除いてから、公表し直してください。 何も書き出していません。"
    )
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("表.xlsx", b"old")]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    save_report([make_entry(1)])
    file = tmp_path / "無い" / "表.xlsx"
    assert (
        refusal("2024-03-31", file)
        == f"{file}：書き出せません（その名前のファイルやフォルダーがありません）。場所を確かめてください。"
    )
    (tmp_path / "箱.xlsx").mkdir()
    assert refusal("2024-03-31", tmp_path / "箱.xlsx").endswith(
        "書き出せません（ファイルではなく、フォルダーです）。場所を確かめてください。"
    )
    assert [each.name for each in tmp_path.iterdir()] == ["箱.xlsx"]


def test_the_command_ends_with_1_and_no_traceback(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "export_report", "2024-03-31", str(tmp_path / "表.txt")],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert (
        done.stderr == "CommandError: 表.txt：ファイルの名前は .xlsx か .pdf で終わるようにしてください。\n"
    )


def test_dates_of_earlier_reports_can_be_asked_for(tmp_path: Path) -> None:
    save_report([make_entry(1)], as_of=date(2023, 3, 31))
    save_report([make_entry(1)])
    assert export("2023-03-31", tmp_path / "表.xlsx")[0].startswith("2017 2023-03-31 第1版")
