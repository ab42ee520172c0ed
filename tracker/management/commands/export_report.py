"""`manage.py export_report AS_OF FILE`: a report as the published table (掲載表), a workbook or a PDF."""

import os
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tracker.models import Report
from tracker.published_tables import pdf
from tracker.published_tables.file import writing
from tracker.published_tables.from_report import notes_of, table_of
from tracker.published_tables.pdf import PdfProblem, PdfUnavailable
from tracker.published_tables.pdf_process import SECONDS
from tracker.turns import Busy
from tracker.words.system_errors import in_words
from tracker.workbooks.problems import FileProblem

WRITERS: dict[str, Callable[..., bytes]] = {
    ".xlsx": writing.write_workbook,
    ".pdf": partial(pdf.write_pdf, patience=SECONDS),
}


class Command(BaseCommand):
    help = "公表版を、掲載する表（.xlsx または .pdf）として書き出します。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("as_of", metavar="AS_OF", help="公表版の時点（2024-03-31 の形）")
        parser.add_argument("file", metavar="FILE", type=Path, help="書き出すファイル（.xlsx または .pdf）")
        slug_help = "マニフェストの名前（同じ時点の公表版が 2 つ以上あるとき）"
        parser.add_argument("--manifesto", metavar="SLUG", help=slug_help)
        parser.add_argument("--edition", metavar="N", type=int, help="版の番号（初期値は最後の版）")

    def handle(self, *args: Any, as_of: str, file: Path, **options: Any) -> None:
        write = WRITERS.get(file.suffix.lower())
        if write is None:
            raise CommandError(f"{file.name}：ファイルの名前は .xlsx か .pdf で終わるようにしてください。")
        report = _report(_date(as_of), options["manifesto"], options["edition"])
        self.stdout.write(f"{_named(report)}（取組 {report.entry_count} 件）を書き出しています…")
        entries = list(report.entries.order_by("position"))
        try:
            content = write(table_of(report, entries), notes_of(report, entries))
        except (FileProblem, PdfUnavailable, PdfProblem, Busy) as problem:
            raise CommandError(f"{problem} 何も書き出していません。") from problem
        _put(file, content)
        self.stdout.write(f"{file} に書き出しました（{len(content):,} バイト）。")


def _date(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError as problem:
        raise CommandError(f"AS_OF {written}：時点は 2024-03-31 の形で書いてください。") from problem


def _report(as_of: date, slug: str | None, edition: int | None) -> Report:
    """The report that is meant, or a CommandError that says which ones there are."""
    found = Report.objects.filter(as_of=as_of).order_by("-edition")
    if slug is not None:
        found = found.filter(slug=slug)
    slugs = sorted({report.slug for report in found})
    if len(slugs) > 1:
        words = f"{as_of} の公表版は {'・'.join(slugs)} にあります。--manifesto でどれかを選んでください。"
        raise CommandError(words)
    report = found.first() if edition is None else found.filter(edition=edition).first()
    if report is None:
        raise CommandError(f"その公表版はありません。{_what_there_is()}")
    return report


def _what_there_is() -> str:
    reports = Report.objects.order_by("slug", "as_of", "edition")
    names = [f"{_named(report)}（{report.dated_label}）" for report in reports]
    return f"あるのは次のとおりです：{'、'.join(names)}" if names else "まだ何も公表されていません。"


def _named(report: Report) -> str:
    return f"{report.slug} {report.as_of} 第{report.edition}版"


def _put(file: Path, content: bytes) -> None:
    """Writes the file as a whole: one that is there is replaced only when the new one is complete."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        beside.write_bytes(content)
        beside.replace(file)
    except OSError as problem:
        beside.unlink(missing_ok=True)
        words = f"{file}：書き出せません（{in_words(problem)}）。場所を確かめてください。"
        raise CommandError(words) from problem
