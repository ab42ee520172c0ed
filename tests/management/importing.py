"""Imports in tests: a text as a file through the command, and what the database holds."""

from io import StringIO
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management import call_command

from tests.published_tables.file.writing import HEADINGS, NEXT_ROW, PLEDGE_ROW, small_text
from tracker.models import City, Report, Synonym


def run_import(file: Path, **options: Any) -> str:
    """Runs import_report. Returns what it printed on standard output."""
    out = StringIO()
    call_command("import_report", str(file), stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def import_text(folder: Path, content: str | bytes, **options: Any) -> str:
    """Writes the content as 表.txt and imports it."""
    file = folder / "表.txt"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return run_import(file, **options)


def published(folder: Path, content: str | None = None, **options: Any) -> Report:
    """A small table, imported and published."""
    import_text(folder, content or small_text(), publish=True, **options)
    return Report.objects.latest("pk")


def next_year(*rows: tuple[str, ...]) -> str:
    """A small table as the year after would have it: results of 令和6年度, the plan for 令和7年度."""
    headings = (*HEADINGS[:6], "令和6年度の主な取組", "令和7年度の取組予定", *HEADINGS[7:])
    grown = rows or (later(PLEDGE_ROW, "A"), later(NEXT_ROW, "A"))
    return small_text(*grown, headings=headings, as_of="令和7年3月末")


def later(row: tuple[str, ...], rating: str) -> tuple[str, ...]:
    """A row of the year after: what was done in 令和6年度, and what is planned next."""
    return (*row[:6], "・開きました。", "・続けます。", rating, row[8])


NOT_BROUGHT = (City, Synonym)  # what no table brings


def counts() -> dict[str, int]:
    """How many rows each of our tables has."""
    return {
        model._meta.label: model._default_manager.count()
        for model in apps.get_app_config("tracker").get_models(True)
        if model not in NOT_BROUGHT
    }


def snapshot() -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all our tables."""
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values_list())
        for model in apps.get_app_config("tracker").get_models(True)
        if model not in NOT_BROUGHT
    }
